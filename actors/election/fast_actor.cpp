#include "actors/election/fast_actor.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/election/codec/notification_codec.hpp"

namespace troupe::election {

namespace log = sdk::log;

namespace {

constexpr auto channel = role::peer::channel::election;

pace pace_of(const sdk::option_values& options) {
  return {options.duration("finalize_wait"), options.duration("repeat.first"),
          options.duration("repeat.most")};
}

const char* word_for(stage stage) {
  switch (stage) {
  case stage::idle:
    return "idle";
  case stage::looking:
    return "looking";
  case stage::decided:
    return "decided";
  case stage::settled:
    return "settled";
  }
  return "unknown";
}

}  // namespace

fast_actor::fast_actor(caf::actor_config& config, sdk::reactor_unit& home,
                       sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      self_(context.deployment.server), peers_(context.wire<role::peer::actor>("peer")),
      clock_(context.ports.clock), timers_(context.ports.timers),
      core_(self_, pace_of(context.options)),
      looks_total_(context.metrics->counter("troupe_election_looks_total",
                                            "How often this server had no leader.")),
      elected_total_(context.metrics->counter("troupe_election_elected_total",
                                              "Leaders that were found, this server included.")),
      refused_total_(context.metrics->counter("troupe_election_refused_total",
                                              "Notifications of peers that made no sense.")),
      looking_now_(context.metrics->gauge("troupe_election_looking",
                                          "1 while this server looks for a leader.")) {}

caf::behavior fast_actor::make_behavior() {
  return handlers<role::component::actor, role::election::actor, role::peer::client>(
      [this](const role::peer::received& m) { received(m); },
      [this](const role::peer::link_up& m) { link_up(m); },
      [this](const role::peer::link_down& m) { link_down(m); },
      [this](const role::peer::membership& m) { membership(m); },
      [this](const role::election::look& m) { look(m); },
      [this](const role::election::settled& m) { settled(m); },
      [this](const role::election::attach& m) { client_ = m.client; },
      [this](const role::component::start&) {
        peers_.send(role::peer::attach{channel, self<role::peer::client>()});
        report_ready();
      },
      [this](const role::component::stop&) {
        timer_.reset();
        finish();
      },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void fast_actor::on_exit() {
  timer_.reset();
  client_.reset();
}

// ------------------------------------------------------------------ peers

void fast_actor::membership(const role::peer::membership& message) {
  if (message.self != self_)
    return fail("this is server " + std::to_string(self_.value) + " by node.id, but server " +
                std::to_string(message.self.value) + " to the component with role peer");
  core_.set_members(message.voters, clock_.now());
  carry_out();
}

void fast_actor::link_up(const role::peer::link_up& message) {
  links_[message.peer] = message.link;
  core_.link_up(message.peer);
  carry_out();
}

void fast_actor::link_down(const role::peer::link_down& message) {
  const auto link = links_.find(message.peer);
  if (link == links_.end() || link->second != message.link) return;
  links_.erase(link);
  core_.link_down(message.peer, clock_.now());
  carry_out();
}

void fast_actor::received(const role::peer::received& message) {
  const auto link = links_.find(message.from);
  if (link == links_.end() || link->second != message.link) return;
  for (const auto& bytes : message.messages) {
    const auto heard = codec::decode(bytes);
    if (!heard) {
      refuse(message.from, heard.error().message);
      continue;
    }
    core_.receive(message.from, *heard, clock_.now());
  }
  carry_out();
}

void fast_actor::refuse(server_id from, const std::string& why) {
  ++undecodable_;
  if (const auto left_out = refusal_lines_.take(clock_.now()))
    log::warning("election_notification_refused",
                 {{"peer", from.value}, {"reason", why}, {"left_out", *left_out}});
}

// -------------------------------------------------------------- broadcast

void fast_actor::look(const role::election::look& message) {
  looks_total_.add();
  if (!looking_since_) looking_since_ = clock_.now();
  core_.look(
      {message.current_epoch, message.last, message.eligible, !message.votes, message.founder},
      clock_.now());
  log::info("election_begins", {{"round", core_.round()},
                                {"epoch", message.current_epoch},
                                {"last_zxid", to_string(message.last)},
                                {"eligible", message.eligible},
                                {"votes", message.votes},
                                {"founder", message.founder}});
  carry_out();
}

void fast_actor::settled(const role::election::settled& message) {
  looking_since_.reset();
  core_.settle(message.leader, message.epoch);
  carry_out();
}

// ----------------------------------------------------------------- effects

void fast_actor::carry_out() {
  const auto wanted = core_.take_effects();
  send_all(wanted);
  if (wanted.elected) {
    elected_total_.add();
    const auto waited = clock_.now() - looking_since_.value_or(clock_.now());
    log::info("election_decided",
              {{"leader", wanted.elected->leader.value},
               {"round", wanted.elected->round},
               {"took_ms", std::chrono::duration_cast<milliseconds>(waited).count()}});
    client_.send(role::election::elected{wanted.elected->leader, wanted.elected->round});
  }
  schedule();
}

/// One message for each peer, so that what it is told arrives together.
void fast_actor::send_all(const effects& wanted) {
  std::map<server_id, std::vector<blob>> letters;
  for (const auto& [peer, said] : wanted.sends)
    letters[peer].push_back(codec::encode(said));
  for (auto& [peer, messages] : letters)
    if (const auto link = links_.find(peer); link != links_.end())
      peers_.send(role::peer::send{channel, peer, link->second, std::move(messages)});
}

void fast_actor::schedule() {
  const auto due = core_.next_wake();
  if (due == timer_due_) return;
  timer_due_ = due;
  timer_.reset();
  if (!due) return;
  timer_ = timers_.after(std::max(nanoseconds{0}, *due - clock_.now()), [this] {
    timer_due_.reset();
    core_.wake(clock_.now());
    carry_out();
  });
}

void fast_actor::report_status(std::uint64_t token) {
  refused_total_.advance_to(core_.refused() + undecodable_);
  looking_now_.set(std::uint64_t{core_.stage() == stage::looking ? 1U : 0U});
  supervisor_.send(role::component::status_report{
      token,
      number_,
      {{"stage", word_for(core_.stage())},
       {"round", std::to_string(core_.round())},
       {"vote", std::to_string(core_.choice().leader.value)},
       {"linked_peers", std::to_string(links_.size())},
       {"refused_total", std::to_string(core_.refused() + undecodable_)}}});
}

}  // namespace troupe::election
