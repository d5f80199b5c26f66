/// The bytes of one connection, between its socket and its state machine.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include <troupe/sdk/byte_stream.hpp>

#include "actors/peer/intake.hpp"
#include "actors/peer/link/connection.hpp"

namespace troupe::peer {

class link_stream;

/// Whom a stream tells what happened. A stream must not be destroyed from inside these calls.
class stream_owner {
public:
  /// The connection has changed: it may be up, hold messages, or be at its end.
  virtual void changed(link_stream& stream) = 0;
  /// The stream has something to do in the next turn.
  virtual void mark(link_stream& stream) = 0;
  /// Where to read to: free again when `changed` returns, so all streams share it.
  virtual std::span<char> read_buffer() = 0;
  [[nodiscard]] virtual monotonic_time now() const = 0;

protected:
  ~stream_owner() = default;
};

/// Reads when there is something to read, and no more than twice in one turn; writes once per turn,
/// in `advance`. Reads nothing while its client holds too much of what it has delivered.
class link_stream final : private sdk::byte_stream_events {
public:
  link_stream(const sdk::ports& ports, kj::Own<kj::AsyncIoStream> socket,
              std::unique_ptr<connection> state, std::shared_ptr<peer::intake> untaken,
              stream_owner& owner);
  ~link_stream();

  [[nodiscard]] connection& state() noexcept { return *state_; }
  [[nodiscard]] const connection& state() const noexcept { return *state_; }
  [[nodiscard]] peer::intake& intake() noexcept { return *intake_; }
  /// Does what can be done. Never from inside a call to the owner.
  void advance();
  /// The connection's part of time; bounds the end of a conversation.
  void tick(monotonic_time now);
  /// Whether `advance` would do something now.
  [[nodiscard]] bool has_work() const noexcept;
  /// Nothing is left to do: the stream may be destroyed.
  [[nodiscard]] bool done() const noexcept { return state_->where() == connection::phase::closed; }

  bool marked = false;     ///< for the owner: it is in the list of the next turn
  bool told_up = false;    ///< for the owner: its client knows of the link
  bool told_gone = false;  ///< for the owner: everybody knows that it has ended
  std::uint64_t dial = 0;  ///< for the owner: the attempt that it came from
  std::string address;     ///< of the other end, for people; may be empty

private:
  void readable() override;
  void writable() override;
  [[nodiscard]] bool wants_to_read();
  void read();
  void write();

  std::unique_ptr<connection> state_;
  std::shared_ptr<peer::intake> intake_;
  stream_owner& owner_;
  bool input_ended_ = false;
  bool output_ended_ = false;
  bool waits_to_write_ = false;
  std::optional<monotonic_time> closing_since_;
  std::unique_ptr<sdk::byte_stream> socket_;
};

}  // namespace troupe::peer
