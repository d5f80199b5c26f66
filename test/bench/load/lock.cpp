#include "lock.hpp"

#include <algorithm>

namespace bench {

namespace {

// The suffix of a sequential znode, which orders it among its siblings.
constexpr std::size_t sequence_digits = 10;

}  // namespace

lock_workload::lock_workload(const options& wishes)
    : workload(wishes), path_(wishes.root), clients_(static_cast<std::size_t>(wishes.connections)) {
}

void lock_workload::begin(engine& loop, connection& c) {
  ++active_;
  ask(loop, c);
}

void lock_workload::ask(engine& loop, connection& c) {
  clients_[c.index].asked_ns = loop.now_ns();
  put_create(c.out, c.expect(opcode::create, loop.now_ns()), path_ + "/n-", {},
             ephemeral_sequential);
  loop.flush_later(c);
}

void lock_workload::list(engine& loop, connection& c) {
  put_read(c.out, c.expect(opcode::get_children, loop.now_ns()), opcode::get_children, path_,
           false);
  loop.flush_later(c);
}

void lock_workload::replied(engine& loop, connection& c, const pending& request,
                            const reply& answer) {
  if (request.op == opcode::get_data && answer.error == error_no_node) {
    // The predecessor went between the list and the watch, so its event will not matter.
    clients_[c.index].awaited.clear();
    list(loop, c);
    return;
  }
  require_ok(answer, request.op, path_);
  switch (request.op) {
  case opcode::create:
    created(c, answer);
    list(loop, c);
    return;
  case opcode::exists:
    release(loop, c);
    return;
  case opcode::get_children:
    listed(loop, c, answer);
    return;
  case opcode::remove:
    if (loop.issuing()) {
      ask(loop, c);
    } else {
      --active_;
    }
    return;
  default:
    return;
  }
}

void lock_workload::created(connection& c, const reply& answer) {
  in_bytes in{answer.body};
  const auto path = in.text();
  auto& name = clients_[c.index].name;
  name = path.substr(path_.size() + 1);
  if (wishes_.verify && !seen_.insert(name).second) {
    throw bench_error("verify: sequence number of " + name + " was given twice");
  }
}

void lock_workload::listed(engine& loop, connection& c, const reply& answer) {
  in_bytes in{answer.body};
  auto& me = clients_[c.index];
  const auto count = in.int32();
  std::string_view before;
  bool found = false;
  for (std::int32_t i = 0; i < count; ++i) {
    const auto name = in.text();
    found = found || name == me.name;
    if (name < me.name && name > before) {
      before = name;
    }
  }
  if (!found) {
    throw bench_error("verify: the ephemeral znode " + me.name + " of a living session is gone");
  }
  if (before.empty()) {
    acquired(loop, c);
    return;
  }
  me.awaited = path_ + "/" + std::string{before};
  // Not exists: that would leave a watch behind where nothing comes again.
  put_read(c.out, c.expect(opcode::get_data, loop.now_ns()), opcode::get_data, me.awaited, true);
  loop.flush_later(c);
}

void lock_workload::acquired(engine& loop, connection& c) {
  if (holder_ >= 0) {
    throw bench_error("verify: clients " + std::to_string(holder_) + " and " +
                      std::to_string(c.index) + " have the lock at the same time");
  }
  holder_ = c.index;
  loop.count(clients_[c.index].asked_ns);
  put_read(c.out, c.expect(opcode::exists, loop.now_ns()), opcode::exists, path_, false);
  loop.flush_later(c);
}

void lock_workload::release(engine& loop, connection& c) {
  // Whoever gets the lock next can only know after the server has the delete that follows.
  holder_ = -1;
  put_remove(c.out, c.expect(opcode::remove, loop.now_ns()), path_ + "/" + clients_[c.index].name);
  loop.flush_later(c);
}

void lock_workload::notified(engine& loop, connection& c, const event& what) {
  if (what.path == clients_[c.index].awaited) {
    clients_[c.index].awaited.clear();
    list(loop, c);
  }
}

void lock_workload::check(blocking_client& client) {
  if (const auto left = client.children(path_); !left.empty()) {
    throw bench_error("verify: " + std::to_string(left.size()) + " locks outlive their sessions");
  }
}

}  // namespace bench
