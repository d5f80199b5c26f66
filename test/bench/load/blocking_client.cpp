#include "blocking_client.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace bench {

namespace {

constexpr std::size_t window = 500;

}  // namespace

void require_ok(const reply& answer, opcode op, std::string_view path) {
  if (answer.error != 0) {
    throw bench_error("the server answers " + std::string{opcode_name(op)} + " of " +
                      std::string{path} + " with " + error_name(answer.error));
  }
}

blocking_client::blocking_client(const endpoint& server, const options& wishes)
    : fd_(connect_blocking(server, wishes.stall_s)), server_(server.name) {
  put_connect(out_, std::max(wishes.session_timeout_ms, 40000));
  flush();
  if (read_session(receive_frame()).timeout_ms <= 0) {
    throw bench_error(server_ + " refuses a new session");
  }
}

blocking_client::~blocking_client() {
  try {
    put_bare(out_, ++xid_, opcode::close_session);
    flush();
    receive_frame();
  } catch (const std::exception&) {
    // The connection has failed already, and whoever used it was told.
    fd_.reset();
  }
}

void blocking_client::create(std::string_view path, std::string_view data, bool may_exist) {
  put_create(out_, ++xid_, path, data, 0);
  flush();
  const auto answer = read_reply(receive_frame());
  if (!(may_exist && answer.error == error_node_exists)) {
    require_ok(answer, opcode::create, path);
  }
}

reply blocking_client::call(opcode op, std::string_view path) {
  put_read(out_, ++xid_, op, path, false);
  flush();
  const auto answer = read_reply(receive_frame());
  require_ok(answer, op, path);
  return answer;
}

std::string blocking_client::get(std::string_view path) {
  in_bytes in{call(opcode::get_data, path).body};
  return std::string{in.text()};
}

std::vector<std::string> blocking_client::children(std::string_view path) {
  in_bytes in{call(opcode::get_children, path).body};
  std::vector<std::string> result(static_cast<std::size_t>(std::max(in.int32(), 0)));
  for (auto& name : result) {
    name = in.text();
  }
  return result;
}

void blocking_client::sync(std::string_view path) {
  put_sync(out_, ++xid_, path);
  flush();
  require_ok(read_reply(receive_frame()), opcode::sync, path);
}

void blocking_client::remove_tree(const std::string& path) {
  const auto names = children(path);
  std::vector<std::string> inhabited;
  pipeline(
      names.size(),
      [&](out_bytes& out, std::int32_t xid, std::size_t i) {
        put_remove(out, xid, path + "/" + names[i]);
      },
      [&](std::size_t i, const reply& answer) {
        if (answer.error == error_not_empty) {
          inhabited.push_back(names[i]);
        } else if (answer.error != error_no_node) {
          require_ok(answer, opcode::remove, path + "/" + names[i]);
        }
      });
  for (const auto& name : inhabited) {
    remove_tree(path + "/" + name);
  }
  put_remove(out_, ++xid_, path);
  flush();
  require_ok(read_reply(receive_frame()), opcode::remove, path);
}

void blocking_client::pipeline(std::size_t count, const write_request& write,
                               const take_reply& take) {
  for (std::size_t begin = 0; begin < count; begin += window) {
    const auto end = std::min(count, begin + window);
    const auto first = xid_ + 1;
    for (std::size_t i = begin; i < end; ++i) {
      write(out_, ++xid_, i);
    }
    flush();
    for (std::size_t i = begin; i < end; ++i) {
      const auto answer = read_reply(receive_frame());
      if (answer.xid != first + static_cast<std::int32_t>(i - begin)) {
        throw bench_error(server_ + " answers out of order");
      }
      take(i, answer);
    }
  }
}

std::string_view blocking_client::receive_frame() {
  // What earlier frames left stays in front; `used_` bytes of it have been handed out.
  in_.erase(0, used_);
  used_ = 0;
  for (;;) {
    if (in_.size() >= 4) {
      const auto size = static_cast<std::size_t>(in_bytes{in_}.int32());
      if (in_.size() >= 4 + size) {
        used_ = 4 + size;
        return std::string_view{in_}.substr(4, size);
      }
    }
    char part[65536];
    const auto got = ::recv(fd_.get(), part, sizeof part, 0);
    if (got <= 0) {
      throw bench_error(server_ + (got == 0
                                       ? " closed the connection"
                                       : std::string{" does not answer: "} + std::strerror(errno)));
    }
    in_.append(part, static_cast<std::size_t>(got));
  }
}

void blocking_client::flush() {
  while (!out_.unsent().empty()) {
    const auto sent = ::send(fd_.get(), out_.unsent().data(), out_.unsent().size(), MSG_NOSIGNAL);
    if (sent <= 0) {
      throw bench_error(server_ + " does not take requests: " + std::strerror(errno));
    }
    out_.consume(static_cast<std::size_t>(sent));
  }
}

}  // namespace bench
