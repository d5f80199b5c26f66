/// A member of an ensemble puts a damaged history aside, and gets another one from its leader.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <troupe/base/result.hpp>
#include <troupe/sdk/disk.hpp>

namespace troupe::storage {

/// Says, as long as it exists, that this server lacks what it had acknowledged.
struct loss {
  std::uint32_t evidence = 0;  ///< names the directory where the damaged files are
  bool moved = false;          ///< all of them are there
};

/// Nothing if the history is whole. A damaged note is a failure.
result<std::optional<loss>> read_loss(sdk::disk& disk);
/// From here on the history is whole, durably.
sdk::io_status forget_loss(sdk::disk& disk);

/// Where the damaged files of that loss are, below the data directory.
std::string evidence_directory(std::uint32_t number);

/// Moves log and snapshots, and the notes about them, to the evidence; the history is empty then.
/// The loss is noted first, durably: a crash before that leaves everything as it was; after it,
/// `finish_setting_aside` carries it out.
sdk::io_status set_aside(sdk::disk& disk, std::uint32_t number);

/// At a start, before anything of the history is read: carries out what a crash has interrupted.
result<bool> finish_setting_aside(sdk::disk& disk);

}  // namespace troupe::storage
