#include "watch.hpp"

namespace bench {

namespace {

constexpr std::int32_t data_changed = 3;

}  // namespace

void watch_workload::begin(engine& loop, connection& c) { arm(loop, c); }

void watch_workload::arm(engine& loop, connection& c) {
  if (wishes_.persistent) {
    put_add_watch(c.out, c.expect(opcode::add_watch, loop.now_ns()), path_);
  } else {
    put_read(c.out, c.expect(opcode::get_data, loop.now_ns()), opcode::get_data, path_, true);
  }
  loop.flush_later(c);
}

void watch_workload::replied(engine& loop, connection&, const pending& request,
                             const reply& answer) {
  require_ok(answer, request.op, path_);
  if (request.op == opcode::set_data) {
    set_answered_ = true;
    if (version_in_stat(answer.body) != ++version_) {
      throw bench_error("verify: a set has version " +
                        std::to_string(version_in_stat(answer.body)) + " instead of " +
                        std::to_string(version_));
    }
    finish_when_done(loop);
    return;
  }
  if (request.op == opcode::get_data && version_in_stat(answer.body) != version_) {
    throw bench_error("verify: a watcher reads an old value");
  }
  ++armed_;
  set_when_ready(loop);
}

void watch_workload::set_when_ready(engine& loop) {
  if (armed_ < watchers() || !set_answered_) {
    return;
  }
  if (!loop.issuing()) {
    running_ = false;
    return;
  }
  auto& setter = loop.client(0);
  set_answered_ = false;
  notified_ = 0;
  set_ns_ = loop.now_ns();
  put_set_data(setter.out, setter.expect(opcode::set_data, set_ns_), path_, value_);
  loop.flush_later(setter);
}

void watch_workload::notified(engine& loop, connection&, const event& what) {
  if (what.type != data_changed || what.path != path_) {
    throw bench_error("verify: an event of type " + std::to_string(what.type) + " at " +
                      std::string{what.path} + " that nobody waits for");
  }
  if (++notified_ > watchers()) {
    throw bench_error("verify: more events than watches");
  }
  loop.count_more(1);
  finish_when_done(loop);
}

void watch_workload::finish_when_done(engine& loop) {
  if (notified_ < watchers() || !set_answered_) {
    return;
  }
  const auto took = loop.now_ns() - set_ns_;
  loop.add_latency(took);
  ++rounds_;
  burst_ns_ += took;
  if (wishes_.persistent) {
    set_when_ready(loop);
    return;
  }
  armed_ = 0;
  for (auto& c : loop.connections()) {
    arm(loop, *c);
  }
}

std::vector<figure> watch_workload::figures() const {
  const auto seconds = static_cast<double>(burst_ns_) / 1e9;
  return {{"rounds", static_cast<double>(rounds_)},
          {"notifications_per_s_of_bursts",
           seconds > 0 ? static_cast<double>(rounds_ * watchers()) / seconds : 0}};
}

}  // namespace bench
