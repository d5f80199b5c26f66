#include "actors/storage/files/installation.hpp"

#include <string>
#include <vector>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/housekeeper.hpp"
#include "actors/storage/files/removal.hpp"
#include "actors/storage/files/segment_reader.hpp"
#include "actors/storage/files/snapshot_reader.hpp"

namespace troupe::storage {
namespace {

sdk::io_result<std::vector<std::uint64_t>> list_segments(sdk::disk& disk) {
  const auto names = disk.list(log_directory);
  if (!names) return names.error();
  std::vector<std::uint64_t> found;
  for (const auto& name : *names) {
    if (const auto number = number_in(name, ".log")) found.push_back(*number);
  }
  return found;
}

/// Whether the segment has nothing and begins a log after `base`.
sdk::io_result<bool> is_begin(sdk::disk& disk, std::uint64_t instance, std::uint64_t number,
                              history_point base) {
  auto reader = segment_reader::open(disk, instance, number);
  if (!reader) return reader.error();
  const auto found = reader->header();
  if (!found) return found.error();
  const auto& header = found->header;
  return header && header->previous_end == position{} &&
         history_point{header->previous, header->history_hash} == base &&
         reader->size() == segment_header_size + end_size;
}

sdk::io_status write_begin(sdk::disk& disk, std::uint64_t instance, std::uint64_t number,
                           history_point base) {
  auto file = disk.open(unfinished_base, sdk::disk::mode::create);
  if (!file) return file.error();
  auto bytes = encode(segment_header{number, instance, {}, base.zxid, base.hash});
  record_codec{instance, number}.add_end(bytes, base.zxid);
  if (auto bad = (*file)->write_at(0, std::as_bytes(std::span{bytes}))) return bad;
  if (auto bad = (*file)->sync()) return bad;
  if (auto bad = disk.rename(unfinished_base, segment_path(number))) return bad;
  return disk.sync_directory(log_directory);
}

/// The number of the segment that begins the new log: made, unless an earlier attempt has.
sdk::io_result<std::uint64_t> begin_log(sdk::disk& disk, std::uint64_t instance,
                                        const std::vector<std::uint64_t>& segments,
                                        history_point base) {
  const auto newest = segments.empty() ? 0 : segments.back();
  if (newest > 0) {
    const auto done = is_begin(disk, instance, newest, base);
    if (!done) return done.error();
    if (*done) return newest;
  }
  // Before the old ones go: no number is ever used twice.
  if (auto bad = write_begin(disk, instance, newest + 1, base)) return *bad;
  return newest + 1;
}

sdk::io_status replace_snapshots(sdk::disk& disk, zxid at) {
  const auto old = list_snapshots(disk);
  if (!old) return old.error();
  std::vector<std::string> removed;
  for (const auto one : *old)
    removed.push_back(snapshot_path(one));
  if (auto bad = retire(disk, snapshot_directory, removed)) return bad;
  if (auto bad = disk.rename(received_snapshot_path(at), snapshot_path(at))) return bad;
  return disk.sync_directory(snapshot_directory);
}

}  // namespace

sdk::io_result<log_place> settle_installation(sdk::disk& disk, std::uint64_t instance,
                                              history_point base) {
  const auto segments = list_segments(disk);
  if (!segments) return segments.error();
  const auto begin = begin_log(disk, instance, *segments, base);
  if (!begin) return begin.error();
  std::vector<std::string> removed;
  for (const auto number : *segments) {
    if (number != *begin) removed.push_back(segment_path(number));
  }
  if (auto bad = retire(disk, log_directory, removed)) return *bad;
  if (auto bad = replace_snapshots(disk, base.zxid)) return *bad;
  return log_place{{*begin, segment_header_size}, base};
}

result<bool, start_failure> finish_installation(sdk::disk& disk, std::uint64_t instance) {
  const auto names = disk.list(snapshot_directory);
  if (!names) return start_failure{failure{names.error().message}};
  bool found = false;
  for (const auto& name : *names) {
    const auto number = number_in(name, received_suffix);
    if (!number) continue;
    const zxid at{*number};
    const auto reader = snapshot_reader::open(disk, instance, at, received_snapshot_path(at));
    auto bad = reader ? (*reader)->verify() : std::optional{reader.error()};
    if (bad) {
      return start_failure::of_damage(
          bad->message + ". It was received from another server and replaces the history, which "
                         "may be partly removed",
          ". Choice: start this member with an empty data directory");
    }
    const auto settled =
        settle_installation(disk, instance, {at, (*reader)->header().history_hash});
    if (!settled) return start_failure{failure{settled.error().message}};
    found = true;
  }
  return found;
}

}  // namespace troupe::storage
