/// Whether the disk is quick enough to be waited for where others wait for the same thread.
#pragma once

#include <algorithm>

#include <troupe/base/time.hpp>

namespace troupe::storage {

/// Knows a disk by its last syncs. A very slow one is enough to lose trust; of those that are only
/// over the limit, where a busy processor may be the reason, it takes more than every third. Many
/// quick ones win it back. So a disk with moods delays the thread that waits for it once in a
/// while, and a slow one never.
class sync_pace {
public:
  /// Quick syncs until a new disk is trusted.
  static constexpr unsigned trusted_after = 16;
  /// A sync over the limit counts against so many below it.
  static constexpr unsigned weight_of_slow = 2;
  /// A sync that takes so many times the limit is very slow.
  static constexpr int very_slow = 4;

  /// A sync is quick if it takes less than `limit`; with none, no disk is.
  explicit sync_pace(nanoseconds limit) : limit_(limit) {}

  void took(nanoseconds time) noexcept {
    if (time < limit_) {
      if (score_ < trusted_after && ++score_ == trusted_after) trusted_ = true;
    } else {
      score_ = time < very_slow * limit_ ? score_ - std::min(score_, weight_of_slow) : 0;
      if (score_ == 0) trusted_ = false;
    }
  }
  [[nodiscard]] bool is_quick() const noexcept { return trusted_; }

private:
  const nanoseconds limit_;
  unsigned score_ = 0;
  bool trusted_ = false;
};

}  // namespace troupe::storage
