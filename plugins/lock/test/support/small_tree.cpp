#include "small_tree.hpp"

#include <troupe/base/znode_path.hpp>

namespace locks::test {

using troupe::error_code;

std::optional<troupe::decision_tree::node_facts> small_tree::node(std::string_view path) {
  const auto found = now_.nodes.find(std::string{path});
  if (found == now_.nodes.end()) return std::nullopt;
  return node_facts{troupe::blob{found->second.data}, found->second.stat, found->second.kind};
}

std::vector<std::string> small_tree::children(std::string_view path) {
  const auto prefix = path == "/" ? std::string{"/"} : std::string{path} + "/";
  std::vector<std::string> names;
  for (auto one = now_.nodes.upper_bound(prefix);
       one != now_.nodes.end() && one->first.starts_with(prefix); ++one)
    if (one->first.find('/', prefix.size()) == std::string::npos)
      names.push_back(one->first.substr(prefix.size()));
  return names;
}

bool small_tree::is_open(troupe::session_id session) {
  return now_.sessions.contains(session.value);
}

troupe::decision_tree::created small_tree::create(troupe::create_op op, troupe::session_id owner) {
  const auto parent = now_.nodes.find(std::string{troupe::parent_path(op.path)});
  if (parent == now_.nodes.end()) return {error_code::no_node, {}};
  if (parent->second.kind == troupe::node_kind::ephemeral)
    return {error_code::no_children_for_ephemerals, {}};
  if (owner && !is_open(owner)) return {error_code::session_expired, {}};
  if (op.sequential) op.path += troupe::sequence_suffix(parent->second.children_created);
  node_entry made;
  made.data = op.data.view();
  made.kind = op.kind;
  made.stat.czxid = made.stat.mzxid = made.stat.pzxid = next_zxid();
  made.stat.ephemeral_owner = owner;
  if (!now_.nodes.emplace(op.path, std::move(made)).second) return {error_code::node_exists, {}};
  ++parent->second.children_created;
  parent->second.stat.pzxid = next_zxid();
  changes_.push_back({false, op.path});
  return {error_code::ok, op.path};
}

error_code small_tree::remove(std::string_view path, std::int32_t version) {
  const auto found = now_.nodes.find(std::string{path});
  if (found == now_.nodes.end()) return error_code::no_node;
  if (version != troupe::any_version && version != found->second.stat.version)
    return error_code::bad_version;
  if (!children(path).empty()) return error_code::not_empty;
  now_.nodes.at(std::string{troupe::parent_path(path)}).stat.pzxid = next_zxid();
  now_.nodes.erase(found);
  changes_.push_back({true, std::string{path}});
  return error_code::ok;
}

error_code small_tree::set_data(std::string_view path, troupe::blob data, std::int32_t version) {
  const auto found = now_.nodes.find(std::string{path});
  if (found == now_.nodes.end()) return error_code::no_node;
  if (version != troupe::any_version && version != found->second.stat.version)
    return error_code::bad_version;
  found->second.data = data.view();
  ++found->second.stat.version;
  found->second.stat.mzxid = next_zxid();
  changes_.push_back({false, std::string{path}});
  return error_code::ok;
}

troupe::session_id small_tree::open() {
  ++now_.last_zxid;
  now_.sessions.insert(next_session_);
  return {next_session_++};
}

void small_tree::close(troupe::session_id session) {
  run([&](small_tree& tree) {
    std::vector<std::string> ephemerals;
    for (const auto& [path, one] : tree.now_.nodes)
      if (one.stat.ephemeral_owner == session) ephemerals.push_back(path);
    for (const auto& path : ephemerals)
      tree.remove(path, troupe::any_version);
    tree.now_.sessions.erase(session.value);
    return 0;
  });
}

std::string small_tree::put(const std::string& path, troupe::session_id owner, bool sequential) {
  return run([&](small_tree& tree) {
    troupe::create_op op;
    op.path = path;
    op.sequential = sequential;
    if (owner) op.kind = troupe::node_kind::ephemeral;
    return tree.create(std::move(op), owner).path;
  });
}

void small_tree::erase(const std::string& path) {
  run([&](small_tree& tree) { return tree.remove(path, troupe::any_version); });
}

}  // namespace locks::test
