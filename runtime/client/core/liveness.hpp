/// When a client must say something, and when it must give up.
#pragma once

#include <algorithm>

#include <troupe/base/time.hpp>

namespace troupe::client {

/// The client's side of a session's timeout. What was answered was heard by a server not before it
/// was sent, so a client that counts from the sending knows of the end before any server. Pure.
class liveness {
public:
  enum class advice {
    nothing,
    ping,       ///< nothing was said for a quarter of the timeout
    reconnect,  ///< nothing of what was said was answered for half of the timeout
    lost,       ///< no server was heard of for the whole timeout
  };

  /// The session exists, or goes on, as of a request that was sent at `sent`.
  void begins(nanoseconds timeout, monotonic_time sent, monotonic_time now) {
    timeout_ = timeout;
    confirmed_ = std::max(confirmed_, sent);
    said_ = now;
    waits_ = false;
    is_connected_ = true;
  }
  /// The connection is gone.
  void disconnected() noexcept { is_connected_ = false; }
  void said(monotonic_time now) {
    said_ = now;
    if (!waits_) waiting_since_ = now;
    waits_ = true;
  }
  /// Something that was sent at `sent` was answered; `waits`: something else was not yet.
  void answered(monotonic_time sent, monotonic_time now, bool waits) {
    confirmed_ = std::max(confirmed_, sent);
    waiting_since_ = now;
    waits_ = waits;
  }

  /// When to look again.
  [[nodiscard]] monotonic_time next() const {
    const auto end = confirmed_ + timeout_;
    if (!is_connected_) return end;
    const auto ping = said_ + timeout_ / 4;
    return std::min({end, ping, waits_ ? waiting_since_ + timeout_ / 2 : ping});
  }
  [[nodiscard]] advice look(monotonic_time now) const {
    if (now - confirmed_ >= timeout_) return advice::lost;
    if (!is_connected_) return advice::nothing;
    if (waits_ && now - waiting_since_ >= timeout_ / 2) return advice::reconnect;
    return now - said_ >= timeout_ / 4 ? advice::ping : advice::nothing;
  }

private:
  nanoseconds timeout_{0};
  monotonic_time confirmed_;  ///< from this moment on a server may count
  monotonic_time said_, waiting_since_;
  bool waits_ = false;
  bool is_connected_ = false;
};

}  // namespace troupe::client
