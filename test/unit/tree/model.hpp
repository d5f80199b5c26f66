/// A tree so simple that it is obviously right: a map from path to node, operations one at a time.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <troupe/base/operation.hpp>

namespace troupe::tree::test {

struct model_node {
  std::string data;
  bool null_data = false;
  node_kind kind = node_kind::persistent;
  session_id owner;
  std::int32_t version = 0, aversion = 0;
  std::int32_t created = 0;
  zxid czxid, mzxid, pzxid;
  std::int64_t ctime = 0, mtime = 0;
  bool operator==(const model_node&) const = default;
};

/// World-open nodes only; paths are valid. Answers with error codes in ZooKeeper's order.
class model {
public:
  model() {
    for (const char* path : {"/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config"})
      nodes[path] = {};
  }

  std::map<std::string, model_node> nodes;
  std::map<session_id, milliseconds> sessions;
  zxid next;
  std::int64_t now = 0;

  static std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
  }
  std::vector<std::string> children_of(const std::string& path) const {
    std::vector<std::string> names;
    for (const auto& [other, node] : nodes)
      if (other != "/" && parent_of(other) == path)
        names.push_back(other.substr(other.rfind('/') + 1));
    return names;
  }
  stat stat_of(const std::string& path) const {
    const auto& n = nodes.at(path);
    stat s;
    s.czxid = n.czxid;
    s.mzxid = n.mzxid;
    s.pzxid = n.pzxid;
    s.ctime_ms = n.ctime;
    s.mtime_ms = n.mtime;
    s.version = n.version;
    s.num_children = static_cast<std::int32_t>(children_of(path).size());
    s.cversion = 2 * n.created - s.num_children;
    s.aversion = path == "/zookeeper/config" ? n.aversion - 1 : n.aversion;
    s.ephemeral_owner = n.owner;
    s.data_length = static_cast<std::int32_t>(n.data.size());
    return s;
  }

  write_result apply(session_id session, const create_op& op) {
    if (!sessions.count(session)) return {error_code::session_expired, {}, {}};
    const auto parent = parent_of(op.path);
    if (!nodes.count(parent)) return {error_code::no_node, {}, {}};
    auto path = op.path;
    if (op.sequential) {
      auto digits = std::to_string(nodes[parent].created);
      path += std::string(10 - digits.size(), '0') + digits;
    }
    if (nodes.count(path)) return {error_code::node_exists, {}, {}};
    if (nodes[parent].kind == node_kind::ephemeral)
      return {error_code::no_children_for_ephemerals, {}, {}};
    ++nodes[parent].created;
    nodes[parent].pzxid = next;
    auto& made = nodes[path];
    made.data = op.data.view();
    made.null_data = op.data.is_null();
    made.kind = op.kind;
    if (op.kind == node_kind::ephemeral) made.owner = session;
    made.czxid = made.mzxid = made.pzxid = next;
    made.ctime = made.mtime = now;
    return {error_code::ok, path, stat_of(path)};
  }
  write_result apply(session_id session, const delete_op& op) {
    if (!sessions.count(session)) return {error_code::session_expired, {}, {}};
    if (!nodes.count(parent_of(op.path)) || !nodes.count(op.path))
      return {error_code::no_node, {}, {}};
    if (op.version != -1 && op.version != nodes[op.path].version)
      return {error_code::bad_version, {}, {}};
    if (!children_of(op.path).empty()) return {error_code::not_empty, {}, {}};
    remove(op.path);
    return {};
  }
  write_result apply(session_id session, const set_data_op& op) {
    if (!sessions.count(session)) return {error_code::session_expired, {}, {}};
    if (!nodes.count(op.path)) return {error_code::no_node, {}, {}};
    auto& node = nodes[op.path];
    if (op.version != -1 && op.version != node.version) return {error_code::bad_version, {}, {}};
    ++node.version;
    node.data = op.data.view();
    node.null_data = op.data.is_null();
    node.mzxid = next;
    node.mtime = now;
    return {error_code::ok, {}, stat_of(op.path)};
  }
  write_result apply(session_id session, const set_acl_op& op) {
    if (!sessions.count(session)) return {error_code::session_expired, {}, {}};
    if (!nodes.count(op.path)) return {error_code::no_node, {}, {}};
    auto& node = nodes[op.path];
    if (op.version != -1 && op.version != node.aversion) return {error_code::bad_version, {}, {}};
    ++node.aversion;
    return {error_code::ok, {}, stat_of(op.path)};
  }
  write_result apply(session_id session, const check_op& op) {
    if (!sessions.count(session)) return {error_code::session_expired, {}, {}};
    if (!nodes.count(op.path)) return {error_code::no_node, {}, {}};
    const bool fits = op.version == -1 || op.version == nodes[op.path].version;
    return {fits ? error_code::ok : error_code::bad_version, {}, {}};
  }
  write_result close(session_id session) {
    if (!sessions.count(session)) return {error_code::session_expired, {}, {}};
    std::vector<std::string> owned;
    for (const auto& [path, node] : nodes)
      if (node.owner == session) owned.push_back(path);
    for (const auto& path : owned)
      remove(path);
    sessions.erase(session);
    return {};
  }
  void remove(const std::string& path) {
    nodes.erase(path);
    nodes[parent_of(path)].pzxid = next;
  }
};

}  // namespace troupe::tree::test
