#include "actors/storage/files/replacement.hpp"

#include <algorithm>
#include <vector>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/small_file.hpp"

namespace troupe::storage {
namespace {

constexpr const char* title = "troupe-damaged";

std::vector<fact> facts_of(const loss& one) {
  return {{"evidence", one.evidence}, {"moved", one.moved ? 1U : 0U}};
}

sdk::io_status write_loss(sdk::disk& disk, const loss& one) {
  return replace_file(disk, damaged_file, encode_facts(title, facts_of(one)));
}

sdk::io_status move_all(sdk::disk& disk, const std::string& from, const std::string& to) {
  if (auto bad = disk.make_directory(to)) return bad;
  const auto names = disk.list(from);
  if (!names) return names.error();
  for (const auto& name : *names) {
    if (auto bad = disk.rename(from + "/" + name, to + "/" + name)) return bad;
  }
  // The new names first: what was moved must be found somewhere.
  if (auto bad = disk.sync_directory(to)) return bad;
  return disk.sync_directory(from);
}

/// They speak of the log that is not there any more.
sdk::io_status move_notes(sdk::disk& disk, const std::string& to) {
  const auto names = disk.list("");
  if (!names) return names.error();
  for (const auto* note : {clean_file, cut_file}) {
    if (std::find(names->begin(), names->end(), note) == names->end()) continue;
    if (auto bad = disk.rename(note, to + "/" + note)) return bad;
  }
  return disk.sync_directory(to);
}

sdk::io_status carry_out(sdk::disk& disk, std::uint32_t number) {
  const auto to = evidence_directory(number);
  if (auto bad = disk.make_directory(to)) return bad;
  for (const std::string from : {log_directory, snapshot_directory}) {
    if (auto bad = move_all(disk, from, to + "/" + from)) return bad;
  }
  if (auto bad = move_notes(disk, to)) return bad;
  if (auto bad = disk.sync_directory("")) return bad;
  return write_loss(disk, {number, true});
}

}  // namespace

std::string evidence_directory(std::uint32_t number) { return "damaged-" + std::to_string(number); }

result<std::optional<loss>> read_loss(sdk::disk& disk) {
  const auto text = read_small_file(disk, damaged_file);
  if (!text) return failure{text.error().message};
  if (!*text) return std::optional<loss>{};
  auto facts = facts_of({});
  auto bad = decode_facts(**text, title, facts);
  if (!bad && (facts[0].value > UINT32_MAX || facts[1].value > 1)) bad = "a value is too large";
  if (bad) {
    return failure{disk.full_path(damaged_file) +
                   ": the note that the history was damaged is damaged itself: " + *bad +
                   ". Choice: start this member with an empty data directory"};
  }
  return std::optional{loss{static_cast<std::uint32_t>(facts[0].value), facts[1].value == 1}};
}

sdk::io_status forget_loss(sdk::disk& disk) {
  if (auto bad = disk.remove(damaged_file)) return bad;
  return disk.sync_directory("");
}

sdk::io_status set_aside(sdk::disk& disk, std::uint32_t number) {
  if (auto bad = write_loss(disk, {number, false})) return bad;
  return carry_out(disk, number);
}

result<bool> finish_setting_aside(sdk::disk& disk) {
  const auto noted = read_loss(disk);
  if (!noted) return noted.error();
  if (!*noted || (*noted)->moved) return false;
  if (auto bad = carry_out(disk, (*noted)->evidence)) return failure{std::move(bad->message)};
  return true;
}

}  // namespace troupe::storage
