/// The numbers that name things: transactions, sessions, servers, requests.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>

namespace troupe {

/// Transaction id: epoch of the leader that made it (high 32 bits) and a counter without gaps
/// within the epoch (low 32 bits). Zero means "before every transaction". Counter 0 is never a
/// transaction; it is the point where an epoch begins.
struct zxid {
  std::uint64_t value = 0;

  static constexpr zxid of(std::uint32_t epoch, std::uint32_t counter) noexcept {
    return {static_cast<std::uint64_t>(epoch) << 32 | counter};
  }
  [[nodiscard]] constexpr std::uint32_t epoch() const noexcept {
    return static_cast<std::uint32_t>(value >> 32);
  }
  [[nodiscard]] constexpr std::uint32_t counter() const noexcept {
    return static_cast<std::uint32_t>(value);
  }
  /// The next transaction of the same epoch. The caller guards the counter's overflow.
  [[nodiscard]] constexpr zxid next() const noexcept { return {value + 1}; }

  constexpr auto operator<=>(const zxid&) const noexcept = default;
};

/// Whether `next` may directly follow `last` in a history: the next counter of the same epoch, or
/// the first transaction of a later one.
constexpr bool follows(zxid last, zxid next) noexcept {
  return next == last.next() || (next.epoch() > last.epoch() && next.counter() == 1);
}

/// Id of a client session. Zero means "no session". The high byte is the low byte of the id of the
/// server that made it, as ZooKeeper's clients and tools expect.
struct session_id {
  std::uint64_t value = 0;

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return value != 0; }
  constexpr auto operator<=>(const session_id&) const noexcept = default;
  template <class H>
  friend H AbslHashValue(H h, session_id id) {
    return H::combine(std::move(h), id.value);
  }
};

/// As people write them: hexadecimal with "0x", for example "0x100000007".
std::string to_string(zxid id);
std::string to_string(session_id id);

/// Id of a server, 1 to 254, unique within its deployment.
struct server_id {
  std::uint32_t value = 0;
  constexpr auto operator<=>(const server_id&) const noexcept = default;
};

/// Where a request came from, so that its outcome finds the way back: the server, the number of
/// that server's start (a restarted server never takes a predecessor's outcome for its own), the
/// lane (a subscriber of that server's tree, for example a gateway) and the lane's own sequence
/// number. A default constructed origin means that nobody waits for the outcome.
struct origin {
  server_id server;
  std::uint32_t start = 0;
  std::uint32_t lane = 0;
  std::uint64_t sequence = 0;
  constexpr auto operator<=>(const origin&) const noexcept = default;
};

/// Names one watcher: a client connection of one lane. Watches belong to connections, never to
/// sessions (zookeeper-protocol section 7.1).
struct watcher_id {
  std::uint32_t lane = 0;
  std::uint64_t connection = 0;
  constexpr auto operator<=>(const watcher_id&) const noexcept = default;
  template <class H>
  friend H AbslHashValue(H h, watcher_id id) {
    return H::combine(std::move(h), id.lane, id.connection);
  }
};

}  // namespace troupe

template <>
struct std::hash<troupe::session_id> {
  std::size_t operator()(troupe::session_id id) const noexcept {
    return std::hash<std::uint64_t>{}(id.value);
  }
};
