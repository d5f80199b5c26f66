#include "hold.hpp"

#include <algorithm>

namespace bench {

namespace {

constexpr std::int32_t node_created = 1;
constexpr std::uint32_t creates_at_the_end = 1000;
constexpr std::uint64_t watches_at_a_time = 64;

}  // namespace

hold_workload::hold_workload(const options& wishes)
    : workload(wishes), names_(wishes.root + "/w"),
      begun_(static_cast<std::size_t>(wishes.connections)), watchers_(wishes.keys) {}

std::uint64_t hold_workload::share(std::uint32_t index) const {
  return wishes_.watches / clients() + (index < wishes_.watches % clients() ? 1 : 0);
}

std::uint32_t hold_workload::key(std::uint32_t index, std::uint64_t i) const {
  const auto number = index * (wishes_.watches / clients()) +
                      std::min<std::uint64_t>(index, wishes_.watches % clients()) + i;
  return static_cast<std::uint32_t>(number % wishes_.keys);
}

void hold_workload::begin(engine& loop, connection& c) {
  if (share(c.index) > wishes_.keys) {
    throw bench_error("hold: --keys is less than the watches of one connection");
  }
  for (std::uint64_t i = 0; i < std::min(share(c.index), watches_at_a_time); ++i) {
    add_watch(loop, c);
  }
}

void hold_workload::add_watch(engine& loop, connection& c) {
  const auto number = key(c.index, begun_[c.index]++);
  ++watchers_[number];
  put_add_watch(c.out, c.expect(opcode::add_watch, loop.now_ns(), 0, number), names_(number));
  loop.flush_later(c);
}

void hold_workload::replied(engine& loop, connection& c, const pending& request,
                            const reply& answer) {
  if (answer.error != 0) {
    require_ok(answer, request.op, names_(request.key));
  }
  switch (request.op) {
  case opcode::add_watch:
    ++added_;
    loop.count(request.sent_ns);
    if (begun_[c.index] < share(c.index)) {
      add_watch(loop, c);
    }
    return;
  case opcode::create:
    ++created_;
    create_next(loop);
    return;
  default:
    ++reads_answered_;
  }
}

void hold_workload::finish(engine& loop) {
  loop.run(loop.now_ns() + static_cast<std::uint64_t>(wishes_.duration_s * 1e9),
           [] { return false; });
  for (auto& c : loop.connections()) {
    put_read(c->out, c->expect(opcode::exists, loop.now_ns()), opcode::exists, wishes_.root, false);
    loop.flush_later(*c);
  }
  if (wishes_.watches > 0) {
    to_create_ = std::min(wishes_.keys, creates_at_the_end);
    for (std::uint32_t i = 0; i < to_create_; ++i) {
      to_notify_ += watchers_[i * (wishes_.keys / to_create_)];
    }
    create_next(loop);
  }
}

void hold_workload::create_next(engine& loop) {
  if (created_ < to_create_) {
    const auto number = created_ * (wishes_.keys / to_create_);
    auto& c = loop.client(created_ % loop.connections().size());
    put_create(c.out, c.expect(opcode::create, loop.now_ns(), 0, number), names_(number), {}, 0);
    loop.flush_later(c);
  }
}

void hold_workload::notified(engine&, connection&, const event& what) {
  if (what.type != node_created || ++notified_ > to_notify_) {
    throw bench_error("verify: an event at " + std::string{what.path} + " that nobody waits for");
  }
}

std::vector<figure> hold_workload::figures() const {
  return {{"watches_held", static_cast<double>(added_)},
          {"connections_held", static_cast<double>(clients())},
          {"events_at_the_end", static_cast<double>(notified_)}};
}

}  // namespace bench
