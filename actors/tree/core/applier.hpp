/// The apply stage: a decided transaction becomes state, events and outcomes.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include <troupe/base/txn.hpp>

#include "actors/tree/core/change_ring.hpp"
#include "actors/tree/core/effects.hpp"
#include "actors/tree/core/state.hpp"
#include "actors/tree/core/watch_table.hpp"

namespace troupe::tree {

/// Applies transactions one change after another, and after each change fires the watches it
/// touches, so that a watcher is told in the order of changes and filtered by the access control
/// lists of that very moment (protocol sections 7.3 and 7.4). A one-shot watch is consumed even
/// when its event is filtered.
class applier {
public:
  applier(state& target, watch_table& watches, std::vector<effect::any>& effects)
      : state_(target), watches_(watches), effects_(effects) {}

  /// Empty, or what is wrong with a transaction that does not fit the state. `results` gets one
  /// entry for each operation of the request.
  std::string_view apply(const txn& decided, std::vector<write_result>& results);
  /// The same when nobody waits for results here; the session may.
  std::string_view apply(const txn& decided);

  /// The lists under which the data of changes could be read then, by the places of the changes in
  /// the transaction: only of those that not everybody may read, and that do not say it themselves.
  [[nodiscard]] hidden_changes& hidden() noexcept { return hidden_; }

private:
  using fault = state::fault;
  std::string_view apply_changes(const txn& decided);
  fault apply_one(const change::create_node& c);
  fault apply_one(const change::delete_node& c);
  fault apply_one(const change::set_data& c);
  fault apply_one(const change::set_acl& c);
  fault apply_one(const change::checked& c);
  fault apply_one(const change::create_session& c);
  fault apply_one(const change::close_session& c);
  fault apply_one(const change::set_secret& c);
  fault apply_one(const change::answered& c);

  void add_result(const node* which = nullptr, const std::string* path = nullptr);
  /// Sends the event to those of `watchers` who may read under `list`.
  void fire(event_kind kind, std::string_view path, std::vector<watcher_id> watchers,
            const acl& list);
  void fire_children_changed(std::string_view path);

  state& state_;
  watch_table& watches_;
  std::vector<effect::any>& effects_;
  const txn* decided_ = nullptr;
  hidden_changes hidden_;
  std::uint32_t place_ = 0;  ///< of the present change
  bool scripted_ = false;    ///< results say more than those of ZooKeeper's operations
  std::vector<write_result>* results_ = nullptr;
};

}  // namespace troupe::tree
