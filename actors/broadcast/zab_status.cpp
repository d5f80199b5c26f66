// The server in its ensemble, for people and monitoring.
#include <algorithm>
#include <chrono>
#include <string>

#include "actors/broadcast/zab_actor.hpp"

namespace troupe::broadcast {

namespace {

using role::broadcast::server_mode;

const char* name_of(server_mode mode) {
  switch (mode) {
  case server_mode::leader:
    return "leader";
  case server_mode::follower:
    return "follower";
  case server_mode::observer:
    return "observer";
  case server_mode::standalone:
  case server_mode::starting:
    break;
  }
  return "starting";
}

milliseconds whole(nanoseconds time) { return std::chrono::duration_cast<milliseconds>(time); }

/// `2 synced, lag 0; 3 catching_up, lag 1200`
std::string learners_text(const role::broadcast::inspection& now) {
  std::string text;
  for (const auto& one : now.learners) {
    text += (text.empty() ? "" : "; ") + std::to_string(one.server.value) + " " + one.stage +
            (one.votes ? "" : " observer") + ", lag " + std::to_string(one.lag);
  }
  return text;
}

}  // namespace

role::broadcast::serving_changed zab_actor::serving() const {
  const bool serves = serving_.serves && announced_;
  const bool leads = serves && serving_.leads;
  auto mode = server_mode::starting;
  if (leads) {
    mode = server_mode::leader;
  } else if (serves) {
    mode = settings_.voters.is_voter(server_) ? server_mode::follower : server_mode::observer;
  }
  return {serves,  mode,
          leads,   core_ ? core_->log().committed() : zxid{},
          server_, recovered_end_ ? recovered_end_->start_number : 0,
          serves};
}

role::broadcast::inspection zab_actor::look_around(std::uint64_t token) {
  role::broadcast::inspection all;
  all.token = token;
  all.ensemble = true;
  all.self = server_;
  all.mode = serving().mode;
  all.voters = voters_;
  all.observers = observers_;
  if (!core_) return all;
  const auto now = ports_.clock.now();
  core_->at(now);
  const auto here = core_->look_around();
  all.phase = here.phase;
  all.leader = here.leader;
  all.epoch = here.epoch;
  if (serving_.serves) all.leader_for = whole(now - serving_since_);
  all.leader_silence = whole(here.leader_silence);
  all.last = core_->log().last();
  all.committed = core_->log().committed();
  all.lag = here.lag;
  all.pending_syncs = here.pending_syncs;
  all.last_proposal = here.sizes.last;
  all.smallest_proposal = here.sizes.smallest;
  all.largest_proposal = here.sizes.largest;
  for (const auto& one : here.learners) {
    all.learners.push_back({one.server, one.votes, one.synced, std::string{one.stage}, one.durable,
                            one.lag, whole(one.silence), whole(one.synced_for)});
  }
  return all;
}

void zab_actor::members(const role::peer::membership& message) {
  settings_.voters = message.voters;
  voters_.clear();
  observers_.clear();
  for (const auto& [id, address] : message.addresses)
    (message.voters.is_voter(id) ? voters_ : observers_).emplace_back(id, address);
  members_known_ = true;
  begin_if_known();
}

void zab_actor::report_status(std::uint64_t token) {
  const auto now = look_around(0);
  metrics_.publish(now, serving_.serves, unresolved_.size());
  role::component::status_report all{token, number_, {}};
  const auto add = [&](const char* key, std::string value) {
    all.facts.emplace_back(key, std::move(value));
  };
  add("mode", name_of(now.mode));
  add("serving", serving_.serves ? "true" : "false");
  add("leading", serving_.leads ? "true" : "false");
  if (core_) {
    add("phase", now.phase);
    add("leader", now.leader ? std::to_string(now.leader->value) : "none");
    add("leader_for_ms", std::to_string(now.leader_for.count()));
    add("leader_silence_ms", std::to_string(now.leader_silence.count()));
    if (settings_.lease > nanoseconds{0})
      add("lease", core_->look_around().holds_lease ? "held" : "not held");
    add("accepted_epoch", std::to_string(core_->on_disk().accepted));
    add("epoch", std::to_string(now.epoch));
    add("last_zxid", to_string(now.last));
    add("durable_zxid", to_string(core_->log().durable()));
    add("committed_zxid", to_string(now.committed));
    add("lag", std::to_string(now.lag));
    add("learners", learners_text(now));
  }
  add("unresolved_writes", std::to_string(unresolved_.size()));
  supervisor_.send(std::move(all));
}

}  // namespace troupe::broadcast
