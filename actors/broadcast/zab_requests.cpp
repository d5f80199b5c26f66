// Writes on their way to the leader's tree, and their outcomes.
#include <algorithm>
#include <iterator>
#include <utility>

#include "actors/broadcast/codec/txn_origin.hpp"
#include "actors/broadcast/zab_actor.hpp"

namespace troupe::broadcast {
namespace {

verdict refusal(const write_request& request, error_code error, zxid after) {
  return {request.origin, request.session, after,
          std::vector<write_result>(results_of(request.op), {error, {}, {}}), kind_of(request.op)};
}

/// A refusal is not logged, so it is lost with its leader, unlike the transactions around it. Where
/// those show that there was one, the client is told that its outcome is unknown.
verdict outcome_unknown(const write_request& request, zxid after) {
  return refusal(request, error_code::operation_timeout, after);
}

bool is_decision(const write_request& request) {
  return std::holds_alternative<decide_op>(request.op);
}

bool is_too_deep(const std::vector<script_step>& steps, std::size_t depth) {
  return std::any_of(steps.begin(), steps.end(), [&](const script_step& one) {
    const auto* choice = std::get_if<choose_op>(&one.what);
    return choice && (depth >= script_op::deepest || is_too_deep(choice->then, depth + 1) ||
                      is_too_deep(choice->otherwise, depth + 1));
  });
}

/// What no other server could read is not sent there.
bool is_too_deep(const write_request& request) {
  const auto* script = std::get_if<script_op>(&request.op);
  return script && is_too_deep(script->steps, 0);
}

}  // namespace

void zab_actor::submit(role::broadcast::submit& message) {
  if (!message.disk_bound) others_wait_until_ = ports_.clock.now() + message.disk_bound_again;
  std::vector<write_request> unanswered;
  std::vector<zab::proposal> refused;
  for (auto& one : message.requests) {
    if (is_decision(one) && !decides())
      refused.emplace_back(refusal(one, error_code::not_leader, last_delivered_));
    else if (is_too_deep(one))
      refused.emplace_back(refusal(one, error_code::bad_arguments, last_delivered_));
    else if (one.origin != origin{})
      unresolved_.keep(std::move(one));
    else
      unanswered.push_back(std::move(one));
  }
  if (!refused.empty()) tree_.send(role::tree::deliver{std::move(refused)});
  if (core_ && serving_.serves) send_unsent(std::move(unanswered));
}

/// Decisions are code of this process. Those of a time as leader that are not in the history that
/// the next one was given are lost for certain: nothing of them happened.
void zab_actor::refuse_decisions() {
  std::vector<zab::proposal> refused;
  for (const auto& one : unresolved_.take_unsent_if(is_decision))
    refused.emplace_back(refusal(one, error_code::not_leader, last_delivered_));
  if (!refused.empty()) tree_.send(role::tree::deliver{std::move(refused)});
}

void zab_actor::send_unsent(std::vector<write_request> unanswered) {
  if (!decides()) refuse_decisions();
  auto requests = unresolved_.take_unsent();
  requests.insert(requests.end(), std::make_move_iterator(unanswered.begin()),
                  std::make_move_iterator(unanswered.end()));
  if (requests.empty()) return;
  if (serving_.leads) return prepare(std::move(requests));
  step([&](zab::member& core) { (void)core.forward_to_leader(requests); });
}

void zab_actor::prepare(std::vector<write_request> requests) {
  ++prepares_asked_;
  tree_.send(role::tree::prepare{std::move(requests)});
}

void zab_actor::prepared(role::tree::prepared& message) {
  if (!message.unasked) ++prepares_answered_;
  step([&](zab::member& core) { core.proposed(message.epoch, std::move(message.proposals)); });
  let_join();
}

void zab_actor::note_outcomes(std::vector<zab::proposal>& committed) {
  if (unresolved_.size() == 0) {
    if (const auto* txn = std::get_if<encoded_txn>(&committed.back())) last_delivered_ = txn->zxid;
    return;
  }
  std::vector<zab::proposal> complete;
  complete.reserve(committed.size());
  for (auto& one : committed) {
    const auto* refused = std::get_if<verdict>(&one);
    const auto* txn = std::get_if<encoded_txn>(&one);
    const auto whose = refused ? refused->origin : codec::origin_of(txn->body);
    if (whose.server == server_) {
      for (const auto& lost : unresolved_.resolved(whose))
        complete.emplace_back(outcome_unknown(lost, last_delivered_));
    }
    if (txn) last_delivered_ = txn->zxid;
    complete.push_back(std::move(one));
  }
  committed = std::move(complete);
}

/// The leader may have what this server asked for in an earlier conversation with it. All such
/// transactions are in the history that it has just been given.
void zab_actor::find_own_in_log() {
  if (unresolved_.size() == 0) return;
  const auto& history = core_->log();
  for (const auto& txn : history.after(history.committed()).value_or(std::vector<encoded_txn>{})) {
    const auto whose = codec::origin_of(txn.body);
    if (whose.server == server_) unresolved_.on_its_way(whose);
  }
}

void zab_actor::join_when_prepared(server_id from, zab::message said) {
  held_joins_.push_back({prepares_asked_, from, std::move(said)});
  let_join();
}

void zab_actor::let_join() {
  while (!held_joins_.empty() && held_joins_.front().after <= prepares_answered_) {
    auto next = std::move(held_joins_.front());
    held_joins_.pop_front();
    step([&](zab::member& core) { core.received(next.from, std::move(next.said)); });
  }
}

}  // namespace troupe::broadcast
