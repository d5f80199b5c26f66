#include "actors/storage/core/history.hpp"

#include <algorithm>

#include <xxhash.h>

#include "actors/storage/core/little_endian.hpp"

namespace troupe::storage {

history_point extend(history_point before, zxid next, std::string_view body) noexcept {
  char link[16];
  put(link, before.hash);
  put(link + 8, next.value);
  const auto seed = XXH3_64bits(link, sizeof link);
  return {next, XXH3_64bits_withSeed(body.data(), body.size(), seed)};
}

void history_points::add(history_point point) {
  points_.push_back(point);
  if (points_.size() > limit) points_.pop_front();
}

void history_points::cut(zxid last) {
  while (!points_.empty() && points_.back().zxid > last)
    points_.pop_back();
}

std::optional<std::uint64_t> history_points::hash_at(zxid at) const noexcept {
  const auto found =
      std::lower_bound(points_.begin(), points_.end(), at,
                       [](const history_point& point, zxid wanted) { return point.zxid < wanted; });
  if (found == points_.end() || found->zxid != at) return {};
  return found->hash;
}

}  // namespace troupe::storage
