#include "steady.hpp"

namespace bench {

namespace {

// Steps of a request.
constexpr std::uint32_t counted = 0;
constexpr std::uint32_t checking = 1;

[[noreturn]] void fault(const std::string& what, std::string_view path) {
  throw bench_error("verify: " + what + " at " + std::string{path});
}

}  // namespace

steady_workload::steady_workload(const options& wishes, opcode read_op, int read_percent)
    : workload(wishes), read_op_(read_op), read_percent_(read_percent),
      keys_per_connection_((wishes.keys + static_cast<std::uint32_t>(wishes.connections) - 1) /
                           static_cast<std::uint32_t>(wishes.connections)),
      keys_(keys_per_connection_ * static_cast<std::uint32_t>(wishes.connections)),
      names_(wishes.root + "/k"), values_(wishes.value_bytes, wishes.seed), random_(wishes.seed),
      written_(keys_) {}

void steady_workload::prepare(blocking_client& client) {
  client.pipeline(
      keys_,
      [&](out_bytes& out, std::int32_t xid, std::size_t key) {
        put_create(out, xid, names_(key), values_(static_cast<std::uint32_t>(key), 0), 0);
      },
      [&](std::size_t key, const reply& answer) {
        require_ok(answer, opcode::create, names_(key));
      });
}

void steady_workload::begin(engine& loop, connection& c) {
  due_ns_ = loop.now_ns();
  for (int i = 0; i < wishes_.outstanding; ++i) {
    issue_next(loop, c);
  }
}

std::uint64_t steady_workload::turn(engine& loop) {
  if (wishes_.pace == 0 || !loop.issuing()) {
    return ~0ULL;
  }
  for (; due_ns_ <= loop.now_ns(); due_ns_ += 1'000'000'000 / wishes_.pace) {
    issue(loop, loop.client(whose_), due_ns_);
    whose_ = (whose_ + 1) % loop.connections().size();
  }
  return due_ns_;
}

std::uint32_t steady_workload::own_key(const connection& c) {
  return c.index * keys_per_connection_ + random_.below(keys_per_connection_);
}

void steady_workload::issue_next(engine& loop, connection& c) {
  if (loop.issuing() && wishes_.pace == 0) {
    issue(loop, c, loop.now_ns());
  }
}

void steady_workload::issue(engine& loop, connection& c, std::uint64_t due_ns) {
  if (read_percent_ == 100 || random_.below(100) < static_cast<std::uint32_t>(read_percent_)) {
    send_read(loop, c, wishes_.verify ? own_key(c) : random_.below(keys_), counted, due_ns);
  } else {
    send_write(loop, c, own_key(c), due_ns);
  }
}

void steady_workload::send_read(engine& loop, connection& c, std::uint32_t key, std::uint32_t step,
                                std::uint64_t due_ns) {
  put_read(c.out, c.expect(read_op_, due_ns, step, key, written_[key]), read_op_, names_(key),
           false);
  loop.flush_later(c);
}

void steady_workload::send_write(engine& loop, connection& c, std::uint32_t key,
                                 std::uint64_t due_ns) {
  const auto version = ++written_[key];
  put_set_data(c.out, c.expect(opcode::set_data, due_ns, counted, key, version), names_(key),
               values_(key, version));
  loop.flush_later(c);
}

void steady_workload::replied(engine& loop, connection& c, const pending& request,
                              const reply& answer) {
  if (answer.error != 0) {
    require_ok(answer, request.op, names_(request.key));
  }
  if (request.step == counted) {
    loop.count(request.sent_ns);
  }
  if (wishes_.verify) {
    verify(c, request, answer);
    if (request.op == opcode::set_data) {
      send_read(loop, c, request.key, checking, loop.now_ns());
      return;
    }
  }
  issue_next(loop, c);
}

void steady_workload::verify(const connection& c, const pending& request, const reply& answer) {
  const auto path = names_(request.key);
  if (version_in_stat(answer.body) != static_cast<std::int32_t>(request.expected)) {
    fault("version " + std::to_string(version_in_stat(answer.body)) + " instead of " +
              std::to_string(request.expected) + " on connection " + std::to_string(c.index),
          path);
  }
  if (request.op == opcode::get_data) {
    in_bytes in{answer.body};
    verify_value(in.text(), request.key, request.expected);
  }
}

void steady_workload::verify_value(std::string_view value, std::uint32_t key,
                                   std::uint64_t version) {
  if (value != values_(key, version)) {
    fault("the value is not the one of version " + std::to_string(version), names_(key));
  }
}

void steady_workload::check(blocking_client& client) {
  client.pipeline(
      keys_,
      [&](out_bytes& out, std::int32_t xid, std::size_t key) {
        put_read(out, xid, opcode::get_data, names_(key), false);
      },
      [&](std::size_t key, const reply& answer) {
        require_ok(answer, opcode::get_data, names_(key));
        in_bytes in{answer.body};
        verify_value(in.text(), static_cast<std::uint32_t>(key), written_[key]);
      });
}

}  // namespace bench
