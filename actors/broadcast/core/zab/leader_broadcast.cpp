// Broadcast, seen from the leader (protocol section 11.7).
#include <algorithm>
#include <utility>

#include <troupe/base/check.hpp>

#include "actors/broadcast/core/zab/leader.hpp"

namespace troupe::broadcast::zab {

outcome leader::proposed(std::vector<proposal> proposals) {
  // What refusals stand before a transaction is confirmed with that.
  const bool refuses = !proposals.empty() && std::holds_alternative<verdict>(proposals.back());
  const auto round = refuses ? ask_for_confirmation() : last_ping_ + 1;
  order_.proposed(std::move(proposals), round);
  if (gathers()) {
    deliver();
    return outcome::goes_on;
  }
  return propose();
}

/// While a batch is on its way to the own disk, and no quorum has it without that, the next one is
/// gathered: fewer and larger messages and syncs, for everybody, at the price of a part of one
/// sync's time. Who writes alone never waits.
bool leader::gathers() const {
  const auto& log = shared_.log;
  return log.durable() < log.last() && log.committed() < log.last() &&
         order_.unappended() < shared_.fixed.most_gathered;
}

outcome leader::propose_gathered() {
  if (order_.unappended() == 0 || gathers()) return hand_over_when_ready();
  return propose();
}

outcome leader::propose() {
  if (auto txns = order_.take_appends(); !txns.empty()) {
    TROUPE_CHECK(shared_.log.append(txns), "the tree prepares without gaps");
    for (const auto& one : txns)
      sizes_.add(one.body.size());
    // The disk and the learners work at the same time.
    shared_.out.emplace_back(effect::append{txns, shared_.log.committed()});
    for (auto& [id, one] : learners_) {
      if (one.stage < stage::streaming) continue;
      one.sent = shared_.log.last();
      say(id, one, entries{txns});
    }
  }
  deliver();
  if (shared_.log.last().epoch() == epoch_ &&
      shared_.log.last().counter() >= shared_.fixed.last_counter)
    return give_up("the epoch is full");
  return hand_over_when_ready();
}

outcome leader::persisted() {
  commit_what_a_quorum_has();
  return propose_gathered();
}

outcome leader::take(server_id from, learner& one, const durable& message) {
  if (message.last > one.sent) {
    drop(from, "it has what it was not sent");
    return outcome::goes_on;
  }
  one.durable = std::max(one.durable, message.last);
  if (one.stage == stage::catching_up) {
    note_progress(one);
    catch_up(from, one);
  } else if (one.stage == stage::accepted) {
    commit_what_a_quorum_has();
  }
  return propose_gathered();
}

/// The newest transaction that every member of some quorum has durably. Acknowledgements are
/// cumulative, so nothing is committed before what precedes it; and what an older epoch left was
/// committed when this one was established, never by counting (protocol section 11.9).
void leader::commit_what_a_quorum_has() {
  if (phase_ != phase::broadcast) return;
  auto& log = shared_.log;
  std::vector<zxid> reached{log.durable()};
  for (const auto& [id, one] : learners_)
    if (one.votes && one.stage == stage::accepted) reached.push_back(one.durable);
  std::sort(reached.rbegin(), reached.rend());
  for (const auto candidate : reached) {
    if (candidate <= log.committed()) return;
    const bool own = log.durable() >= candidate;
    if (!is_quorum(own, [&](const learner& one) {
          return one.stage == stage::accepted && one.durable >= candidate;
        }))
      continue;
    (void)log.commit(candidate);
    order_.persisted(candidate);
    return deliver();
  }
}

/// Hands on what is committed: to the own tree all of it, to each learner how far it is, and the
/// refusals of its own requests.
void leader::deliver() {
  auto due = order_.take_deliveries();
  if (due.empty()) return;
  bool moved = false;
  std::map<server_id, std::vector<verdict>> refusals;
  for (const auto& one : due) {
    if (const auto* refused = std::get_if<verdict>(&one))
      refusals[refused->origin.server].push_back(*refused);
    else
      moved = true;
  }
  for (const auto& [id, one] : learners_) {
    if (one.stage != stage::accepted) continue;
    const auto own = refusals.find(id);
    if (!moved && own == refusals.end()) continue;
    say(id, one,
        commit{shared_.log.committed(),
               own == refusals.end() ? std::vector<verdict>{} : std::move(own->second)});
  }
  shared_.out.emplace_back(effect::deliver{std::move(due)});
}

outcome leader::take(server_id from, learner& one, forward& message) {
  if (phase_ != phase::broadcast || one.stage != stage::accepted) {
    drop(from, "it forwarded writes before it served");
    return outcome::goes_on;
  }
  if (!handing_over_.empty()) return outcome::goes_on;  // the next leader will be asked
  shared_.out.emplace_back(effect::prepare{std::move(message.requests)});
  return outcome::goes_on;
}

outcome leader::take(server_id, learner&, touched& message) {
  shared_.out.emplace_back(effect::touch{std::move(message.sessions)});
  return outcome::goes_on;
}

outcome leader::take(server_id from, learner&, const leave& message) {
  shared_.note("learner_left", "server " + std::to_string(from.value) + ": " + message.reason);
  forget(learners_.find(from));
  return outcome::goes_on;
}

}  // namespace troupe::broadcast::zab
