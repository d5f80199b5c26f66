#include "sessions.hpp"

namespace bench {

void sessions_workload::begin(engine& loop, connection& c) {
  ++active_;
  loop.connect(c);
}

void sessions_workload::opened(engine& loop, connection& c) {
  const auto number = next_++;
  put_create(c.out, c.expect(opcode::create, loop.now_ns(), 0, number), names_(number),
             values_(number, 0), ephemeral);
  loop.flush_later(c);
}

void sessions_workload::replied(engine& loop, connection& c, const pending& request,
                                const reply& answer) {
  require_ok(answer, request.op, names_(request.key));
  if (request.op == opcode::create) {
    if (in_bytes in{answer.body}; in.text() != names_(request.key)) {
      throw bench_error("verify: the server created another path than asked for");
    }
    put_bare(c.out, c.expect(opcode::close_session, loop.now_ns(), 0, request.key),
             opcode::close_session);
    loop.flush_later(c);
    return;
  }
  loop.count(c.connect_began_ns);
  loop.disconnect(c);
  if (loop.issuing()) {
    loop.connect(c);
  } else {
    --active_;
  }
}

void sessions_workload::check(blocking_client& client) {
  if (const auto left = client.children(wishes_.root); !left.empty()) {
    throw bench_error("verify: " + std::to_string(left.size()) +
                      " ephemeral znodes outlive their closed sessions");
  }
}

}  // namespace bench
