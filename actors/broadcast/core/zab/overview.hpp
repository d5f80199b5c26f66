/// What a member knows of its ensemble, for people and monitoring.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>

namespace troupe::broadcast::zab {

/// Bytes of a leader's proposals, as ZooKeeper shows them: -1 before the first.
struct proposal_sizes {
  std::int64_t last = -1;
  std::int64_t smallest = -1;
  std::int64_t largest = -1;

  void add(std::size_t bytes) noexcept {
    last = static_cast<std::int64_t>(bytes);
    smallest = smallest < 0 ? last : std::min(smallest, last);
    largest = std::max(largest, last);
  }
};

/// One learner, as its leader knows it.
struct learner_overview {
  server_id server;
  bool votes = false;
  bool synced = false;  ///< it counts, and serves
  std::string_view stage;
  zxid durable;
  std::uint64_t lag = 0;  ///< transactions of the leader that it does not have durably
  nanoseconds silence{0};
  nanoseconds synced_for{0};
};

struct overview {
  /// In ZooKeeper's words: election, discovery, synchronization, broadcast.
  std::string_view phase = "election";
  std::optional<server_id> leader;
  std::uint32_t epoch = 0;        ///< the newest one that this member has claimed
  nanoseconds leader_silence{0};  ///< of a learner
  std::uint64_t lag = 0;          ///< of a learner: received, and not known to be committed
  std::uint64_t pending_syncs = 0;
  bool holds_lease = false;  ///< a leader that needs to ask nobody now whether it still leads
  proposal_sizes sizes;
  std::vector<learner_overview> learners;  ///< by id
};

/// How many transactions a history with these `ends` has after `from` and up to `to`. In an epoch
/// counters have no gaps and begin at one; what a snapshot hides of older epochs does not count.
[[nodiscard]] std::uint64_t transactions_between(std::span<const zxid> ends, zxid from,
                                                 zxid to) noexcept;

}  // namespace troupe::broadcast::zab
