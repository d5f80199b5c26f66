/// What lets a leader answer without asking: for a while, those who follow it help nobody else.
#pragma once

#include <algorithm>
#include <chrono>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>

namespace troupe::broadcast::zab {

/// No grant is longer, whatever a message says.
constexpr nanoseconds longest_lease = std::chrono::hours{1};

/// How much of a grant its leader may use. The clocks of two members may go at different speeds:
/// with a tenth less, each may be wrong by one part in twenty.
[[nodiscard]] constexpr nanoseconds usable(nanoseconds granted) noexcept {
  return granted - granted / 10;
}

/// The promise of one member to one leader, not to help another one to be established before a
/// time. It is not on the disk: after a start nobody knows to whom something was promised, so it
/// counts as promised to somebody unknown, for one whole lease.
///
/// A later grant replaces an earlier one. That is safe because grants are given to established
/// leaders only: a quorum was free of older grants then, and has promised to listen to no older
/// leader again, so what an older one still has is not a quorum's.
class grant {
public:
  /// Bound until then, to nobody in particular.
  explicit grant(monotonic_time until) noexcept : until_(until) {}

  void give(server_id to, monotonic_time until) noexcept {
    to_ = to;
    until_ = until;
  }
  /// That leader counts on this member no more.
  void release(server_id by) noexcept {
    if (to_ == by) until_ = {};
  }
  /// How long this member must not help `leader` to be established. A leader that begins anew does
  /// not use what it was granted before.
  [[nodiscard]] nanoseconds left_for(server_id leader, monotonic_time now) const noexcept {
    return to_ == leader ? nanoseconds{0} : std::max(nanoseconds{0}, until_ - now);
  }

private:
  server_id to_;
  monotonic_time until_;
};

}  // namespace troupe::broadcast::zab
