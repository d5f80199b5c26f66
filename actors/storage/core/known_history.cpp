#include "actors/storage/core/known_history.hpp"

#include <algorithm>

namespace troupe::storage {

void known_history::begin_segment(segment_start segment, std::uint64_t previous) {
  if (!segments_.empty() && segments_.back().number != previous) segments_.clear();
  segments_.push_back(segment);
}

void known_history::add(history_point point) {
  last_ = point;
  points_.add(point);
  if (point.zxid == zxid{}) return;
  if (!ends_.empty() && ends_.back().zxid.epoch() == point.zxid.epoch()) {
    ends_.back() = point;
    return;
  }
  ends_.push_back(point);
  if (ends_.size() > most_epoch_ends) ends_.pop_front();
}

void known_history::cut(history_point last, std::uint64_t segment) {
  last_ = last;
  points_.cut(last.zxid);
  while (!ends_.empty() && ends_.back().zxid > last.zxid)
    ends_.pop_back();
  if (last.zxid != zxid{} && (ends_.empty() || ends_.back() != last)) ends_.push_back(last);
  while (!segments_.empty() && segments_.back().number > segment)
    segments_.pop_back();
}

void known_history::restart(history_point base, std::uint64_t segment) {
  *this = {};
  begin_segment({segment, base}, 0);
  add(base);
}

void known_history::forget_segments_before(std::uint64_t number) {
  while (!segments_.empty() && segments_.front().number < number)
    segments_.pop_front();
}

std::optional<std::uint64_t> known_history::hash_at(zxid at) const noexcept {
  if (at == last_.zxid) return last_.hash;
  return points_.hash_at(at);
}

zxid known_history::log_after() const noexcept {
  return segments_.empty() ? last_.zxid : segments_.front().before.zxid;
}

std::vector<segment_start> known_history::segments_after(zxid after) const {
  const auto later = [](zxid wanted, const segment_start& one) { return wanted < one.before.zxid; };
  const auto next = std::upper_bound(segments_.begin(), segments_.end(), after, later);
  if (next == segments_.begin()) return {};
  return {std::prev(next), segments_.end()};
}

}  // namespace troupe::storage
