/// Whether anybody waits for something else than the disk.
#pragma once

#include <chrono>
#include <cstdint>

#include <troupe/base/time.hpp>

namespace troupe::rpc {

/// Says of a gateway's clients whether all who were heard of lately write, or whether there is one
/// only: then whoever waits for the disk on their thread makes nobody wait in vain. Pure.
class disk_hint {
public:
  /// `again`: how often others must be told that somebody reads.
  explicit disk_hint(nanoseconds again) : again_(again) {}

  void heard(std::uint64_t connection, monotonic_time now) noexcept {
    if (last_heard_ != 0 && last_heard_ != connection) others_heard_ = now;
    last_heard_ = connection;
  }
  void read(monotonic_time now) noexcept { read_heard_ = now; }
  /// A client that comes in place of one that left is as alone as that was.
  void left(std::uint64_t connection) noexcept {
    if (connection == last_heard_) last_heard_ = 0;
  }

  [[nodiscard]] bool disk_bound(monotonic_time now) const noexcept {
    return now - others_heard_ > lately || now - read_heard_ > lately;
  }
  /// Whether it is time to tell that it is not so; `told` if something that says so leaves anyway.
  bool must_tell(monotonic_time now, bool told) noexcept {
    if (disk_bound(now)) return false;
    const bool due = now - told_ >= again_;
    if (due || told) told_ = now;
    return due;
  }

private:
  static constexpr nanoseconds lately = std::chrono::milliseconds{20};

  nanoseconds again_;
  std::uint64_t last_heard_ = 0;
  monotonic_time others_heard_, read_heard_, told_;
};

}  // namespace troupe::rpc
