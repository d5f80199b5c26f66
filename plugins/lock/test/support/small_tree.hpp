/// A tree of nodes and sessions in memory, as decisions see it.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <troupe/base/decision.hpp>

namespace locks::test {

/// Every transaction takes a zxid; one that throws is taken back.
class small_tree final : public troupe::decision_tree {
public:
  struct node_entry {
    std::string data;
    troupe::stat stat;
    troupe::node_kind kind = troupe::node_kind::persistent;
    std::int32_t children_created = 0;
  };
  /// What watches of the whole tree would be told, in order.
  struct change {
    bool deleted = false;
    std::string path;
    bool operator==(const change&) const = default;
  };
  struct state {
    std::map<std::string, node_entry> nodes{{"/", {}}};
    std::set<std::uint64_t> sessions;
    std::uint64_t last_zxid = 0;
  };

  std::optional<node_facts> node(std::string_view path) override;
  std::vector<std::string> children(std::string_view path) override;
  bool is_open(troupe::session_id session) override;
  bool allows(std::string_view path, std::int32_t, const troupe::identities&) override {
    return node(path).has_value();
  }
  [[nodiscard]] troupe::zxid next_zxid() const override { return {now_.last_zxid + 1}; }
  [[nodiscard]] troupe::wall_time now() const override { return {1'000'000}; }
  created create(troupe::create_op op, troupe::session_id owner) override;
  troupe::error_code remove(std::string_view path, std::int32_t version) override;
  troupe::error_code set_data(std::string_view path, troupe::blob data,
                              std::int32_t version) override;

  /// Runs `f(*this)` as one transaction and gives what it returns.
  template <class F>
  auto run(F f) {
    const auto before = now_;
    changes_.clear();
    try {
      auto result = f(*this);
      if (!changes_.empty()) ++now_.last_zxid;
      return result;
    } catch (...) {
      now_ = before;
      changes_.clear();
      throw;
    }
  }
  /// What the last transaction changed.
  [[nodiscard]] const std::vector<change>& changes() const noexcept { return changes_; }

  troupe::session_id open();
  /// Deletes its ephemeral nodes too.
  void close(troupe::session_id session);
  /// A node made by a client of another make. Gives its final path.
  std::string put(const std::string& path, troupe::session_id owner, bool sequential = true);
  void erase(const std::string& path);

  [[nodiscard]] const state& now_is() const noexcept { return now_; }
  void go_back_to(const state& earlier) { now_ = earlier; }

private:
  state now_;
  std::vector<change> changes_;
  std::uint64_t next_session_ = 1;
};

}  // namespace locks::test
