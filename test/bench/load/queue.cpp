#include "queue.hpp"

#include <algorithm>
#include <cstring>
#include <functional>

namespace bench {

namespace {

// Producers wait while there are so many elements, so that lists stay short.
constexpr std::uint64_t most_waiting = 100;

}  // namespace

queue_workload::queue_workload(const options& wishes)
    : workload(wishes), values_(std::max<std::size_t>(wishes.value_bytes, 12), wishes.seed),
      consumers_(static_cast<std::size_t>(wishes.connections)),
      producing_(static_cast<std::size_t>(wishes.connections)) {
  if (wishes.connections < 2) {
    throw bench_error("queue: at least two connections, one produces and one consumes");
  }
}

void queue_workload::begin(engine& loop, connection& c) {
  if (produces(c)) {
    produce(loop, c);
  } else {
    list(loop, c);
  }
}

void queue_workload::produce(engine& loop, connection& c) {
  if (!loop.issuing() || producing_[c.index] || produced_.size() - consumed_ >= most_waiting) {
    return;
  }
  producing_[c.index] = true;
  const auto number = static_cast<std::uint32_t>(produced_.size());
  produced_.push_back({loop.now_ns(), false});
  put_create(c.out, c.expect(opcode::create, loop.now_ns(), 0, number), wishes_.root + "/q-",
             values_(number, 0), persistent_sequential);
  loop.flush_later(c);
}

void queue_workload::produce_more(engine& loop) {
  for (auto& c : loop.connections()) {
    if (produces(*c)) {
      produce(loop, *c);
    }
  }
}

void queue_workload::list(engine& loop, connection& c) {
  consumers_[c.index].waits = false;
  put_read(c.out, c.expect(opcode::get_children, loop.now_ns()), opcode::get_children, wishes_.root,
           true);
  loop.flush_later(c);
}

void queue_workload::replied(engine& loop, connection& c, const pending& request,
                             const reply& answer) {
  const bool too_late = answer.error == error_no_node &&
                        (request.op == opcode::get_data || request.op == opcode::remove);
  if (too_late) {
    consumers_[c.index].listed.pop_back();
    take_next(loop, c);
    return;
  }
  require_ok(answer, request.op, wishes_.root);
  switch (request.op) {
  case opcode::create:
    producing_[c.index] = false;
    produce(loop, c);
    return;
  case opcode::get_children:
    listed(loop, c, answer);
    return;
  case opcode::get_data:
    has_read(loop, c, answer);
    return;
  case opcode::remove:
    consumed(loop, c);
    return;
  default:
    return;
  }
}

void queue_workload::listed(engine& loop, connection& c, const reply& answer) {
  auto& me = consumers_[c.index];
  in_bytes in{answer.body};
  const auto count = std::max(in.int32(), 0);
  me.listed.resize(static_cast<std::size_t>(count));
  for (auto& path : me.listed) {
    path = wishes_.root + "/" + std::string{in.text()};
  }
  std::sort(me.listed.begin(), me.listed.end(), std::greater<>{});
  if (count == 0) {
    me.waits = true;
    return;
  }
  take_next(loop, c);
}

void queue_workload::take_next(engine& loop, connection& c) {
  auto& me = consumers_[c.index];
  if (me.listed.empty()) {
    list(loop, c);
    return;
  }
  put_read(c.out, c.expect(opcode::get_data, loop.now_ns()), opcode::get_data, me.listed.back(),
           false);
  loop.flush_later(c);
}

void queue_workload::has_read(engine& loop, connection& c, const reply& answer) {
  auto& me = consumers_[c.index];
  in_bytes in{answer.body};
  const auto value = in.text();
  std::memcpy(&me.element, value.substr(0, sizeof me.element).data(),
              std::min(value.size(), sizeof me.element));
  if (me.element >= produced_.size() || value != values_(me.element, 0)) {
    throw bench_error("verify: " + me.listed.back() + " has a value that nobody wrote");
  }
  put_remove(c.out, c.expect(opcode::remove, loop.now_ns()), me.listed.back());
  loop.flush_later(c);
}

void queue_workload::consumed(engine& loop, connection& c) {
  auto& me = consumers_[c.index];
  auto& what = produced_[me.element];
  if (what.consumed) {
    throw bench_error("verify: element " + std::to_string(me.element) + " was consumed twice");
  }
  what.consumed = true;
  ++consumed_;
  loop.count(what.created_ns);
  me.listed.pop_back();
  produce_more(loop);
  take_next(loop, c);
}

void queue_workload::notified(engine& loop, connection& c, const event&) {
  if (consumers_[c.index].waits) {
    list(loop, c);
  }
}

void queue_workload::check(blocking_client& client) {
  if (const auto left = client.children(wishes_.root); !left.empty()) {
    throw bench_error("verify: " + std::to_string(left.size()) + " elements were not consumed");
  }
}

}  // namespace bench
