/// The actor of the room.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include <troupe/roles/storage.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log_budget.hpp>

#include "actors/tree/codec/snapshot_codec.hpp"
#include "actors/tree/codec/snapshot_stream.hpp"
#include "actors/tree/core/snapshot_loader.hpp"
#include "actors/tree/core/tree.hpp"
#include "actors/tree/decision_watchdog.hpp"
#include "actors/tree/lane_outputs.hpp"
#include "actors/tree/tree_metrics.hpp"

namespace troupe::tree {

/// To itself: look for nodes that nobody needs any more.
struct reap_tick {};
/// To itself: go on with the snapshot, which had nothing to write yet.
struct snapshot_step {
  std::uint64_t number = 0;  ///< which snapshot since the start
};

/// To itself: go on with long lists of children.
struct list_step {};

/// Translates between messages and the core, encodes what the core decided, and gives each lane
/// what concerns it in one message per message handled. How much is in flight is bounded by those
/// who send: gateways and the session component limit what they have outstanding.
class tree_actor final : public sdk::pinned_actor {
public:
  tree_actor(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "tree.znode"; }

private:
  void load(role::tree::load& message);
  std::string load_piece(const role::storage::recovery::snapshot_begin& piece);
  std::string load_piece(const role::storage::recovery::snapshot_chunk& piece);
  std::string load_piece(const role::storage::recovery::committed& piece);
  void load_finished(const role::tree::load_finished& message);

  void lead(role::tree::lead& message);
  void stop_leading(role::tree::stop_leading& message);
  std::optional<verdict> withdrawn(const encoded_txn& proposed);
  void prepare(role::tree::prepare& message);
  std::variant<txn, verdict> prepare_one(role::tree::request& asked, wall_time now);
  void tell_complaints();
  void reap();
  void schedule_reap();
  role::tree::proposal propose(txn decided);

  void deliver(role::tree::deliver& message);
  bool deliver_one(const encoded_txn& committed);

  void read(role::tree::read& message);
  void tell_changes(const role::tree::read_changes& asked);
  void advance_lists();
  void schedule_lists();

  void begin_snapshot_if_wanted();
  void tell_digest_if_due();
  void snapshot_progress(const role::storage::snapshot_progress& message);
  void write_snapshot();

  void flush();
  [[nodiscard]] lane_outputs new_outputs() const;
  void tell_everything();
  void list_ephemerals(role::tree::inspection& into, std::size_t most) const;
  void inspect(const role::tree::inspect& message);
  void report_status(std::uint64_t token);

  const role::storage::actor storage_;
  sdk::clock& clock_;
  sdk::timers& timers_;
  const nanoseconds reap_interval_;
  const std::size_t reap_limit_;  ///< for one round

  tree tree_;
  change_ring ring_;
  decision_watchdog watchdog_;
  sdk::log_budget complaints_{20, std::chrono::seconds{1}};
  role::tree::sequencer sequencer_;
  role::tree::session_listener sessions_;
  std::map<std::uint32_t, role::tree::lane> lanes_;
  sdk::timer reap_timer_;
  sdk::timer list_timer_;

  /// Prepared here and not delivered yet, so that applying them needs no decoding.
  struct own_proposal {
    blob body;
    txn decided;
  };
  std::deque<own_proposal> own_;

  std::optional<snapshot_loader> loader_;
  std::optional<codec::snapshot_decoder> decoder_;
  std::optional<codec::snapshot_stream> snapshot_;
  bool snapshot_wanted_ = false;  ///< until it begins
  bool snapshot_ending_ = false;
  bool snapshot_forgotten_ = false;  ///< storage still has one whose state was replaced
  const std::shared_ptr<sdk::metrics> all_metrics_;
  const tree_metrics metrics_;
  std::uint64_t snapshots_begun_ = 0;
  zxid last_snapshot_;
  wall_time last_snapshot_at_;
  zxid told_applied_;  ///< what the lanes know
  bool ready_ = false;
  bool told_exhausted_ = false;
};

}  // namespace troupe::tree

TROUPE_MESSAGE(troupe::tree::reap_tick)
TROUPE_MESSAGE(troupe::tree::snapshot_step)
TROUPE_MESSAGE(troupe::tree::list_step)
