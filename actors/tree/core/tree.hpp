/// The whole room without its actor: one object that is told what happens and says what to do.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/txn.hpp>

#include "actors/tree/core/change_ring.hpp"
#include "actors/tree/core/effects.hpp"
#include "actors/tree/core/listing_line.hpp"
#include "actors/tree/core/options.hpp"
#include "actors/tree/core/preparer.hpp"
#include "actors/tree/core/read_parking.hpp"
#include "actors/tree/core/reader.hpp"
#include "actors/tree/core/state.hpp"
#include "actors/tree/core/watch_table.hpp"

namespace troupe::tree {

/// Why this shape: replies, events and reads must leave in one order that follows from the commit
/// stream alone. So there is one list of effects, and everything that produces some runs here, one
/// after another. Time and identity come in with the calls; nothing is asked for.
///
/// The order around one transaction Z: events of Z, then the outcome of Z at its origin, then the
/// end of sessions by Z, then reads that were parked behind it, then verdicts that waited for Z,
/// each followed by reads parked behind it, then the next transaction. Pieces of long lists stand
/// wherever a step falls; what they belong to stands where it was read.
class tree {
public:
  explicit tree(const tree_options& options) : options_(options) {}
  tree(const tree&) = delete;
  tree& operator=(const tree&) = delete;

  /// Outcomes with an origin of this server and start are ours to answer.
  void set_server(server_id server, std::uint32_t start);

  // -------------------------------------------------------------- prepare
  void lead(std::uint32_t epoch, std::string secret, bool ensemble = false) {
    preparer_.lead(epoch, std::move(secret), ensemble);
  }
  void stop_leading() { preparer_.stop(); }
  [[nodiscard]] const preparer& preparing() const noexcept { return preparer_; }
  [[nodiscard]] preparer& preparing() noexcept { return preparer_; }
  /// Transactions that remove what nobody needs any more, at most `limit`.
  std::vector<txn> reap(wall_time now, std::size_t limit);

  // ---------------------------------------------------------------- apply
  /// Replays a committed transaction of the recovered history, silently: nobody was there. Empty,
  /// or what is wrong with it.
  std::string replay(const txn& decided);
  /// A committed transaction, which must follow the newest one applied.
  void deliver(const txn& decided);
  /// Of the newest one: which of its changes not everybody may know of.
  [[nodiscard]] hidden_changes take_hidden() { return std::exchange(hidden_, {}); }
  /// A refusal; released once the state that refused is applied.
  void deliver(verdict refusal);

  // ----------------------------------------------------------------- read
  /// A new lane has this number. Nothing is left of one that had it before.
  void lane_began(std::uint32_t lane) {
    parking_.reset(lane);
    watches_.remove_lane(lane);
    listings_.drop_lane(lane);
  }
  /// Runs a read, or parks it. The result becomes an effect.
  void read(std::uint32_t lane, read_request request);
  /// Whether a read that comes with this number of a write has to wait.
  [[nodiscard]] bool must_wait(std::uint32_t lane, std::uint64_t after) const {
    return parking_.must_wait(lane, after);
  }
  /// Runs a read that does not have to wait, and returns what it gives. Effects that there are then
  /// come before it.
  read_result run(const read_asker& asker, const read_op& op) {
    return run_read(state_, watches_, listings_, effects_, asker, op);
  }
  /// A message with reads, or with what they are parked behind, is about to be handled.
  void message_begins() noexcept { listings_.message_begins(); }
  /// Long lists of children that are not complete. As long as there are some, `advance_lists` is to
  /// be called, with other work in between.
  [[nodiscard]] std::size_t unfinished_lists() const noexcept { return listings_.size(); }
  void advance_lists() { listings_.advance(effects_); }
  void give_up_lists() { listings_.give_up(effects_); }
  void watcher_identities(watcher_id watcher, identities who);
  void watcher_gone(watcher_id watcher);

  [[nodiscard]] bool has_effects() const noexcept { return !effects_.empty(); }
  /// Makes room for so many effects more, so that the list does not grow step by step.
  void expect_effects(std::size_t count) { effects_.reserve(effects_.size() + count); }
  /// What happened since the last call, in order.
  std::vector<effect::any> take_effects() { return std::exchange(effects_, {}); }

  [[nodiscard]] const state& committed() const noexcept { return state_; }
  [[nodiscard]] state& committed() noexcept { return state_; }
  [[nodiscard]] const watch_table& watches() const noexcept { return watches_; }
  [[nodiscard]] std::size_t parked_reads() const noexcept { return parking_.size(); }
  [[nodiscard]] const tree_options& options() const noexcept { return options_; }

private:
  [[nodiscard]] bool is_ours(const origin& from) const noexcept;
  void answer(const txn& decided, std::vector<write_result> results);
  void release(verdict refusal);
  void repeat(const verdict& retry);
  void release_due();
  void write_resolved(const origin& from);
  void run_now(std::uint32_t lane, const read_request& request);

  const tree_options options_;
  state state_;
  watch_table watches_;
  watch_table nobody_;  ///< who watches while history is replayed
  listing_line listings_{state_, options_.listings};
  preparer preparer_{state_, options_};
  read_parking parking_;
  std::deque<verdict> held_;  ///< ours, waiting for their `after`
  std::vector<effect::any> effects_;
  hidden_changes hidden_;
  server_id server_;
  std::uint32_t start_ = 0;
};

}  // namespace troupe::tree
