/// One connection with another server, as a pure state machine between bytes and messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/blob.hpp>
#include <troupe/base/time.hpp>

#include "actors/peer/core/keep_alive.hpp"
#include "actors/peer/link/handshake.hpp"

namespace troupe::peer {

struct link_limits {
  std::size_t frame_bytes = 0;   ///< of one message
  std::size_t unsent_bytes = 0;  ///< that the other end has not taken
  keep_alive::periods periods;
};

/// Bytes from the socket come in, messages for the link's client come out, and the other way round.
/// Owns no socket, reads no clock.
class connection {
public:
  enum class phase : std::uint8_t {
    greeting,  ///< until both ends are sure of each other
    up,
    closing,  ///< nothing is delivered any more; what is in `output` may still leave
    closed,   ///< the socket is to be closed now
  };

  /// `own`, `rules` and `limits` outlive it. See `handshake` for `first`.
  connection(std::uint64_t number, const identity& own, const gate& rules,
             const link_limits& limits, side end, hello first, monotonic_time now);

  /// The link's number, once it is up.
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] phase where() const noexcept { return phase_; }
  [[nodiscard]] server_id server() const noexcept { return handshake_.server(); }
  [[nodiscard]] channel on() const noexcept { return handshake_.on(); }
  [[nodiscard]] std::uint64_t instance() const noexcept { return handshake_.other().instance; }
  [[nodiscard]] side end() const noexcept { return side_; }

  // ------------------------------------------------------------ from the socket

  void receive(std::string_view bytes, monotonic_time now);
  void input_ended();
  void broken(std::string_view why);

  // ------------------------------------------------------------ from this server

  /// Appends messages to the output. Only while it is up; may end it.
  void send(std::span<const blob> messages, monotonic_time now);
  /// Called regularly. @param listens whether this end reads at all now.
  void tick(monotonic_time now, bool listens);
  /// What is in the output may still leave.
  void close(std::string why);
  /// Ends what is `closing`.
  void abort() noexcept { phase_ = phase::closed; }

  // ------------------------------------------------------------ to the socket

  [[nodiscard]] std::string_view output() const noexcept {
    return std::string_view{output_}.substr(sent_);
  }
  void sent(std::size_t bytes);

  // ------------------------------------------------------------ to this server

  /// The messages that have arrived since the last call.
  [[nodiscard]] std::vector<blob> take_messages();
  /// Why it is closing or closed, for people.
  [[nodiscard]] const std::string& why() const noexcept { return why_; }
  /// Set if it was the greeting that failed.
  [[nodiscard]] const std::optional<handshake::failure>& refused() const noexcept {
    return refused_;
  }
  [[nodiscard]] bool was_up() const noexcept { return was_up_; }

  struct counts {
    std::uint64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0;
  };
  /// Those since the last call.
  counts take_counts() noexcept { return std::exchange(counts_, {}); }

private:
  void take_frame(frame_kind kind, std::string_view payload);
  void greet(frame_kind kind, std::string_view payload);
  void put(frame_kind kind, std::string_view payload);
  void fail(std::string why);
  void fail_greeting(std::string why);
  void finish(phase how, std::string why);

  const std::uint64_t number_;
  const link_limits& limits_;
  const side side_;
  handshake handshake_;
  frame_reader frames_;
  keep_alive alive_;
  const monotonic_time began_;
  phase phase_ = phase::greeting;
  bool was_up_ = false;
  std::string why_;
  std::optional<handshake::failure> refused_;
  std::string output_;
  std::size_t sent_ = 0;  ///< of output_
  std::vector<blob> messages_;
  counts counts_;
};

}  // namespace troupe::peer
