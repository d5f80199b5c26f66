/// The bytes of one connection, between its socket and its state machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include <troupe/sdk/byte_stream.hpp>

#include "actors/gateway/zookeeper/connection/connection.hpp"

namespace troupe::zk {

/// Whom a stream tells what happened on its socket. Called from the event loop; a stream must not
/// be destroyed from inside these calls.
class stream_owner {
public:
  virtual void bytes_arrived(connection& on, std::string_view bytes) = 0;
  virtual void input_ended(connection& on) = 0;
  virtual void connection_broken(connection& on, std::string_view why) = 0;
  /// The stream has something to do in the next turn.
  virtual void stream_changed(connection& on) = 0;
  /// Where to read to: free again when `bytes_arrived` returns, so all streams share it.
  virtual std::span<char> read_buffer() = 0;

protected:
  ~stream_owner() = default;
};

/// Reads when there is something to read, but no more than twice in one turn; writes once per turn,
/// in `advance`. So no connection gets more than its share. Between turns nothing of it is busy,
/// and an idle connection holds no buffer.
///
/// At the end of a conversation it sends what is left, then the end of its own side, and drains a
/// little input before it closes: bytes that nobody read would make the kernel reset the
/// connection, and the peer could lose the last answer. Who has closed its session sends nothing
/// more, so there it closes at once.
class socket_stream final : private sdk::byte_stream_events {
public:
  /// `state` must live longer than the stream.
  socket_stream(const sdk::ports& ports, kj::Own<kj::AsyncIoStream> socket, connection& state,
                stream_owner& owner);

  /// Does what can be done. Never from inside a call to the owner.
  void advance();
  /// Sends what the socket takes at once. Harmless at any time, but from inside a call to the
  /// owner.
  void flush() { write(); }
  /// Nothing is left to do: the stream may be destroyed.
  [[nodiscard]] bool done() const noexcept { return done_; }
  /// Called regularly: bounds the time that the end of a conversation may take.
  void tick();

private:
  void readable() override { read(); }
  void writable() override;
  [[nodiscard]] bool wants_to_read() const noexcept;
  void read();
  void have_read(std::string_view bytes);
  void write();
  void finish_sending();

  connection& state_;
  stream_owner& owner_;
  bool input_ended_ = false;
  bool waits_to_write_ = false;
  bool own_side_ended_ = false;
  bool done_ = false;
  std::uint8_t ticks_at_end_ = 0;
  std::size_t drained_bytes_ = 0;
  std::unique_ptr<sdk::byte_stream> socket_;
};

}  // namespace troupe::zk
