#include "actors/election/fixed_actor.hpp"

#include <string>

#include <troupe/sdk/log.hpp>

namespace troupe::election {

fixed_actor::fixed_actor(caf::actor_config& config, sdk::reactor_unit& home,
                         sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      self_(context.deployment.server), leader_{static_cast<std::uint32_t>(
                                            context.options.integer("leader"))},
      retry_(context.options.duration("retry")), clock_(context.ports.clock),
      timers_(context.ports.timers) {}

caf::behavior fixed_actor::make_behavior() {
  return handlers<role::component::actor, role::election::actor>(
      [this](const role::election::attach& m) { client_ = m.client; },
      [this](const role::election::look& m) { look(m); },
      [this](const role::election::settled&) { timer_.reset(); },
      [this](const role::component::start&) { report_ready(); },
      [this](const role::component::stop&) {
        timer_.reset();
        finish();
      },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void fixed_actor::on_exit() {
  timer_.reset();
  client_.reset();
}

void fixed_actor::look(const role::election::look& message) {
  timer_.reset();
  if (leader_ == self_ && !message.eligible) {
    sdk::log::warning("election_without_leader",
                      {{"leader", leader_.value},
                       {"reason", "the only server that may lead says that it must not"}});
    return;
  }
  // A leader that cannot be reached would be given out for ever, as fast as it is asked for.
  const auto now = clock_.now();
  if (now >= next_answer_) return answer();
  timer_ = timers_.after(next_answer_ - now, [this] { answer(); });
}

void fixed_actor::answer() {
  next_answer_ = clock_.now() + retry_;
  client_.send(role::election::elected{leader_, ++round_});
}

void fixed_actor::report_status(std::uint64_t token) {
  supervisor_.send(role::component::status_report{
      token,
      number_,
      {{"leader", std::to_string(leader_.value)}, {"round", std::to_string(round_)}}});
}

}  // namespace troupe::election
