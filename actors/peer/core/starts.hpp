/// Which start of another server is the newest.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace troupe::peer {

/// The instances of one server that have been seen, oldest first. A process that was followed by
/// another one of the same id is dead, or there are two servers with one id; so it must not be
/// heard of again.
class starts {
public:
  /// An instance has proven to be there. True if it follows another one.
  bool saw(std::uint64_t instance) {
    if (!seen_.empty() && seen_.back() == instance) return false;
    const bool follows = !seen_.empty();
    seen_.push_back(instance);
    if (seen_.size() > most_remembered) seen_.pop_front();
    return follows;
  }
  [[nodiscard]] bool is_superseded(std::uint64_t instance) const {
    if (seen_.empty() || seen_.back() == instance) return false;
    return std::find(seen_.begin(), seen_.end(), instance) != seen_.end();
  }

private:
  static constexpr std::size_t most_remembered = 64;
  std::deque<std::uint64_t> seen_;
};

}  // namespace troupe::peer
