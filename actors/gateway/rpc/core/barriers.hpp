/// Which sync a read has to wait for.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>

namespace troupe::rpc {

/// The syncs of a gateway. A sync that begins at some moment shows, when it is done, everything
/// that was answered anywhere before that moment. So one that has not been handed over yet serves
/// every read of this turn, and one that is done serves reads that may lag behind it. Pure.
class barriers {
public:
  /// A sync that has begun: `sequence` is its number in the lane.
  struct sync {
    std::uint64_t sequence = 0;
    monotonic_time begun;
  };

  /// The sync that a read at `now` may use which need not see what was answered less than `lag`
  /// before; none if a new one has to begin. A sequence of zero needs no waiting: it is done.
  [[nodiscard]] std::optional<sync> usable(monotonic_time now, nanoseconds lag) const {
    if (fresh_) return under_way_.back();
    // What was handed over at this very moment may have been before the read.
    if (lag <= nanoseconds{0}) return std::nullopt;
    if (done_ && now - *done_ <= lag) return sync{0, *done_};
    if (!under_way_.empty() && now - under_way_.back().begun <= lag) return under_way_.back();
    return std::nullopt;
  }
  void begin(std::uint64_t sequence, monotonic_time now) {
    under_way_.push_back({sequence, now});
    fresh_ = true;
  }
  /// What began in this turn was handed over.
  void turn_ends() noexcept { fresh_ = false; }
  /// The outcome of a sync; false if it was none of these. Outcomes come in order.
  bool finish(std::uint64_t sequence, bool succeeded) {
    if (under_way_.empty() || under_way_.front().sequence != sequence) return false;
    if (succeeded) {
      done_ = under_way_.front().begun;
    } else {
      failed_through_ = sequence;
    }
    under_way_.pop_front();
    return true;
  }
  /// Whether a read that waited for this sync may have waited in vain. Asked when the read is
  /// answered; when a later sync has failed before that, the read is judged with it.
  [[nodiscard]] bool failed(std::uint64_t sequence) const noexcept {
    return sequence != 0 && sequence <= failed_through_;
  }
  /// Outcomes of what is under way may never come, and what was done was of another tree.
  void begin_anew() {
    under_way_.clear();
    done_.reset();
    fresh_ = false;
  }

private:
  std::deque<sync> under_way_;
  std::optional<monotonic_time> done_;  ///< when the newest that is done began
  std::uint64_t failed_through_ = 0;
  bool fresh_ = false;  ///< the newest has not been handed over
};

}  // namespace troupe::rpc
