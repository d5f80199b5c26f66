#include "actors/storage/core/memory_log.hpp"

#include <algorithm>

namespace troupe::storage {

void memory_log::append(const std::vector<encoded_txn>& txns) {
  for (const auto& one : txns) {
    const auto point = extend(history_.last(), one.zxid, one.body.view());
    history_.add(point);
    entries_.push_back({one, point.hash});
    bytes_ += one.body.size();
  }
  while (bytes_ > most_bytes_) {
    const auto& oldest = entries_.front();
    base_ = {oldest.txn.zxid, oldest.hash};
    bytes_ -= oldest.txn.body.size();
    entries_.pop_front();
  }
}

std::optional<memory_log::entries::const_iterator> memory_log::after(zxid at) const {
  if (at == base_.zxid) return entries_.begin();
  const auto found =
      std::lower_bound(entries_.begin(), entries_.end(), at,
                       [](const entry& one, zxid wanted) { return one.txn.zxid < wanted; });
  if (found == entries_.end() || found->txn.zxid != at) return {};
  return std::next(found);
}

std::optional<std::uint64_t> memory_log::hash_at(zxid at) const {
  if (at == base_.zxid) return base_.hash;
  const auto next = after(at);
  if (!next) return {};
  return std::prev(*next)->hash;
}

bool memory_log::cut(zxid last) {
  const auto hash = hash_at(last);
  if (!hash) return false;
  while (!entries_.empty() && entries_.back().txn.zxid > last) {
    bytes_ -= entries_.back().txn.body.size();
    entries_.pop_back();
  }
  history_.cut({last, *hash}, 0);
  return true;
}

void memory_log::restart(history_point base) {
  entries_.clear();
  bytes_ = 0;
  base_ = base;
  history_ = {};
  history_.add(base);
}

std::optional<memory_log::part> memory_log::read(zxid at, std::size_t most_bytes) const {
  const auto first = after(at);
  if (!first) return {};
  part found;
  found.after = {at, *hash_at(at)};
  std::size_t bytes = 0;
  auto next = *first;
  for (; next != entries_.end() && (bytes < most_bytes || found.txns.empty()); ++next) {
    found.txns.push_back(next->txn);
    bytes += next->txn.body.size();
  }
  found.more = next != entries_.end();
  return found;
}

}  // namespace troupe::storage
