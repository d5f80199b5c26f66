/// Bounds of native connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <troupe/base/time.hpp>

namespace troupe::rpc {

/// Shared by all connections of a gateway; each is an option of the component.
struct link_limits {
  std::size_t message_bytes = 4 << 20;
  std::uint32_t batch_operations = 4096;
  std::size_t data_bytes = 0xfffff;
  std::size_t reply_bytes = 16 << 20;
  std::uint32_t sessions = 64;
  /// Calls that are not answered, or whose answers the client has not let go.
  std::size_t open_calls = 4096;
  /// Over one of these a connection is not read from, until it is below half of it.
  std::size_t outstanding_operations = 16384;
  std::size_t outstanding_bytes = 16 << 20;
  std::size_t unsent_bytes = 4 << 20;
  /// Events that the client has not taken; over it the connection ends.
  std::size_t unsent_event_bytes = 32 << 20;
  /// What all connections together may hold. From half of it on, each has a sixteenth of the limits
  /// above; over it, the one that holds most is closed.
  std::size_t held_bytes = 512 << 20;
  nanoseconds handshake_timeout = std::chrono::seconds{10};
  std::string super_digest;
};

/// How large a page of a list is if the client does not say.
constexpr std::uint32_t usual_page = 1000;

}  // namespace troupe::rpc
