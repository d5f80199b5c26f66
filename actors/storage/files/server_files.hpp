/// Who this data directory belongs to, and the epochs.
#pragma once

#include <cstdint>
#include <optional>

#include <troupe/base/ids.hpp>
#include <troupe/base/result.hpp>
#include <troupe/sdk/disk.hpp>

namespace troupe::storage {

/// Written once, when the directory is first used.
struct directory_identity {
  server_id server;
  std::uint64_t instance = 0;  ///< random; in every file, so that files of others are noticed
};

/// Nothing if there is no identity yet; a failure if it is damaged.
result<std::optional<directory_identity>> read_identity(sdk::disk& disk);
sdk::io_status write_identity(sdk::disk& disk, const directory_identity& identity);

/// What must be durable before the server says it.
struct epoch_facts {
  std::uint32_t accepted = 0;
  std::uint32_t current = 0;
  std::uint32_t start_number = 0;  ///< grows with each start, from a random number
  bool member = false;             ///< its votes count; true whenever `current` is not 0
  bool shared = false;             ///< the history is an ensemble's
  /// It was damaged and is not made up for: this server is no `member`, whatever it has claimed.
  bool incomplete = false;
};

/// Nothing if there are no epochs yet; a failure if they are damaged.
result<std::optional<epoch_facts>> read_epochs(sdk::disk& disk);
/// `before`: what is on the disk.
sdk::io_status write_epochs(sdk::disk& disk, const epoch_facts& epochs, const epoch_facts& before);

}  // namespace troupe::storage
