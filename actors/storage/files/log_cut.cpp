#include "actors/storage/files/log_cut.hpp"

#include <limits>
#include <string>
#include <vector>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/removal.hpp"
#include "actors/storage/files/small_file.hpp"

namespace troupe::storage {
namespace {

constexpr const char* title = "troupe-cut";

std::vector<fact> facts_of(const log_place& place) {
  return {{"segment", place.at.segment},
          {"offset", place.at.offset},
          {"last", place.point.zxid.value, true},
          {"history", place.point.hash, true}};
}

sdk::io_status end_segment(sdk::disk& disk, std::uint64_t instance, const log_place& place) {
  auto file = disk.open(segment_path(place.at.segment), sdk::disk::mode::write_existing);
  if (!file) return file.error();
  // The end mark alone would do. But what is not there cannot be found if the mark is damaged.
  if (auto bad = (*file)->truncate(place.at.offset)) return bad;
  std::string mark;
  record_codec{instance, place.at.segment}.add_end(mark, place.point.zxid);
  if (auto bad = (*file)->write_at(place.at.offset, std::as_bytes(std::span{mark}))) return bad;
  return (*file)->sync();
}

sdk::io_status carry_out(sdk::disk& disk, std::uint64_t instance, const log_place& place,
                         std::uint64_t newest) {
  if (auto bad = end_segment(disk, instance, place)) return bad;
  const auto names = disk.list(log_directory);
  if (!names) return names.error();
  std::vector<std::string> removed;
  for (const auto& name : *names) {
    const auto number = number_in(name, ".log");
    if (number && *number > place.at.segment && *number <= newest)
      removed.push_back(segment_path(*number));
  }
  if (auto bad = retire(disk, log_directory, removed)) return bad;
  // Only now: the next thing that is written must not be taken for something to be cut off.
  if (auto bad = disk.remove(cut_file)) return bad;
  return disk.sync_directory("");
}

}  // namespace

sdk::io_status cut_log(sdk::disk& disk, std::uint64_t instance, const log_place& place,
                       std::uint64_t newest) {
  if (auto bad = replace_file(disk, cut_file, encode_facts(title, facts_of(place)))) return bad;
  return carry_out(disk, instance, place, newest);
}

result<bool, start_failure> finish_cut(sdk::disk& disk, std::uint64_t instance) {
  const auto text = read_small_file(disk, cut_file);
  if (!text) return start_failure{failure{text.error().message}};
  if (!*text) return false;
  auto facts = facts_of({});
  if (const auto bad = decode_facts(**text, title, facts)) {
    return start_failure::of_damage(
        disk.full_path(cut_file) + ": the note of where the log was being cut is damaged: " + *bad,
        ". Choices: restore the data directory from a backup; on a member of an "
        "ensemble, start it with an empty data directory");
  }
  const log_place place{{facts[0].value, facts[1].value}, {{facts[2].value}, facts[3].value}};
  if (auto bad = carry_out(disk, instance, place, std::numeric_limits<std::uint64_t>::max()))
    return start_failure{failure{std::move(bad->message)}};
  return true;
}

}  // namespace troupe::storage
