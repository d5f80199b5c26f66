#include "actors/tree/core/tree.hpp"

#include <utility>

#include <troupe/base/check.hpp>
#include <troupe/base/session_password.hpp>

#include "actors/tree/core/applier.hpp"
#include "actors/tree/core/reaper.hpp"

namespace troupe::tree {

void tree::set_server(server_id server, std::uint32_t start) {
  server_ = server;
  start_ = start;
}

bool tree::is_ours(const origin& from) const noexcept {
  return from.server.value != 0 && from.server == server_ && from.start == start_;
}

std::vector<txn> tree::reap(wall_time now, std::size_t limit) {
  std::vector<txn> decided;
  if (!preparer_.leading()) return decided;
  for (const auto& path : reapable_paths(state_, options_, now, limit))
    if (auto one = preparer_.reap(path, now)) decided.push_back(*std::move(one));
  return decided;
}

std::string tree::replay(const txn& decided) {
  std::vector<effect::any> unheard;
  applier apply{state_, nobody_, unheard};
  std::string wrong{apply.apply(decided)};
  hidden_ = std::move(apply.hidden());
  return wrong;
}

void tree::deliver(const txn& decided) {
  const bool ours = is_ours(decided.origin);
  std::vector<write_result> results;
  applier apply{state_, watches_, effects_};
  const auto wrong = ours ? apply.apply(decided, results) : apply.apply(decided);
  TROUPE_CHECK(wrong.empty(), wrong);
  hidden_ = std::move(apply.hidden());
  preparer_.applied(decided.zxid);
  if (ours) answer(decided, std::move(results));
  for (const auto& change : decided.changes)
    if (const auto* closed = std::get_if<change::close_session>(&change))
      effects_.emplace_back(effect::session_closed{closed->session, closed->cause});
  // Reads behind this write see it, but nothing after it.
  if (is_ours(decided.origin) && decided.kind != txn_kind::create_session)
    write_resolved(decided.origin);
  release_due();
}

void tree::answer(const txn& decided, std::vector<write_result> results) {
  const auto& from = decided.origin;
  if (decided.kind != txn_kind::create_session) {
    effects_.emplace_back(effect::write_outcome{from.lane, from.sequence, decided.zxid,
                                                std::move(results), decided.kind == txn_kind::multi,
                                                preparer_.replies().take(from, error_code::ok)});
    return;
  }
  const auto* session = state_.sessions().find(decided.session);
  TROUPE_CHECK(session, "a session exists right after it was created");
  effects_.emplace_back(effect::session_outcome{
      from.lane, from.sequence, decided.zxid, error_code::ok, decided.session, session->timeout,
      session_password(state_.secret(), decided.session)});
}

void tree::deliver(verdict refusal) {
  if (!is_ours(refusal.origin)) return;
  if (refusal.after > state_.applied() || !held_.empty())
    held_.push_back(std::move(refusal));
  else
    release(std::move(refusal));
}

void tree::release_due() {
  while (!held_.empty() && held_.front().after <= state_.applied()) {
    auto refusal = std::move(held_.front());
    held_.pop_front();
    release(std::move(refusal));
  }
}

void tree::release(verdict refusal) {
  const auto from = refusal.origin;
  if (refusal.kind == txn_kind::create_session) {
    const auto error =
        refusal.results.empty() ? error_code::system_error : refusal.results.front().error;
    effects_.emplace_back(effect::session_outcome{
        from.lane, from.sequence, state_.applied(), error, refusal.session, {}, {}});
    return;
  }
  if (refusal.repeats != 0) return repeat(refusal);
  blob reply;
  if (refusal.kind == txn_kind::multi && !refusal.results.empty())
    reply = preparer_.replies().take(from, refusal.results.front().error);
  effects_.emplace_back(effect::write_outcome{from.lane, from.sequence, state_.applied(),
                                              std::move(refusal.results),
                                              refusal.kind == txn_kind::multi, std::move(reply)});
  write_resolved(from);
}

/// The first one's answer once more.
void tree::repeat(const verdict& retry) {
  const auto& from = retry.origin;
  const auto* session = state_.sessions().find(retry.session);
  const auto* known =
      session && session->requests ? session->requests->find(retry.repeats) : nullptr;
  effect::write_outcome answer{from.lane, from.sequence, state_.applied(), {}, false, {}};
  if (known) {
    answer.zxid = known->at;
    answer.results = known->results;
    answer.is_multi = known->is_multi;
  } else {
    // The session ended, or this tree was replaced by a newer one, since the leader looked.
    answer.results.push_back({error_code::operation_timeout, {}, {}});
    answer.is_multi = retry.kind == txn_kind::multi;
  }
  effects_.emplace_back(std::move(answer));
  write_resolved(from);
}

void tree::write_resolved(const origin& from) {
  for (const auto& request : parking_.resolved(from.lane, from.sequence))
    run_now(from.lane, request);
}

void tree::read(std::uint32_t lane, read_request request) {
  if (parking_.must_wait(lane, request.after))
    parking_.park(lane, std::move(request));
  else
    run_now(lane, request);
}

void tree::run_now(std::uint32_t lane, const read_request& request) {
  auto result = run({{lane, request.connection}, request.session, request.who}, request.op);
  effects_.emplace_back(effect::read_outcome{lane, request.sequence, request.connection,
                                             state_.applied(), std::move(result)});
}

void tree::watcher_identities(watcher_id watcher, identities who) {
  watches_.set_identities(watcher, std::move(who));
}

void tree::watcher_gone(watcher_id watcher) {
  watches_.remove_all(watcher);
  parking_.drop(watcher);
  listings_.drop(watcher);
}

}  // namespace troupe::tree
