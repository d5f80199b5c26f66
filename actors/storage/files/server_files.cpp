#include "actors/storage/files/server_files.hpp"

#include <limits>
#include <string>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/replacement.hpp"
#include "actors/storage/files/small_file.hpp"

namespace troupe::storage {
namespace {

constexpr const char* identity_title = "troupe-identity";
constexpr const char* epochs_title = "troupe-epochs";
constexpr const char* member_title = "troupe-member";
constexpr const char* shared_title = "troupe-shared";

std::vector<fact> facts_of(const directory_identity& identity) {
  return {{"server", identity.server.value}, {"instance", identity.instance, true}};
}

std::vector<fact> facts_of(const epoch_facts& epochs) {
  return {
      {"accepted", epochs.accepted}, {"current", epochs.current}, {"start", epochs.start_number}};
}

/// Reads the values of `facts` from a file. False if there is none.
result<bool> read_facts(sdk::disk& disk, const char* path, const char* title,
                        std::vector<fact>& facts) {
  const auto text = read_small_file(disk, path);
  if (!text) return failure{text.error().message};
  if (!*text) return false;
  auto bad = decode_facts(**text, title, facts);
  for (const auto& one : facts) {
    if (!one.hexadecimal && one.value > std::numeric_limits<std::uint32_t>::max()) {
      bad = "the value of " + std::string{one.key} + " is too large";
    }
  }
  if (bad) {
    return failure{disk.full_path(path) + ": this file is damaged: " + *bad +
                   ". Choices: restore the data directory from a backup; on a member of an "
                   "ensemble, start it with an empty data directory"};
  }
  return true;
}

std::uint32_t narrow(const fact& one) { return static_cast<std::uint32_t>(one.value); }

}  // namespace

result<std::optional<directory_identity>> read_identity(sdk::disk& disk) {
  auto facts = facts_of(directory_identity{});
  const auto found = read_facts(disk, identity_file, identity_title, facts);
  if (!found) return found.error();
  if (!*found) return std::optional<directory_identity>{};
  return std::optional{directory_identity{{narrow(facts[0])}, facts[1].value}};
}

sdk::io_status write_identity(sdk::disk& disk, const directory_identity& identity) {
  return replace_file(disk, identity_file, encode_facts(identity_title, facts_of(identity)));
}

result<std::optional<epoch_facts>> read_epochs(sdk::disk& disk) {
  auto facts = facts_of(epoch_facts{});
  const auto found = read_facts(disk, epochs_file, epochs_title, facts);
  if (!found) return found.error();
  if (!*found) return std::optional<epoch_facts>{};
  epoch_facts epochs{narrow(facts[0]), narrow(facts[1]), narrow(facts[2])};
  std::vector<fact> nothing;
  const auto noted = read_facts(disk, member_file, member_title, nothing);
  if (!noted) return noted.error();
  const auto lost = read_loss(disk);
  if (!lost) return lost.error();
  epochs.incomplete = lost->has_value();
  epochs.member = (*noted || epochs.current != 0) && !epochs.incomplete;
  const auto shared = read_facts(disk, shared_file, shared_title, nothing);
  if (!shared) return shared.error();
  epochs.shared = *shared;
  return std::optional{epochs};
}

sdk::io_status write_epochs(sdk::disk& disk, const epoch_facts& epochs, const epoch_facts& before) {
  // Before the claim that may make it so: without the claim it means nothing.
  if (epochs.shared && !before.shared) {
    if (auto bad = replace_file(disk, shared_file, encode_facts(shared_title, {}))) return bad;
  }
  // A member that has promised nothing yet is harmless; a promise that does not count is not.
  if (epochs.member && epochs.current == 0) {
    if (auto bad = replace_file(disk, member_file, encode_facts(member_title, {}))) return bad;
  }
  if (auto bad = replace_file(disk, epochs_file, encode_facts(epochs_title, facts_of(epochs))))
    return bad;
  // A server that goes on alone makes a history that nobody else has.
  if (before.shared && !epochs.shared) {
    if (auto bad = disk.remove(shared_file)) return bad;
    if (auto bad = disk.sync_directory("")) return bad;
  }
  // Behind the claim that makes up for it. If a crash comes between, it is made up for once more.
  if (before.incomplete && !epochs.incomplete) return forget_loss(disk);
  return {};
}

}  // namespace troupe::storage
