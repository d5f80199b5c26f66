// How sessions come to connections, and leave them.
#include <algorithm>
#include <string>
#include <utility>

#include "actors/gateway/rpc/desk.hpp"

namespace troupe::rpc {

void desk::open(session_wish wish, std::unique_ptr<opening_sink> sink) {
  if (wish.seen > known_applied_) {
    problem behind;
    behind.what = problem::kind::behind;
    behind.limit = known_applied_.value;
    behind.text = "the client has seen a later state than this server has; ask another one";
    return sink->refused(std::move(behind));
  }
  auto made = std::make_unique<member>();
  auto& one = *made;
  one.number = next_sequence();
  one.link = wish.link;
  one.who = std::move(wish.who);
  one.opening = std::move(sink);
  one.watcher = std::move(wish.watcher);
  one.handshake = next_sequence();
  one.resumes = wish.resumes;
  by_number_.emplace(one.number, &one);
  members_.emplace(one.number, std::move(made));
  routes_.emplace(one.handshake, &one);
  if (wish.resumes) {
    resuming_.emplace(wish.resumes, one.handshake);
    turn_.resumes.push_back(
        {settings_.lane, one.handshake, wish.resumes, std::move(wish.password), wish.timeout});
  } else {
    turn_.opens.sessions.push_back(
        {{serving_.server, serving_.start, settings_.lane, one.handshake}, wish.timeout});
  }
  hint_.heard(one.link, now_);
  work();
}

void desk::forget_handshake(member& one) {
  if (one.handshake == 0) return;
  routes_.erase(one.handshake);
  resuming_.erase({one.resumes, one.handshake});
  one.handshake = 0;
}

void desk::grant(member& to, session_id session, milliseconds timeout, std::string_view password) {
  forget_handshake(to);
  if (const auto held = holders_.find(session); held != holders_.end())
    end(*held->second, session_end::moved);
  holders_.emplace(session, &to);
  ++live_[to.link];
  to.session = session;
  // Zero would mean that it is not known.
  to.since = std::max(applied_, zxid{1});
  ++(to.resumes ? counters_.sessions_resumed : counters_.sessions_opened);
  const auto sink = std::move(to.opening);
  sink->granted({to.number, session, timeout, std::string{password}, applied_});
}

/// The member is gone after this.
void desk::refuse(member& to, problem why) {
  const auto sink = std::move(to.opening);
  remove(to);
  sink->refused(std::move(why));
}

/// The session is not in this connection any more.
void desk::let_go(member& one) {
  const auto held = holders_.find(one.session);
  if (held == holders_.end() || held->second != &one) return;
  holders_.erase(held);
  if (const auto count = live_.find(one.link); --count->second == 0) live_.erase(count);
}

std::optional<std::pair<session_id, identities>> desk::client(std::uint64_t session) const {
  const auto found = by_number_.find(session);
  if (found == by_number_.end()) return std::nullopt;
  const auto& one = *found->second;
  if (one.ended || !one.session) return std::nullopt;
  return std::pair{one.session, one.who};
}

std::size_t desk::live_sessions(std::uint64_t link) const {
  const auto found = live_.find(link);
  return found == live_.end() ? 0 : found->second;
}

/// What was asked for is still answered; what is asked for from now on is refused.
void desk::end(member& one, session_end cause) {
  if (one.ended) return;
  one.ended = cause;
  let_go(one);
  if (one.watcher) one.watcher->ended(cause);
  leave_if_answered(one);
}

/// The tree drops parked reads of those who are gone, so they go when nothing is expected any more.
void desk::leave_if_answered(member& one) {
  if (!one.ended || !one.slots.empty() || !one.lists.empty()) return;
  turn_.gone.watchers.push_back({settings_.lane, one.number});
  work();
}

void desk::remove(member& one) {
  forget_handshake(one);
  for (const auto& expected : one.slots)
    routes_.erase(expected.sequence);
  for (const auto& waiting : one.batches)
    counters_.outstanding -= waiting.missing;
  let_go(one);
  turn_.gone.watchers.push_back({settings_.lane, one.number});
  work();
  std::erase(with_events_, one.number);
  hint_.left(one.link);
  by_number_.erase(one.number);
  // Its watcher may be the last to hold another session, which then comes here, too.
  const auto gone = members_.extract(one.number);
}

void desk::release(std::uint64_t session) {
  if (auto* const one = find(session)) remove(*one);
}

void desk::release_link(std::uint64_t link) {
  std::vector<std::uint64_t> gone;
  for (const auto& [number, one] : members_)
    if (one->link == link) gone.push_back(number);
  for (const auto number : gone)
    if (const auto found = members_.find(number); found != members_.end()) remove(*found->second);
}

// ---------------------------------------------------------- from other rooms

void desk::on(const role::session::resumed& message) {
  const auto found = routes_.find(message.sequence);
  if (found == routes_.end()) return;
  auto& to = *found->second;
  if (message.ok) return grant(to, message.session, message.timeout, message.password);
  problem gone;
  gone.what = problem::kind::session_expired;
  refuse(to, std::move(gone));
}

void desk::on(const role::session::moved& message) {
  const auto found = holders_.find(message.session);
  if (found != holders_.end()) end(*found->second, session_end::moved);
}

void desk::on(const role::broadcast::serving_changed& message) {
  serving_ = message;
  known_applied_ = std::max(known_applied_, message.applied);
  // Before the first session no event can be overtaken.
  if (holders_.empty()) applied_ = std::max(applied_, message.applied);
  if (message.replaced) barriers_.begin_anew();
}

void desk::deliver(role::tree::session_reply& item) {
  const auto found = routes_.find(item.sequence);
  if (found == routes_.end()) return;
  auto& to = *found->second;
  if (item.error == error_code::ok) return grant(to, item.session, item.timeout, item.password);
  problem none;
  none.error = item.error;
  refuse(to, std::move(none));
}

void desk::deliver(role::tree::session_ended& item) {
  // The session component may have said yes to a client before it heard of the end; that answer
  // comes by another way than this, and must find nobody.
  for (auto one = resuming_.lower_bound({item.session, 0});
       one != resuming_.end() && one->first == item.session;
       one = resuming_.lower_bound({item.session, 0})) {
    problem gone;
    gone.what = problem::kind::session_expired;
    refuse(*routes_.at(one->second), std::move(gone));
  }
  const auto found = holders_.find(item.session);
  if (found == holders_.end()) return;
  const auto cause = item.cause == close_cause::client    ? session_end::client
                     : item.cause == close_cause::expired ? session_end::expired
                                                          : session_end::administrator;
  end(*found->second, cause);
}

}  // namespace troupe::rpc
