/// A tree in memory for decisions, with sessions, a clock, a budget, and decisions that are taken
/// back when they throw.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <troupe/base/decision.hpp>
#include <troupe/base/znode_path.hpp>

namespace scheduler_tests {

class memory_tree final : public troupe::decision_tree {
public:
  memory_tree() { nodes_["/"]; }

  std::size_t budget = 20'000;  ///< accesses of one decision, as the server has
  std::size_t most_used = 0;    ///< by any decision
  std::int64_t clock_ms = 1'700'000'000'000;
  std::set<std::uint64_t> sessions;
  /// Changes of all decisions; operations a transaction would carry.
  std::size_t changes = 0;

  /// Runs a decision; what it throws takes back what it did, and goes on to the caller.
  template <class Decide>
  auto run(Decide decide) {
    used_ = 0;
    undo_.clear();
    ++zxid_;
    try {
      return decide(*this);
    } catch (...) {
      for (auto one = undo_.rbegin(); one != undo_.rend(); ++one)
        restore(one->first, one->second);
      throw;
    }
  }

  std::optional<node_facts> node(std::string_view path) override {
    spend(1);
    const auto found = nodes_.find(std::string{path});
    if (found == nodes_.end()) return std::nullopt;
    node_facts facts{found->second.data, {}, troupe::node_kind::persistent};
    facts.stat.num_children = static_cast<std::int32_t>(found->second.children.size());
    facts.stat.ephemeral_owner = {found->second.owner};
    return facts;
  }
  std::vector<std::string> children(std::string_view path) override {
    const auto found = nodes_.find(std::string{path});
    if (found == nodes_.end()) {
      spend(1);
      return {};
    }
    spend(1 + found->second.children.size());
    return {found->second.children.begin(), found->second.children.end()};
  }
  bool is_open(troupe::session_id session) override {
    spend(1);
    return sessions.contains(session.value);
  }
  bool allows(std::string_view path, std::int32_t, const troupe::identities&) override {
    spend(1);
    return nodes_.contains(std::string{path});
  }
  [[nodiscard]] troupe::zxid next_zxid() const override { return {zxid_}; }
  [[nodiscard]] troupe::wall_time now() const override { return {clock_ms}; }

  created create(troupe::create_op op, troupe::session_id owner) override {
    spend(1);
    if (!troupe::is_valid_path(op.path)) return {troupe::error_code::bad_arguments, {}};
    const std::string parent{troupe::parent_path(op.path)};
    const auto above = nodes_.find(parent);
    if (above == nodes_.end()) return {troupe::error_code::no_node, {}};
    if (nodes_.contains(op.path)) return {troupe::error_code::node_exists, {}};
    remember(op.path);
    above->second.children.insert(std::string{troupe::base_name(op.path)});
    nodes_[op.path] = {op.data, {}, owner.value};
    return {troupe::error_code::ok, op.path};
  }
  troupe::error_code remove(std::string_view path, std::int32_t) override {
    spend(1);
    const auto found = nodes_.find(std::string{path});
    if (found == nodes_.end()) return troupe::error_code::no_node;
    if (!found->second.children.empty()) return troupe::error_code::not_empty;
    remember(std::string{path});
    nodes_.erase(found);
    nodes_[std::string{troupe::parent_path(path)}].children.erase(
        std::string{troupe::base_name(path)});
    return troupe::error_code::ok;
  }
  troupe::error_code set_data(std::string_view path, troupe::blob data, std::int32_t) override {
    spend(1);
    const auto found = nodes_.find(std::string{path});
    if (found == nodes_.end()) return troupe::error_code::no_node;
    remember(std::string{path});
    found->second.data = std::move(data);
    return troupe::error_code::ok;
  }

  /// What a client does: sets the data of an ephemeral or persistent node, made if missing.
  void put(const std::string& path, const std::string& data, std::uint64_t owner = 0) {
    nodes_[path].data = troupe::blob{data};
    nodes_[path].owner = owner;
    nodes_[std::string{troupe::parent_path(path)}].children.insert(
        std::string{troupe::base_name(path)});
  }
  /// Ends a session with its ephemeral nodes.
  void end_session(std::uint64_t session) {
    sessions.erase(session);
    std::vector<std::string> mine;
    for (const auto& [path, one] : nodes_)
      if (one.owner == session) mine.push_back(path);
    for (const auto& path : mine) {
      nodes_.erase(path);
      nodes_[std::string{troupe::parent_path(path)}].children.erase(
          std::string{troupe::base_name(path)});
    }
  }
  [[nodiscard]] bool has(const std::string& path) const { return nodes_.contains(path); }
  [[nodiscard]] std::string data(const std::string& path) const {
    const auto found = nodes_.find(path);
    return found == nodes_.end() ? "-" : std::string{found->second.data.view()};
  }
  [[nodiscard]] std::set<std::string> below(const std::string& path) const {
    const auto found = nodes_.find(path);
    return found == nodes_.end() ? std::set<std::string>{} : found->second.children;
  }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }

private:
  struct entry {
    troupe::blob data;
    std::set<std::string> children;
    std::uint64_t owner = 0;
  };

  void spend(std::size_t accesses) {
    used_ += accesses;
    most_used = std::max(most_used, used_);
    if (used_ > budget) throw troupe::decision_over_budget{"over the budget"};
  }
  void remember(const std::string& path) {
    ++changes;
    const auto found = nodes_.find(path);
    undo_.emplace_back(path, found == nodes_.end() ? std::nullopt : std::optional{found->second});
  }
  void restore(const std::string& path, const std::optional<entry>& was) {
    auto& siblings = nodes_[std::string{troupe::parent_path(path)}].children;
    const std::string name{troupe::base_name(path)};
    if (was) {
      nodes_[path] = *was;
      siblings.insert(name);
    } else {
      nodes_.erase(path);
      siblings.erase(name);
    }
  }

  std::unordered_map<std::string, entry> nodes_;
  std::vector<std::pair<std::string, std::optional<entry>>> undo_;
  std::uint64_t zxid_ = 0;
  std::size_t used_ = 0;
};

}  // namespace scheduler_tests
