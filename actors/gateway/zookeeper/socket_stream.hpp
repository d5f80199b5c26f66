/// The bytes of one connection, between its socket and its state machine.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <kj/async-io.h>

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

protected:
  ~stream_owner() = default;
};

/// Reads and writes only when told to by `advance`, once per turn: at most one read of at most
/// 64 KiB and at most one write at a time, so that no connection gets more than its share. Between
/// turns the socket works on buffers of this class.
///
/// At the end of a conversation it sends what is left, then the end of its own side, and drains a
/// little input before it closes: bytes that nobody read would make the kernel reset the
/// connection, and the peer could lose the last answer.
class socket_stream {
public:
  /// `state` must live longer than the stream.
  socket_stream(kj::Own<kj::AsyncIoStream> socket, connection& state, stream_owner& owner);

  /// Starts what can be started. Never from inside a call to the owner.
  void advance();
  /// Nothing is left to do: the stream may be destroyed.
  [[nodiscard]] bool done() const noexcept { return done_; }
  /// Called regularly: bounds the time that the end of a conversation may take.
  void tick();
  [[nodiscard]] connection& state() noexcept { return state_; }

private:
  void read();
  void write();
  void have_read(std::size_t size);
  void finish_sending();

  connection& state_;
  stream_owner& owner_;
  bool reading_now_ = false;
  bool writing_now_ = false;
  bool input_ended_ = false;
  bool own_side_ended_ = false;
  bool done_ = false;
  std::uint8_t small_reads_ = 0;
  std::uint8_t ticks_at_end_ = 0;
  std::size_t drained_bytes_ = 0;
  std::size_t read_bytes_;  ///< size of the read buffer
  std::unique_ptr<char[]> read_buffer_;
  std::string sending_;
  kj::Own<kj::AsyncIoStream> socket_;
  kj::Promise<void> reading_ = nullptr;  // the promises go before what they use
  kj::Promise<void> writing_ = nullptr;
};

}  // namespace troupe::zk
