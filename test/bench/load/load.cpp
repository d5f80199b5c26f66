#include "load.hpp"

#include <algorithm>

namespace bench {

load_workload::load_workload(const options& wishes)
    : workload(wishes), parents_(wishes.root + "/p"), values_(wishes.value_bytes, wishes.seed) {}

void load_workload::prepare(blocking_client& client) {
  const auto parents = (wishes_.keys + wishes_.fan_out - 1) / wishes_.fan_out;
  client.pipeline(
      parents,
      [&](out_bytes& out, std::int32_t xid, std::size_t i) {
        put_create(out, xid, parents_(i), {}, 0);
      },
      [&](std::size_t i, const reply& answer) {
        if (answer.error != error_node_exists) {
          require_ok(answer, opcode::create, parents_(i));
        }
      });
}

std::string_view load_workload::path(std::uint32_t key) {
  path_.assign(parents_(key / wishes_.fan_out));
  path_ += "/n";
  char digits[9];
  for (int i = 8; i-- > 0; key /= 10) {
    digits[i] = static_cast<char>('0' + key % 10);
  }
  path_.append(digits, 8);
  return path_;
}

void load_workload::begin(engine& loop, connection& c) {
  for (int i = 0; i < wishes_.outstanding; ++i) {
    issue(loop, c);
  }
}

void load_workload::issue(engine& loop, connection& c) {
  if (!loop.issuing() || next_ == wishes_.keys) {
    return;
  }
  const auto first = next_;
  next_ = std::min(wishes_.keys, next_ + static_cast<std::uint32_t>(wishes_.batch));
  if (wishes_.batch == 1) {
    put_create(c.out, c.expect(opcode::create, loop.now_ns(), 1, first), path(first),
               values_(first, 0), 0);
  } else {
    const auto xid = c.expect(opcode::multi, loop.now_ns(), next_ - first, first);
    const auto frame = c.out.begin_frame();
    c.out.int32(xid);
    c.out.int32(static_cast<std::int32_t>(opcode::multi));
    for (auto key = first; key < next_; ++key) {
      put_multi_header(c.out, opcode::create);
      put_create_record(c.out, path(key), values_(key, 0), 0);
    }
    put_multi_end(c.out);
    c.out.end_frame(frame);
  }
  loop.flush_later(c);
}

void load_workload::replied(engine& loop, connection& c, const pending& request,
                            const reply& answer) {
  require_ok(answer, request.op, path(request.key));
  if (request.op == opcode::multi) {
    require_multi(answer.body, request.step);
  }
  created_ += request.step;
  loop.count_more(request.step - 1);
  loop.count(request.sent_ns);
  issue(loop, c);
}

void load_workload::check(blocking_client& client) {
  client.pipeline(
      created_,
      [&](out_bytes& out, std::int32_t xid, std::size_t key) {
        put_read(out, xid, opcode::get_data, path(static_cast<std::uint32_t>(key)), false);
      },
      [&](std::size_t i, const reply& answer) {
        const auto key = static_cast<std::uint32_t>(i);
        require_ok(answer, opcode::get_data, path(key));
        if (in_bytes in{answer.body}; in.text() != values_(key, 0)) {
          throw bench_error("verify: a wrong value at " + std::string{path(key)});
        }
      });
}

void create_workload::begin(engine& loop, connection& c) {
  for (int i = 0; i < wishes_.outstanding; ++i) {
    issue(loop, c);
  }
}

void create_workload::issue(engine& loop, connection& c) {
  if (loop.issuing()) {
    const auto key = next_++;
    put_create(c.out, c.expect(opcode::create, loop.now_ns(), 0, key), names_(key), values_(key, 0),
               0);
    loop.flush_later(c);
  }
}

void create_workload::replied(engine& loop, connection& c, const pending& request,
                              const reply& answer) {
  require_ok(answer, request.op, names_(request.key));
  loop.count(request.sent_ns);
  if (request.op == opcode::remove) {
    issue(loop, c);
    return;
  }
  if (in_bytes in{answer.body}; in.text() != names_(request.key)) {
    throw bench_error("verify: the server created another path than asked for");
  }
  put_remove(c.out, c.expect(opcode::remove, loop.now_ns(), 0, request.key), names_(request.key));
  loop.flush_later(c);
}

void create_workload::check(blocking_client& client) {
  if (const auto left = client.children(wishes_.root); !left.empty()) {
    throw bench_error("verify: " + std::to_string(left.size()) + " deleted znodes are still there");
  }
}

}  // namespace bench
