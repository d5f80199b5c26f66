/// Removes large files so that nobody who uses the disk meanwhile has to wait.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/sdk/disk.hpp>

namespace troupe::storage {

/// What a file becomes shorter by at once. A file system that tells the device of every block that
/// it frees (ext4 with the option discard) does so within the call, and whoever syncs waits behind
/// that: 0.6 ms per MiB where it was measured.
inline constexpr std::uint64_t removal_step = 1024 * 1024;

/// Removes a file step by step, from its end. One that does not exist is fine.
sdk::io_status remove_in_steps(sdk::disk& disk, const std::string& path);

/// Removes files of a directory, step by step. They lose their names first, durably, so that none
/// is ever found cut short; a process that is killed meanwhile leaves the rest to the next start,
/// which removes everything whose name ends with ".tmp".
sdk::io_status retire(sdk::disk& disk, const std::string& directory,
                      const std::vector<std::string>& paths);

}  // namespace troupe::storage
