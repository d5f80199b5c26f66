/// Whether the disk is quick enough to be waited for where others wait for the same thread.
#pragma once

#include <troupe/base/time.hpp>

namespace troupe::storage {

/// Knows a disk by its last syncs. One that was slow is enough to lose trust, and many in a row win
/// it back, so that a disk with moods delays the thread that waits for it once in a while, and a
/// slow one never.
class sync_pace {
public:
  /// Syncs in a row that must be quick.
  static constexpr unsigned trusted_after = 16;

  /// A sync is quick if it takes less than `limit`; with none, no disk is.
  explicit sync_pace(nanoseconds limit) : limit_(limit) {}

  void took(nanoseconds time) noexcept {
    if (time >= limit_) {
      quick_ = 0;
    } else if (quick_ < trusted_after) {
      ++quick_;
    }
  }
  [[nodiscard]] bool is_quick() const noexcept { return quick_ >= trusted_after; }

private:
  const nanoseconds limit_;
  unsigned quick_ = 0;
};

}  // namespace troupe::storage
