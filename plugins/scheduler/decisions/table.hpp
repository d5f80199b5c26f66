/// Records of one kind, as a decision sees and changes them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/base/decision.hpp>

#include "codec/record_codec.hpp"

namespace scheduler {

/// Throws `decision_refused` if a change of the tree that must succeed did not.
inline void must(troupe::error_code error, std::string_view what, std::string_view path) {
  if (error == troupe::error_code::ok) return;
  throw troupe::decision_refused(error, "the scheduler cannot " + std::string{what} + " " +
                                            std::string{path} + ": " +
                                            std::string{to_string(error)});
}

/// A persistent node that anybody may use; mounts guard themselves otherwise.
inline void create_node(troupe::decision_tree& tree, const std::string& path, troupe::blob data) {
  troupe::create_op op;
  op.path = path;
  op.data = std::move(data);
  op.acl = {{troupe::permission_all, {"world", "anyone"}}};
  must(tree.create(std::move(op), {}).error, "create", path);
}

/// Reads each record once and writes it at most once, at the end. Pointers stay valid as long as
/// the table.
template <class Record>
class table {
public:
  /// Null if there is no such node. One whose bytes are not ours refuses the decision.
  Record* find(troupe::decision_tree& tree, const std::string& path) {
    const auto [where, is_new] = slots_.try_emplace(path);
    auto& one = where->second;
    if (!is_new) return one.record ? &*one.record : nullptr;
    const auto facts = tree.node(path);
    if (!facts) return nullptr;
    one.was = facts->data;
    if (!decode(one.was.view(), one.record.emplace())) {
      throw troupe::decision_refused(troupe::error_code::marshalling_error,
                                     path + " does not contain what the scheduler wrote; restore "
                                            "it, or delete it");
    }
    return &*one.record;
  }

  /// One that does not exist yet.
  Record& add(const std::string& path, Record record) {
    auto& one = slots_[path];
    one.is_new = true;
    return one.record.emplace(std::move(record));
  }

  /// Forgets a record whose node is removed by other means.
  void forget(const std::string& path) { slots_[path].record.reset(); }

  /// Writes what has changed; parents before children.
  void commit(troupe::decision_tree& tree) {
    for (auto& [path, one] : slots_) {
      if (!one.record) continue;
      const auto bytes = encode(*one.record);
      if (one.is_new) {
        create_node(tree, path, bytes);
      } else if (!(bytes == one.was)) {
        must(tree.set_data(path, bytes, troupe::any_version), "write", path);
      }
      one.is_new = false;
      one.was = bytes;
    }
  }

private:
  struct slot {
    std::optional<Record> record;
    troupe::blob was;
    bool is_new = false;
  };
  std::map<std::string, slot> slots_;
};

}  // namespace scheduler
