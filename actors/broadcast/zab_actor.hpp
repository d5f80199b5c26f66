/// The broadcast of an ensemble.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/election.hpp>
#include <troupe/roles/peer.hpp>
#include <troupe/roles/storage.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/broadcast/codec/message_codec.hpp"
#include "actors/broadcast/core/unresolved_writes.hpp"
#include "actors/broadcast/core/zab/member.hpp"
#include "actors/broadcast/zab_metrics.hpp"

namespace troupe::broadcast {

struct zab_tick {};

/// Recovers the history, and then lets ZAB's core decide: translates what peers, storage, tree and
/// election say, and carries out what the core wants (zab_effects.cpp). Writes of this server's
/// gateways are kept until their outcome is delivered here (zab_requests.cpp).
class zab_actor final : public sdk::pinned_actor {
public:
  zab_actor(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "broadcast.zab"; }

private:
  enum class phase { waiting, recovering, running, stopping };

  // zab_actor.cpp
  void start();
  void stop();
  void leave();
  void recovered(role::storage::recovered& message);
  void begin_if_known();
  void link_up(const role::peer::link_up& message);
  void link_down(const role::peer::link_down& message);
  void received(role::peer::received& message);
  void space_changed(const role::storage::space_changed& message);
  void attach(const role::broadcast::listener& listener);
  void schedule_tick();
  void tick();
  /// Lets the core do something, and carries out what it wants.
  template <class Step>
  void step(Step what);

  // zab_status.cpp
  void members(const role::peer::membership& message);
  [[nodiscard]] role::broadcast::serving_changed serving() const;
  [[nodiscard]] role::broadcast::inspection look_around(std::uint64_t token);
  void report_status(std::uint64_t token);

  // zab_effects.cpp
  void carry_out();
  void carry_out(zab::effect::send& wanted);
  void carry_out(zab::effect::append& wanted);
  void carry_out(zab::effect::truncate& wanted);
  void carry_out(zab::effect::write_epochs& wanted);
  void carry_out(zab::effect::read_range& wanted);
  void carry_out(zab::effect::deliver& wanted);
  void carry_out(zab::effect::lead& wanted);
  void carry_out(zab::effect::prepare& wanted);
  void carry_out(zab::effect::touch& wanted);
  void carry_out(zab::effect::stop_leading& wanted);
  void carry_out(zab::effect::look& wanted);
  void carry_out(zab::effect::settled& wanted);
  void carry_out(zab::effect::serving& wanted);
  void carry_out(zab::effect::diverged& wanted);
  void carry_out(zab::effect::note& wanted);
  void carry_out(zab::effect::alarm& wanted);
  void truncated();
  /// Gateways hear that this server serves when its tree, and whoever listens to that, has all that
  /// was delivered before.
  void announce_when_applied();

  // zab_snapshots.cpp
  void carry_out(zab::effect::locate& wanted);
  void carry_out(zab::effect::read_snapshot& wanted);
  void carry_out(zab::effect::next_snapshot_chunk& wanted);
  void carry_out(zab::effect::release_snapshot& wanted);
  void carry_out(zab::effect::install_begin& wanted);
  void carry_out(zab::effect::install_chunk& wanted);
  void carry_out(zab::effect::install_end& wanted);
  void carry_out(zab::effect::install_abandon& wanted);
  void located(const role::storage::located& message);
  void snapshot_piece(role::storage::snapshot_piece& message);
  void install_progress(const role::storage::install_progress& message);
  /// The history is a snapshot of the leader; now the tree gets it, from the disk.
  void reload(zxid base);
  void reload_piece(role::storage::snapshot_piece& message);

  // zab_sessions.cpp
  void carry_out(zab::effect::session_claims& wanted);
  void carry_out(zab::effect::session_answers& wanted);
  void carry_out(zab::effect::sessions_moved& wanted);

  // zab_requests.cpp
  void submit(role::broadcast::submit& message);
  /// What was not sent to the present leader yet, and then requests that nobody waits for.
  void send_unsent(std::vector<write_request> unanswered = {});
  [[nodiscard]] bool decides() const noexcept { return core_ && serving_.serves && serving_.leads; }
  void refuse_decisions();
  void prepare(std::vector<write_request> requests);
  void prepared(role::tree::prepared& message);
  /// Forgets the requests whose outcomes these are. `committed` gets the outcomes of those that
  /// were lost between them.
  void note_outcomes(std::vector<zab::proposal>& committed);
  void find_own_in_log();
  /// Joins wait for the tree: what their sender asked for before is in the history then.
  void join_when_prepared(server_id from, zab::message said);
  void let_join();

  const role::storage::actor storage_;
  const role::tree::actor tree_;
  const role::election::actor election_;
  const role::peer::actor peers_;
  sdk::ports& ports_;
  const server_id server_;
  zab::settings settings_;
  zab_metrics metrics_;
  std::vector<std::pair<server_id, std::string>> voters_, observers_;  ///< with addresses

  phase phase_ = phase::waiting;
  bool members_known_ = false;
  bool leaving_ = false;  ///< it hands over, then stops
  std::optional<zab::history> recovering_;
  std::optional<role::storage::recovery::end> recovered_end_;
  std::optional<zab::member> core_;

  std::map<server_id, std::uint64_t> links_;
  std::map<server_id, std::vector<blob>> outbox_;  ///< of this step
  codec::step_encoder encoder_;
  bool truncating_ = false;
  using behind_truncation = std::variant<zab::effect::append, zab::effect::install_begin>;
  std::deque<behind_truncation> behind_truncation_;
  std::map<std::uint64_t, zxid> readings_;  ///< snapshots to be read, and how old they may be
  bool completing_ = false;                 ///< a received snapshot
  struct reloading {
    std::uint64_t token = 0;
    zxid base;
  };
  std::optional<reloading> reloading_;
  std::uint64_t reloads_ = 0;
  bool replaced_ = false;  ///< the tree, since gateways were told that this server serves

  unresolved_writes unresolved_;
  monotonic_time others_wait_until_;  ///< for this thread, if it waits for the disk
  zxid last_delivered_;               ///< to the tree
  std::uint64_t prepares_asked_ = 0, prepares_answered_ = 0;
  struct held_join {
    std::uint64_t after = 0;  ///< so many answers of the tree
    server_id from;
    zab::message said;
  };
  std::deque<held_join> held_joins_;

  zab::effect::serving serving_;
  bool serving_began_ = false;  ///< in this step
  monotonic_time serving_since_;
  std::size_t applying_ = 0;  ///< questions to the tree whether it has applied everything
  bool announced_ = false;    ///< gateways know that this server serves
  std::vector<role::broadcast::listener> listeners_;
  role::broadcast::touch_listener sessions_;
  sdk::timer tick_timer_;
};

template <class Step>
void zab_actor::step(Step what) {
  if (!core_ || phase_ != phase::running) return;
  core_->at(ports_.clock.now());
  what(*core_);
  carry_out();
  if (leaving_ && phase_ == phase::running && !core_->leads()) leave();
}

}  // namespace troupe::broadcast

TROUPE_MESSAGE(troupe::broadcast::zab_tick)
