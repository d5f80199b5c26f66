/// The volatile side of sessions.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log_budget.hpp>

#include "actors/session/core/deadlines.hpp"
#include "actors/session/core/id_generator.hpp"

namespace troupe::session {

/// Gives ids to new sessions, keeps deadlines, and asks for the end of those that expire. Which
/// sessions exist it learns only from the tree, so it is never ahead of what is committed. Whether
/// one still lives, only the leader knows: it may be about to expire. So the others ask it before a
/// client goes on with a session (session_moves.cpp).
class session_actor final : public sdk::pinned_actor {
public:
  session_actor(caf::actor_config& config, sdk::reactor_unit& home,
                sdk::component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "session.replicated"; }

private:
  void start();
  void serving_changed(const role::broadcast::serving_changed& message);
  void sessions_changed(const role::tree::session_changes& message);

  void open(const role::session::open& message);
  void touch(const role::session::touch& message);
  void inspect(const role::session::inspect& message);
  void report_status(std::uint64_t token);

  // session_moves.cpp
  void resume(const role::session::resume& message);
  void resume_here(const role::session::resume& message);
  void accept(const role::session::resume& message, milliseconds timeout, session_owner former);
  void refuse(const role::session::resume& message);
  void wait_for_secret(const role::session::resume& message);
  void check_passwords();
  void ask_leader(const std::map<std::uint64_t, role::session::resume>& all);
  void go_on_with_resumes();
  void claims_asked(const role::broadcast::claims_asked& message);
  [[nodiscard]] claim_answer judge(server_id from, const session_claim& claim);
  void claims_answered(const role::broadcast::claims_answered& message);
  void sessions_moved(const role::broadcast::sessions_moved& message);
  void note_timeout(session_id session, milliseconds timeout);
  void hand_over(session_id session, server_id former, server_id to);
  void tell_lanes(session_id session, session_owner former, std::uint32_t but = 0);
  /// Whether this server knows which sessions live.
  [[nodiscard]] bool decides() const noexcept { return leading_ || !ensemble_; }

  void tell_leader_later();
  void tell_leader();
  void expire_due();
  void ask_who_is_heard();
  void expire_unless_unheard(const role::broadcast::inspection& around);
  void close_all(const std::vector<session_id>& expired);
  void schedule();
  void listen_first();
  [[nodiscard]] milliseconds negotiate(milliseconds wanted) const;

  const role::broadcast::actor broadcast_;
  const role::tree::actor tree_;
  sdk::clock& clock_;
  sdk::timers& timers_;
  const server_id server_;
  const nanoseconds tick_;
  const milliseconds shortest_, longest_;

  id_generator ids_;
  deadlines deadlines_;
  std::string secret_;
  bool serving_ = false;
  bool leading_ = false;
  bool ensemble_ = false;  ///< there are other servers
  /// Resumes that wait for the leader's word, or for a leader, by the token of the claim. Bounded
  /// by the connections of the gateways.
  std::map<std::uint64_t, role::session::resume> waiting_;
  std::uint64_t last_claim_ = 0;
  std::vector<role::session::resume> unchecked_;  ///< wait for the key of passwords
  sdk::timer secret_timer_;
  /// Claims that came before this server knew that it leads.
  std::deque<role::broadcast::claims_asked> early_claims_;
  std::map<std::uint32_t, role::session::lane> lanes_;
  sdk::timer timer_;
  monotonic_time timer_due_;
  std::vector<session_id> heard_;  ///< that the leader does not know of yet
  sdk::timer heard_timer_;
  bool listening_ = false;  ///< expiry is put off for a tick
  bool asking_ = false;     ///< expiry waits for the broadcast's word who is heard
  sdk::log_budget expiry_lines_{
      100, std::chrono::milliseconds{100}};  ///< clients can vanish by the thousand
  std::uint64_t opened_ = 0, expired_ = 0, resumed_ = 0;
  const sdk::gauge open_now_;
  const sdk::counter opened_total_, resumed_total_;
  std::vector<sdk::counter> closed_;  ///< by cause
};

}  // namespace troupe::session
