/// One client: a non-blocking connection, its session and its unanswered requests.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol.hpp"
#include "socket.hpp"

namespace bench {

/// A request that waits for its answer. The last three belong to the workload.
struct pending {
  std::int32_t xid = 0;
  opcode op{};
  std::uint64_t sent_ns = 0;
  std::uint32_t step = 0;
  std::uint32_t key = 0;
  std::uint64_t expected = 0;
};

/// The unanswered requests in the order of sending; keeps its memory.
class pending_queue {
public:
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  void push(const pending& request) {
    if (size() == slots_.size()) {
      grow();
    }
    slots_[end_++ & (slots_.size() - 1)] = request;
  }
  pending pop() { return slots_[begin_++ & (slots_.size() - 1)]; }
  [[nodiscard]] const pending& front() const { return slots_[begin_ & (slots_.size() - 1)]; }
  void clear() noexcept { begin_ = end_ = 0; }

private:
  void grow() {
    std::vector<pending> bigger(slots_.empty() ? 4 : slots_.size() * 2);
    const auto count = size();
    for (std::size_t i = 0; i < count; ++i) {
      bigger[i] = slots_[(begin_ + i) & (slots_.size() - 1)];
    }
    slots_ = std::move(bigger);
    begin_ = 0;
    end_ = count;
  }
  std::vector<pending> slots_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

enum class connection_state : std::uint8_t { closed, connecting, opening, open };

/// What the engine keeps per client. A workload writes requests into `out` after `expect`.
struct connection {
  /// Number of the client, from 0.
  std::uint32_t index = 0;
  /// Where it connects to; set by the engine.
  const endpoint* server = nullptr;
  connection_state state = connection_state::closed;
  /// Whether the engine waits for room in the socket's buffer.
  bool waits_for_room = false;
  /// Whether it is in the engine's list of connections to flush.
  bool dirty = false;
  descriptor fd;
  out_bytes out;
  /// Bytes of a frame that has not arrived completely.
  std::string partial;
  pending_queue unanswered;
  std::int32_t xid = 0;
  std::int64_t last_zxid = 0;
  std::int64_t session = 0;
  std::uint64_t last_sent_ns = 0;
  std::uint64_t connect_began_ns = 0;

  /// Notes a request that is about to be written, and gives it its xid.
  std::int32_t expect(opcode op, std::uint64_t now_ns, std::uint32_t step = 0,
                      std::uint32_t key = 0, std::uint64_t expected = 0) {
    unanswered.push({++xid, op, now_ns, step, key, expected});
    return xid;
  }
};

}  // namespace bench
