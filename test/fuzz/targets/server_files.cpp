#include <optional>
#include <string>

#include <troupe/base/check.hpp>
#include <troupe/testing/sim_disk.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/clean_mark.hpp"
#include "actors/storage/files/server_files.hpp"
#include "test/fuzz/script.hpp"
#include "test/fuzz/targets.hpp"

namespace troupe::fuzz {
namespace {

/// Reads the file; what can be read is written again and must be the same text.
template <class Read, class Write>
void round_trip(const std::string& path, std::string_view text, Read read, Write write) {
  testing::sim_disk disk{1};
  disk.put(path, std::string{text});
  const auto found = read(disk);
  if (!found) {
    TROUPE_CHECK(found.error().message.find(path) != std::string::npos, "a refusal names the file");
    return;
  }
  TROUPE_CHECK(found->has_value(), "the file is there");
  TROUPE_CHECK(!write(disk, **found), "the disk works");
  TROUPE_CHECK(disk.content(path) == text, "only what was written by us is read");
}

}  // namespace

void server_files(std::string_view input) {
  using namespace storage;
  script in{input};
  const auto which = in.u8();
  const auto text = in.rest();
  if (which % 3 == 0) return round_trip(identity_file, text, read_identity, write_identity);
  if (which % 3 == 1)
    return round_trip(
        epochs_file, text, read_epochs,
        [](sdk::disk& disk, const epoch_facts& epochs) { return write_epochs(disk, epochs, {}); });
  round_trip(clean_file, text, read_clean_mark, write_clean_mark);
}

}  // namespace troupe::fuzz
