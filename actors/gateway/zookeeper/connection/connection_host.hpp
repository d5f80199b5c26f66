/// What a connection needs from the gateway around it.
#pragma once

#include <cstdint>
#include <string_view>

#include <troupe/base/operation.hpp>

#include "actors/gateway/zookeeper/codec/requests.hpp"
#include "actors/gateway/zookeeper/core/statistics.hpp"

namespace troupe::zk {

class connection;

/// The gateway, seen from one of its connections. Outcomes come back later, by calls to the
/// connection, never from inside one of these.
class connection_host {
public:
  /// The first packet came: answered by `connected`, `expired` or `close`.
  virtual void connect(connection& from, connect_request request) = 0;
  /// A four-letter word came, with the bytes that belong to it; answered by `report`.
  virtual void command(connection& from, std::string_view word, std::string_view argument) = 0;
  /// Sends a write to the broadcast; answered by `write_done` with the number that is returned.
  virtual std::uint64_t write(connection& from, write_op&& op) = 0;
  /// Sends a read to the tree, to be run after the write `after` if that is not zero; answered by
  /// `read_done` with the number that is returned.
  virtual std::uint64_t read(connection& from, std::uint64_t after, read_op&& op) = 0;
  /// Gives the socket what it takes at once, before a client is judged by what waits for it.
  virtual void flush(connection& to) = 0;
  /// The connection has more identities than before.
  virtual void identities_changed(connection& from) = 0;
  /// The newest transaction whose events and replies have all been handed to the connections.
  [[nodiscard]] virtual zxid applied() const = 0;
  /// Whether this server has a leader, or is one. Without, nothing that a client asks is true for
  /// sure, so its requests wait.
  [[nodiscard]] virtual bool takes_requests() const = 0;
  [[nodiscard]] virtual gateway_counters& counters() = 0;

protected:
  ~connection_host() = default;
};

}  // namespace troupe::zk
