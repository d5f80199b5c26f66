/// A client for what happens before and after the load: znodes made, checked and removed.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "options.hpp"
#include "protocol.hpp"
#include "socket.hpp"

namespace bench {

/// One session over a blocking socket. Failures and unexpected answers throw bench_error.
class blocking_client {
public:
  blocking_client(const endpoint& server, const options& wishes);
  /// Closes the session.
  ~blocking_client();
  blocking_client(const blocking_client&) = delete;
  blocking_client& operator=(const blocking_client&) = delete;

  /// Creates a persistent znode; `may_exist`: it is no error if it is there already.
  void create(std::string_view path, std::string_view data, bool may_exist = false);
  /// The value of a znode.
  std::string get(std::string_view path);
  std::vector<std::string> children(std::string_view path);
  /// Later reads see everything that was acknowledged before, by whatever server.
  void sync(std::string_view path);
  /// Removes a znode and everything below it.
  void remove_tree(const std::string& path);

  /// Writes request `i` of `count` with xid `xid`.
  using write_request = std::function<void(out_bytes&, std::int32_t xid, std::size_t i)>;
  /// Takes the answer to request `i`, whatever its error is.
  using take_reply = std::function<void(std::size_t i, const reply&)>;
  /// Sends `count` requests, hundreds at a time, and hands over their answers in order.
  void pipeline(std::size_t count, const write_request& write, const take_reply& take);

private:
  reply call(opcode op, std::string_view path);
  std::string_view receive_frame();
  void flush();

  descriptor fd_;
  std::string server_;
  out_bytes out_;
  std::string in_;
  std::size_t used_ = 0;
  std::int32_t xid_ = 0;
};

/// Throws bench_error when `answer` reports an error, naming the request.
void require_ok(const reply& answer, opcode op, std::string_view path);

}  // namespace bench
