/// When to say something so that one is heard, and when the other end is not heard any more.
#pragma once

#include <algorithm>

#include <troupe/base/time.hpp>

namespace troupe::peer {

/// The silence of one link. Only time in which this server could have listened counts: neither a
/// pause of its own process nor a time in which it did not want to read makes the other end silent.
class keep_alive {
public:
  struct periods {
    nanoseconds keep_alive{0};  ///< say something after this time
    nanoseconds silence{0};     ///< the other end is gone after this time
  };

  keep_alive(periods how, monotonic_time now) noexcept
      : how_(how), heard_(now), said_(now), looked_(now) {}

  void heard(monotonic_time now) noexcept { heard_ = now; }
  void said(monotonic_time now) noexcept { said_ = now; }

  /// Called regularly, at least twice per `keep_alive`.
  /// @param listens whether this end reads at all now.
  void tick(monotonic_time now, bool listens) noexcept {
    const auto passed = now - looked_;
    looked_ = now;
    const auto expected = how_.keep_alive;
    // What was sent meanwhile is still in the socket, and will be read before the next tick.
    if (passed > expected) heard_ = std::min(heard_ + (passed - expected), now);
    if (!listens) heard_ = now;
  }
  [[nodiscard]] bool must_speak(monotonic_time now) const noexcept {
    return now - said_ >= how_.keep_alive;
  }
  [[nodiscard]] bool is_silent(monotonic_time now) const noexcept {
    return now - heard_ >= how_.silence;
  }
  [[nodiscard]] nanoseconds silence() const noexcept { return how_.silence; }

private:
  periods how_;
  monotonic_time heard_, said_, looked_;
};

}  // namespace troupe::peer
