// What clients ask for.
#include "actors/gateway/rpc/desk.hpp"

#include <algorithm>
#include <utility>

namespace troupe::rpc {
namespace {

problem ended_as(session_end cause) {
  problem why;
  why.what =
      cause == session_end::moved ? problem::kind::session_moved : problem::kind::session_expired;
  return why;
}

}  // namespace

desk::desk(settings fixed, std::uint64_t first_number, std::function<void()> work)
    : settings_(fixed), work_(std::move(work)), next_number_(first_number) {}

desk::member* desk::find(std::uint64_t number) {
  const auto found = by_number_.find(number);
  return found == by_number_.end() ? nullptr : found->second;
}

void desk::work() {
  if (!std::exchange(turn_pending_, true)) work_();
}

desk_turn desk::take_turn() {
  turn_.reads.lane = settings_.lane;
  const bool bound = hint_.disk_bound(now_);
  turn_.writes.disk_bound = turn_.opens.disk_bound = bound;
  turn_.readers_wait = hint_.must_tell(now_, !turn_.writes.requests.empty());
  barriers_.turn_ends();
  turn_pending_ = false;
  return std::exchange(turn_, {});
}

zxid desk::touch(std::uint64_t session) {
  auto* const one = find(session);
  if (!one || one->ended || !one->session) return applied_;
  hint_.heard(one->link, now_);
  turn_.touches.sessions.push_back(one->session);
  work();
  return applied_;
}

void desk::identify(std::uint64_t session, identities who) {
  auto* const one = find(session);
  if (!one) return;
  one->who = std::move(who);
  turn_.identities.push_back({{settings_.lane, one->number}, one->who});
  work();
}

void desk::submit(std::uint64_t session, std::vector<operation> operations,
                  std::unique_ptr<batch_sink> sink) {
  auto* const from = find(session);
  if (!from) return;
  touch(session);
  ++counters_.batches;
  auto& made = from->batches.emplace_back();
  made.self = std::prev(from->batches.end());
  made.sink = std::move(sink);
  made.result.outcomes.resize(operations.size());
  // One more, so that it is not finished while it begins.
  made.missing = operations.size() + 1;
  counters_.outstanding += operations.size() + 1;
  for (std::uint32_t i = 0; i < operations.size(); ++i)
    start(*from, made, i, std::move(operations[i]));
  const auto last = static_cast<std::uint32_t>(operations.size());
  slot nothing;
  nothing.of = &made;
  nothing.index = last;
  settle(*from, nothing, {applied_, std::monostate{}});
}

void desk::start(member& from, batch& of, std::uint32_t index, operation&& op) {
  slot expected;
  expected.of = &of;
  expected.index = index;
  if (from.ended) return settle(from, expected, {applied_, ended_as(*from.ended)});
  if (auto* const known = std::get_if<problem>(&op.what))
    return settle(from, expected, {applied_, std::move(*known)});
  if (auto* const writes = std::get_if<write_op>(&op.what))
    return write(from, std::move(expected), std::move(*writes), op.request_id);
  expected.barrier = barrier_for(op.how_new);
  if (op.how_new.what == freshness::kind::at_least) expected.wanted = op.how_new.wanted;
  if (auto* const reads = std::get_if<read_op>(&op.what))
    return read(from, std::move(expected), std::move(*reads));
  expected.listed = std::make_unique<list_op>(std::get<list_op>(std::move(op.what)));
  read_op names = get_children_op{expected.listed->path, false};
  read(from, std::move(expected), std::move(names));
}

void desk::write(member& from, slot&& expected, write_op&& op, std::uint64_t request_id) {
  ++counters_.writes;
  expected.sequence = next_sequence();
  from.newest_write = expected.sequence;
  routes_.emplace(expected.sequence, &from);
  turn_.writes.requests.push_back(
      {{serving_.server, serving_.start, settings_.lane, expected.sequence},
       from.session,
       from.who,
       request_id,
       std::move(op),
       from.since});
  from.slots.push_back(std::move(expected));
  work();
}

void desk::read(member& from, slot&& expected, read_op&& op) {
  ++counters_.reads;
  hint_.read(now_);
  // What comes behind this in the session waits for the same, so that outcomes stay in order.
  from.newest_write = std::max(from.newest_write, expected.barrier);
  expected.sequence = next_sequence();
  turn_.reads.requests.push_back(
      {expected.sequence, from.newest_write, from.number, from.session, from.who, std::move(op)});
  from.slots.push_back(std::move(expected));
  work();
}

/// The sync that has to be waited for; zero if none.
std::uint64_t desk::barrier_for(const freshness& how_new) {
  if (how_new.what == freshness::kind::local) return 0;
  const bool at_least = how_new.what == freshness::kind::at_least;
  if (at_least && how_new.wanted <= known_applied_) return 0;
  // A zxid that anybody was told is committed, so a sync brings it here.
  const auto lag = at_least ? nanoseconds{0} : how_new.lag;
  if (const auto usable = barriers_.usable(now_, lag)) return usable->sequence;
  const auto sequence = next_sequence();
  turn_.writes.requests.push_back({{serving_.server, serving_.start, settings_.lane, sequence},
                                   session_id{},
                                   nullptr,
                                   0,
                                   sync_op{"/"},
                                   zxid{}});
  barriers_.begin(sequence, now_);
  work();
  return sequence;
}

}  // namespace troupe::rpc
