#include "actors/storage/files/log_walk.hpp"

#include <cerrno>
#include <utility>

#include <troupe/base/check.hpp>

#include "actors/storage/core/file_names.hpp"

namespace troupe::storage {

log_walk::log_walk(sdk::disk& disk, std::uint64_t instance, log_extent all)
    : disk_(&disk), instance_(instance), all_(std::move(all)) {
  TROUPE_CHECK(!all_.segments.empty(), "there is a log to walk through");
  const auto& first = all_.segments.front();
  place_ = {{first.number, segment_header_size}, first.before};
}

log_walk::log_walk(sdk::disk& disk, std::uint64_t instance, log_extent all, const log_place& from)
    : log_walk(disk, instance, std::move(all)) {
  while (index_ + 1 < all_.segments.size() && all_.segments[index_].number < from.at.segment)
    ++index_;
  TROUPE_CHECK(all_.segments[index_].number == from.at.segment, "the place is in the extent");
  place_ = from;
}

sdk::io_error log_walk::lost(const char* what) const {
  return {EBADMSG, disk_->full_path(segment_path(place_.at.segment)) + ": " + what + " at offset " +
                       std::to_string(place_.at.offset) + ", after transaction " +
                       to_text(place_.point.zxid)};
}

sdk::io_status log_walk::enter() {
  const auto& known = all_.segments[index_];
  auto opened = segment_reader::open(*disk_, instance_, known.number);
  if (!opened) return opened.error();
  segment_ = std::move(*opened);
  const auto found = segment_->header();
  if (!found) return found.error();
  const auto& header = found->header;
  if (!header || history_point{header->previous, header->history_hash} != known.before)
    return lost("this is not the segment that was here");
  return {};
}

sdk::io_status log_walk::leave() {
  if (index_ + 1 == all_.segments.size()) return lost("no sound record is");
  const auto end = place_.at;
  ++index_;
  place_.at = {all_.segments[index_].number, segment_header_size};
  if (auto bad = enter()) return bad;
  const auto found = segment_->header();
  if (!found) return found.error();
  if (!found->header || found->header->previous_end != end ||
      all_.segments[index_].before != place_.point)
    return lost("the segment does not continue the one before");
  return {};
}

sdk::io_result<std::optional<record>> log_walk::next() {
  while (place_.at < all_.end) {
    if (!segment_) {
      if (auto bad = enter()) return *bad;
    }
    const auto found = segment_->record_at(place_.at.offset);
    if (!found) return found.error();
    if (!*found || (*found)->kind == record_kind::end) {
      if (auto bad = leave()) return *bad;
      continue;
    }
    const auto& one = **found;
    const bool is_transaction = one.kind == record_kind::transaction;
    if (is_transaction) {
      if (!follows(place_.point.zxid, one.zxid)) return lost("a transaction does not follow");
      place_.point = extend(place_.point, one.zxid, one.body);
    }
    place_.at.offset += one.size;
    if (is_transaction) return *found;
  }
  return std::optional<record>{};
}

}  // namespace troupe::storage
