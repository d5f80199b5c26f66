/// Reads that wait for a write of their lane.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "actors/tree/core/reader.hpp"

namespace troupe::tree {

/// Holds each lane's reads that came with the number of a write whose outcome has not left yet. The
/// outcomes of a lane come in the order of its numbers; those of create_session alone come by
/// another way and are not counted. Bounded by what connections may have outstanding.
class read_parking {
public:
  /// Whether the read must wait.
  [[nodiscard]] bool must_wait(std::uint32_t lane, std::uint64_t after) const {
    if (after == 0) return false;
    const auto found = lanes_.find(lane);
    return found == lanes_.end() || after > found->second.resolved_through;
  }
  void park(std::uint32_t lane, read_request request) {
    const auto after = request.after;
    lanes_[lane].waiting.emplace(after, std::move(request));
    ++size_;
  }
  /// The outcome of this write has left. Returns the reads that may run now, in the order of the
  /// writes that they waited for, and in their own order behind each.
  std::vector<read_request> resolved(std::uint32_t lane, std::uint64_t sequence) {
    auto& here = lanes_[lane];
    if (sequence > here.resolved_through) here.resolved_through = sequence;
    std::vector<read_request> ready;
    while (!here.waiting.empty() && here.waiting.begin()->first <= here.resolved_through)
      ready.push_back(std::move(here.waiting.extract(here.waiting.begin()).mapped()));
    size_ -= ready.size();
    return ready;
  }
  /// The lane is a new one and counts from the beginning.
  void reset(std::uint32_t lane) {
    if (const auto found = lanes_.find(lane); found != lanes_.end()) {
      size_ -= found->second.waiting.size();
      lanes_.erase(found);
    }
  }
  /// The connection is gone.
  void drop(watcher_id watcher) {
    const auto found = lanes_.find(watcher.lane);
    if (found == lanes_.end()) return;
    size_ -= std::erase_if(found->second.waiting, [&](const auto& parked) {
      return parked.second.connection == watcher.connection;
    });
  }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  struct lane_state {
    std::uint64_t resolved_through = 0;
    std::multimap<std::uint64_t, read_request> waiting;
  };
  std::map<std::uint32_t, lane_state> lanes_;
  std::size_t size_ = 0;
};

}  // namespace troupe::tree
