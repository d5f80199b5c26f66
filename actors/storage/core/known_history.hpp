/// What a server knows of its history without reading its log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "actors/storage/core/history.hpp"

namespace troupe::storage {

/// A segment of the log, and the point of the history after which it begins.
struct segment_start {
  std::uint64_t number = 0;
  history_point before;
  bool operator==(const segment_start&) const = default;
};

/// The durable end of the history, its newest points, the ends of its newest epochs, and which
/// segment has what. Pure.
class known_history {
public:
  static constexpr std::size_t most_epoch_ends = 64;

  /// A segment of the log begins, behind segment `previous`. If that is not the newest known, those
  /// known are forgotten: the log does not lead from them to this one.
  void begin_segment(segment_start segment, std::uint64_t previous);
  /// One more transaction; or, at a start, the point at which the log is read from.
  void add(history_point point);
  /// Everything after `last` was removed, and with it the segments after `segment`.
  void cut(history_point last, std::uint64_t segment);
  /// The history is now everything up to `base`, of which nothing is in the log, which begins with
  /// `segment`.
  void restart(history_point base, std::uint64_t segment);
  /// Segments before this one are not to be read any more.
  void forget_segments_before(std::uint64_t number);

  [[nodiscard]] const history_point& last() const noexcept { return last_; }
  /// The hash at a transaction, if it is one of the newest.
  [[nodiscard]] std::optional<std::uint64_t> hash_at(zxid at) const noexcept;
  /// The last transactions of the newest epochs, oldest epoch first; the last one is `last`.
  [[nodiscard]] const std::deque<history_point>& epoch_ends() const noexcept { return ends_; }
  /// Everything after this transaction is in segments that are known.
  [[nodiscard]] zxid log_after() const noexcept;
  /// The segments where everything after `after` is, oldest first. None if it is not known.
  [[nodiscard]] std::vector<segment_start> segments_after(zxid after) const;

private:
  history_point last_;
  history_points points_;
  std::deque<history_point> ends_;
  std::deque<segment_start> segments_;
};

}  // namespace troupe::storage
