#include "actors/session/core/deadlines.hpp"

#include <algorithm>

#include <troupe/base/check.hpp>

namespace troupe::session {

monotonic_time deadlines::round_up(monotonic_time t) const noexcept {
  const auto ticks = (t.since_start + tick_ - nanoseconds{1}) / tick_;
  return {ticks * tick_};
}

void deadlines::move(session_id session, session_record& record, monotonic_time deadline) {
  const auto rounded = round_up(deadline);
  if (rounded == record.deadline) return;
  calendar_.erase({record.deadline, session});
  record.deadline = rounded;
  calendar_.emplace(rounded, session);
}

void deadlines::opened(session_id session, milliseconds timeout, monotonic_time now,
                       server_id server) {
  auto& record = sessions_[session];
  calendar_.erase({record.deadline, session});
  const auto owner = server == server_id{} ? record.owner : session_owner{server, 0};
  record = {timeout, timeout, round_up(now + timeout), owner, false, 0};
  calendar_.emplace(record.deadline, session);
}

void deadlines::retimed(session_id session, milliseconds timeout) {
  if (const auto found = sessions_.find(session); found != sessions_.end())
    found->second.timeout = found->second.noted = timeout;
}

bool deadlines::must_note(session_id session, milliseconds timeout) {
  return std::exchange(sessions_.find(session)->second.noted, timeout) != timeout;
}

void deadlines::closed(session_id session) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end()) return;
  calendar_.erase({found->second.deadline, session});
  sessions_.erase(found);
}

void deadlines::clear() {
  sessions_.clear();
  calendar_.clear();
}

void deadlines::touch(session_id session, monotonic_time now) {
  const auto found = sessions_.find(session);
  if (found == sessions_.end() || found->second.closing) return;
  found->second.spared = false;
  move(session, found->second, now + found->second.timeout);
}

session_owner deadlines::resume(session_id session, session_owner owner, milliseconds timeout,
                                monotonic_time now) {
  TROUPE_CHECK(alive(session), "only a living session is resumed");
  auto& record = sessions_.find(session)->second;
  record.timeout = timeout;
  record.spared = false;
  move(session, record, now + timeout);
  return std::exchange(record.owner, owner);
}

session_owner deadlines::moved(session_id session, session_owner owner) {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? session_owner{} : std::exchange(found->second.owner, owner);
}

std::vector<session_id> deadlines::expire(monotonic_time now,
                                          const std::function<bool(const session_record&)>& unheard,
                                          nanoseconds grace) {
  std::vector<session_id> expired;
  while (!calendar_.empty() && calendar_.begin()->first <= now) {
    const auto session = calendar_.begin()->second;
    auto& record = sessions_.find(session)->second;
    if (!record.closing && !record.spared && unheard(record)) {
      record.spared = true;
      move(session, record, now + std::max(grace, tick_));
      continue;
    }
    record.closing = true;
    ++record.reports;
    move(session, record, now + record.timeout + tick_);
    expired.push_back(session);
  }
  return expired;
}

void deadlines::restart_all(monotonic_time now) {
  calendar_.clear();
  for (auto& [session, record] : sessions_) {
    record.closing = record.spared = false;
    record.owner = {};
    record.deadline = round_up(now + record.timeout);
    calendar_.emplace(record.deadline, session);
  }
}

bool deadlines::alive(session_id session) const {
  const auto* record = find(session);
  return record && !record->closing;
}

const session_record* deadlines::find(session_id session) const {
  const auto found = sessions_.find(session);
  return found == sessions_.end() ? nullptr : &found->second;
}

monotonic_time deadlines::next() const noexcept {
  return calendar_.empty() ? monotonic_time{nanoseconds::max()} : calendar_.begin()->first;
}

std::vector<std::pair<session_id, monotonic_time>> deadlines::list(std::size_t most) const {
  std::vector<std::pair<session_id, monotonic_time>> all;
  all.reserve(std::min(most, calendar_.size()));
  for (const auto& [deadline, session] : calendar_) {
    if (all.size() == most) break;
    if (alive(session)) all.emplace_back(session, deadline);
  }
  return all;
}

}  // namespace troupe::session
