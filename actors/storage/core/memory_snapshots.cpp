#include "actors/storage/core/memory_snapshots.hpp"

#include <algorithm>

namespace troupe::storage {

bool memory_snapshots::add(std::uint64_t token) {
  if (readers_.size() == most_readers || readers_.contains(token)) return false;
  readers_[token];
  return true;
}

void memory_snapshots::release(std::uint64_t token) { readers_.erase(token); }

void memory_snapshots::clear() {
  readers_.clear();
  growing_.reset();
  asked_ = false;
}

bool memory_snapshots::take_wanted() {
  const bool anyone = std::any_of(readers_.begin(), readers_.end(),
                                  [](const auto& one) { return !one.second.snapshot; });
  if (asked_ || !anyone) return false;
  return asked_ = true;
}

void memory_snapshots::begin(history_point at, std::uint64_t tree_digest) {
  growing_ = std::make_shared<memory_snapshot>(memory_snapshot{at, tree_digest, {}});
}

void memory_snapshots::add_chunk(blob chunk) {
  if (growing_) growing_->chunks.push_back(std::move(chunk));
}

std::vector<std::uint64_t> memory_snapshots::finish() {
  asked_ = false;
  const std::shared_ptr<const memory_snapshot> made = std::exchange(growing_, nullptr);
  std::vector<std::uint64_t> served;
  for (auto& [token, one] : readers_) {
    if (one.snapshot || !made) continue;
    one.snapshot = made;
    served.push_back(token);
  }
  return served;
}

std::shared_ptr<const memory_snapshot> memory_snapshots::of(std::uint64_t token) const {
  const auto found = readers_.find(token);
  return found == readers_.end() ? nullptr : found->second.snapshot;
}

std::optional<blob> memory_snapshots::next(std::uint64_t token) {
  auto& one = readers_.at(token);
  if (!one.snapshot || one.next == one.snapshot->chunks.size()) return {};
  return one.snapshot->chunks[one.next++];
}

}  // namespace troupe::storage
