#include "actors/storage/files/clean_mark.hpp"

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/small_file.hpp"

namespace troupe::storage {
namespace {

constexpr const char* title = "troupe-clean";

std::vector<fact> facts_of(const clean_mark& mark) {
  return {{"segment", mark.end.segment},
          {"offset", mark.end.offset},
          {"last", mark.last.zxid.value, true},
          {"history", mark.last.hash, true},
          {"committed", mark.committed.value, true}};
}

}  // namespace

sdk::io_status write_clean_mark(sdk::disk& disk, const clean_mark& mark) {
  return replace_file(disk, clean_file, encode_facts(title, facts_of(mark)));
}

result<std::optional<clean_mark>, start_failure> read_clean_mark(sdk::disk& disk) {
  const auto text = read_small_file(disk, clean_file);
  if (!text) return start_failure{failure{text.error().message}};
  if (!*text) return std::optional<clean_mark>{};
  auto facts = facts_of({});
  if (const auto bad = decode_facts(**text, title, facts)) {
    return start_failure::of_damage(
        disk.full_path(clean_file) + ": the mark of the last clean shutdown is damaged: " + *bad,
        ". Choices: restore the data directory from a backup; or remove this file "
        "and thereby accept that damage in the very last batch of the log would be "
        "taken for a torn write");
  }
  return std::optional{clean_mark{
      {facts[0].value, facts[1].value}, {{facts[2].value}, facts[3].value}, {facts[4].value}}};
}

sdk::io_status remove_clean_mark(sdk::disk& disk) {
  if (auto bad = disk.remove(clean_file)) return bad;
  return disk.sync_directory("");
}

}  // namespace troupe::storage
