#include "actors/storage/files/housekeeper.hpp"

#include <algorithm>
#include <string>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/removal.hpp"
#include "actors/storage/files/segment_reader.hpp"
#include "actors/storage/files/snapshot_reader.hpp"

namespace troupe::storage {
namespace {

constexpr std::size_t spares = 2;

sdk::io_status fill_with_zeros(sdk::file& file, std::uint64_t begin, std::uint64_t end) {
  if (auto bad = file.write_zeros(begin, end - begin)) return bad;
  return file.sync();
}

}  // namespace

housekeeper::housekeeper(sdk::disk& disk, std::uint64_t instance, std::size_t snapshots_kept)
    : disk_(disk), instance_(instance), snapshots_kept_(snapshots_kept) {}

sdk::io_result<prepared_segment> housekeeper::prepare(const preparation& wanted) {
  if (wanted.grow) return grow(wanted);
  for (auto spare = spare_.begin(); spare != spare_.end(); ++spare) {
    const auto reader = segment_reader::open(disk_, instance_, *spare);
    if (!reader) return reader.error();
    if (reader->size() < wanted.bytes) continue;
    const auto old = *spare;
    spare_.erase(spare);
    return recycle(old, wanted.number);
  }
  auto made = create(wanted);
  if (!made && made.error().no_space()) {
    if (auto bad = make_room()) return *bad;
  }
  return made;
}

sdk::io_status housekeeper::make_room() {
  if (auto bad = disk_.remove(unfinished_segment)) return bad;
  for (; !spare_.empty(); spare_.pop_back()) {
    if (auto bad = disk_.remove(segment_path(spare_.back()))) return bad;
  }
  return disk_.sync_directory(log_directory);
}

sdk::io_result<prepared_segment> housekeeper::recycle(std::uint64_t old, std::uint64_t number) {
  if (auto bad = disk_.rename(segment_path(old), segment_path(number))) return *bad;
  return settle(number);
}

sdk::io_result<prepared_segment> housekeeper::settle(std::uint64_t number) {
  // Before anything is written: under its old name the new content would not be found again.
  if (auto bad = disk_.sync_directory(log_directory)) return *bad;
  auto file = disk_.open(segment_path(number), sdk::disk::mode::write_existing);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  return prepared_segment{number, *size, std::move(*file)};
}

sdk::io_result<prepared_segment> housekeeper::create(const preparation& wanted) {
  auto file = disk_.open(unfinished_segment, sdk::disk::mode::create);
  if (!file) return file.error();
  if (auto bad = fill_with_zeros(**file, 0, wanted.bytes)) return *bad;
  if (auto bad = disk_.rename(unfinished_segment, segment_path(wanted.number))) return *bad;
  return settle(wanted.number);
}

sdk::io_result<prepared_segment> housekeeper::grow(const preparation& wanted) {
  auto grown = *wanted.grow;
  if (auto bad = fill_with_zeros(*grown.file, grown.capacity, wanted.bytes)) return *bad;
  grown.capacity = wanted.bytes;
  return grown;
}

sdk::io_status housekeeper::tidy(std::uint64_t durable_segment) {
  const auto covered = tidy_snapshots();
  if (!covered) return covered.error();
  if (!*covered) return {};
  return tidy_segments(**covered, durable_segment);
}

sdk::io_result<std::optional<zxid>> housekeeper::tidy_snapshots() {
  auto all = list_snapshots(disk_);
  if (!all) return all.error();
  std::optional<zxid> oldest_kept, covered;
  std::vector<std::string> superfluous;
  std::size_t kept = 0;
  for (auto at = all->rbegin(); at != all->rend(); ++at) {
    if (oldest_kept && held_.contains(*at)) {
      covered = *at;
      continue;
    }
    if (oldest_kept) {
      superfluous.push_back(snapshot_path(*at));
      sound_.erase(*at);
      continue;
    }
    if (!sound_.contains(*at)) {
      const auto reader = snapshot_reader::open(disk_, instance_, *at);
      if (!reader || (*reader)->verify()) continue;
      sound_.insert(*at);
    }
    if (++kept == snapshots_kept_) covered = oldest_kept = *at;
  }
  if (auto bad = retire(disk_, snapshot_directory, superfluous)) return *bad;
  return covered;
}

sdk::io_status housekeeper::tidy_segments(zxid covered, std::uint64_t durable_segment) {
  const auto names = disk_.list(log_directory);
  if (!names) return names.error();
  std::vector<std::uint64_t> numbers;
  std::uint64_t first_needed = 0;
  for (const auto& name : *names) {
    const auto number = number_in(name, ".log");
    if (!number || *number > durable_segment) continue;
    auto reader = segment_reader::open(disk_, instance_, *number);
    if (!reader) return reader.error();
    const auto found = reader->header();
    if (!found) return found.error();
    if (found->header && found->header->previous <= covered) first_needed = *number;
    numbers.push_back(*number);
  }
  std::erase_if(numbers, [&](std::uint64_t number) { return number >= first_needed; });
  oldest_needed_ = first_needed;
  spare_.clear();
  while (!numbers.empty() && spare_.size() < spares) {
    spare_.push_back(numbers.back());
    numbers.pop_back();
  }
  std::vector<std::string> superfluous;
  for (const auto number : numbers)
    superfluous.push_back(segment_path(number));
  return retire(disk_, log_directory, superfluous);
}

sdk::io_result<std::unique_ptr<snapshot_reader>> housekeeper::hold_newest() {
  const auto all = list_snapshots(disk_);
  if (!all) return all.error();
  for (auto at = all->rbegin(); at != all->rend(); ++at) {
    if (!sound_.contains(*at)) {
      const auto checked = snapshot_reader::open(disk_, instance_, *at);
      if (!checked || (*checked)->verify()) continue;
      sound_.insert(*at);
    }
    auto reader = snapshot_reader::open(disk_, instance_, *at);
    if (!reader) continue;
    held_.insert(*at);
    return std::move(*reader);
  }
  return std::unique_ptr<snapshot_reader>{};
}

void housekeeper::release(zxid snapshot, bool sound) {
  if (const auto held = held_.find(snapshot); held != held_.end()) held_.erase(held);
  if (!sound) sound_.erase(snapshot);
}

void housekeeper::begin_anew(zxid snapshot) {
  spare_.clear();
  held_.clear();
  sound_ = {snapshot};
}

sdk::io_result<disk_usage> housekeeper::usage() {
  disk_usage found;
  const auto names = disk_.list(log_directory);
  if (!names) return names.error();
  for (const auto& name : *names) {
    const auto number = number_in(name, ".log");
    if (!number) continue;
    const auto reader = segment_reader::open(disk_, instance_, *number);
    if (!reader) return reader.error();
    ++found.segments;
    found.log_bytes += reader->size();
  }
  const auto snapshots = list_snapshots(disk_);
  if (!snapshots) return snapshots.error();
  found.snapshots = snapshots->size();
  if (!snapshots->empty()) found.newest_snapshot = snapshots->back();
  return found;
}

sdk::io_result<std::vector<zxid>> list_snapshots(sdk::disk& disk) {
  const auto names = disk.list(snapshot_directory);
  if (!names) return names.error();
  std::vector<zxid> found;
  for (const auto& name : *names) {
    if (const auto at = number_in(name, ".snapshot")) found.push_back({*at});
  }
  return found;
}

}  // namespace troupe::storage
