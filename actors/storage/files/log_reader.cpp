#include "actors/storage/files/log_reader.hpp"

#include <algorithm>

namespace troupe::storage {

std::optional<log_place> log_reader::remembered(const log_extent& all, zxid at) const {
  std::optional<log_place> best;
  for (const auto& place : places_) {
    if (place.point.zxid > at || (best && best->point.zxid >= place.point.zxid)) continue;
    const auto here = [&](const segment_start& one) { return one.number == place.at.segment; };
    if (std::any_of(all.segments.begin(), all.segments.end(), here)) best = place;
  }
  return best;
}

void log_reader::remember(zxid begin, const log_place& end) {
  std::erase_if(places_, [&](const log_place& place) {
    return place.point.zxid == begin || place.point.zxid == end.point.zxid;
  });
  if (places_.size() == most_remembered) places_.erase(places_.begin());
  places_.push_back(end);
}

sdk::io_result<std::optional<log_walk>> log_reader::behind(const log_extent& all, zxid at) {
  if (all.segments.empty()) return std::optional<log_walk>{};
  const auto from = remembered(all, at);
  auto walk = from ? log_walk{disk_, instance_, all, *from} : log_walk{disk_, instance_, all};
  while (walk.place().point.zxid < at) {
    const auto one = walk.next();
    if (!one) return one.error();
    if (!*one) break;
  }
  if (walk.place().point.zxid != at) return std::optional<log_walk>{};
  return std::optional{std::move(walk)};
}

sdk::io_result<std::optional<log_range>> log_reader::read(const log_extent& all, zxid after,
                                                          std::size_t most_bytes) {
  auto walk = behind(all, after);
  if (!walk) return walk.error();
  if (!*walk) return std::optional<log_range>{};
  log_range found;
  found.after = (*walk)->place().point;
  for (std::size_t bytes = 0; bytes < most_bytes || found.txns.empty();) {
    const auto one = (*walk)->next();
    if (!one) return one.error();
    if (!*one) break;
    found.txns.push_back({(*one)->zxid, blob{(*one)->body}});
    bytes += (*one)->size;
  }
  found.more = !(*walk)->at_end();
  remember(after, (*walk)->place());
  return std::optional{std::move(found)};
}

sdk::io_result<std::optional<log_place>> log_reader::locate(const log_extent& all, zxid at) {
  const auto walk = behind(all, at);
  if (!walk) return walk.error();
  if (!*walk) return std::optional<log_place>{};
  return std::optional{(*walk)->place()};
}

}  // namespace troupe::storage
