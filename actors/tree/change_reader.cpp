#include "actors/tree/change_reader.hpp"

#include <string_view>
#include <utility>
#include <variant>

#include "actors/tree/codec/txn_codec.hpp"
#include "actors/tree/core/access.hpp"

namespace troupe::tree {
namespace {

using role::tree::tree_change;

bool is_within(std::string_view path, std::string_view prefix) noexcept {
  return path.starts_with(prefix) &&
         (path.size() == prefix.size() || prefix == "/" || path[prefix.size()] == '/');
}

/// Takes from one transaction what somebody asked for.
class picker {
public:
  picker(const role::tree::read_changes& asked, role::tree::changes& into)
      : asked_(asked), into_(into) {}

  void pick(txn& decided, const hidden_changes& hidden) {
    decided_ = &decided;
    auto next = hidden.begin();
    for (std::uint32_t place = 0; place < decided.changes.size(); ++place) {
      list_ = nullptr;
      if (next != hidden.end() && next->place == place) list_ = (next++)->list.get();
      std::visit([this](auto& one) { take(one); }, decided.changes[place]);
    }
  }
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

private:
  void take(change::create_node& c) {
    list_ = &c.acl;
    if (auto* made = add(tree_change::kind::created, c.path)) {
      made->node = c.kind;
      made->owner = c.owner;
      put(*made, c.path, c.data);
    }
  }
  void take(change::delete_node& c) {
    if (auto* gone = add(tree_change::kind::deleted, c.path)) put(*gone, c.path, {});
  }
  void take(change::set_data& c) {
    if (auto* changed = add(tree_change::kind::data_changed, c.path)) {
      changed->version = c.version;
      put(*changed, c.path, c.data);
    }
  }
  void take(change::set_acl& c) {
    list_ = &c.acl;
    if (auto* changed = add(tree_change::kind::acl_changed, c.path)) {
      changed->version = c.aversion;
      put(*changed, c.path, {});
    }
  }
  template <class Other>
  void take(const Other&) {}  // about no node, or nothing changed

  /// Null if it is not to be told.
  tree_change* add(tree_change::kind what, std::string_view path) {
    if (!is_within(path, asked_.prefix)) return nullptr;
    if (list_ && !is_allowed(*list_, permission_read, asked_.who)) return nullptr;
    auto& one = into_.changes.emplace_back();
    one.what = what;
    one.zxid = decided_->zxid;
    one.time = decided_->time;
    return &one;
  }
  void put(tree_change& into, std::string& path, blob data) {
    bytes_ += path.size() + data.size();
    into.path = std::move(path);
    into.data = std::move(data);
  }

  const role::tree::read_changes& asked_;
  role::tree::changes& into_;
  const txn* decided_ = nullptr;
  const acl* list_ =
      nullptr;  ///< under which the present change could be read; null: everybody may
  std::size_t bytes_ = 0;
};

}  // namespace

role::tree::changes read_changes(const change_ring& ring, const role::tree::read_changes& asked,
                                 std::string& wrong) {
  role::tree::changes answer;
  answer.token = asked.token;
  answer.oldest = ring.floor();
  answer.through = asked.after;
  answer.overrun = asked.after < ring.floor();
  if (answer.overrun) return answer;
  picker from{asked, answer};
  const auto& entries = ring.entries();
  const auto first = ring.first_after(asked.after);
  auto at = first;
  for (; at < entries.size(); ++at) {
    if (at - first >= most_changes_looked_at || from.bytes() >= asked.most_bytes) break;
    auto decided = codec::decode(entries[at].txn.body);
    if (!decided) {
      wrong = decided.error().message;
      answer.overrun = true;
      return answer;
    }
    from.pick(*decided, entries[at].hidden);
    answer.through = entries[at].txn.zxid;
  }
  answer.more = at < entries.size();
  return answer;
}

}  // namespace troupe::tree
