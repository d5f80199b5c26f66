/// Makes a snapshot of another server the whole history, at once or not at all.
#pragma once

#include <cstdint>

#include <troupe/base/result.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/files/log_walk.hpp"
#include "actors/storage/files/start_failure.hpp"

namespace troupe::storage {

/// The received snapshot of `base` is complete and has its name, durably (see `received_snapshot`):
/// from then on it is the history. This removes the old one: begins a new log after `base`, removes
/// the segments of the old one and all other snapshots, and last gives the snapshot its usual name.
/// Gives the log's new end. May be tried again after an error. Nothing may be written to the log,
/// nor segments be made, meanwhile.
sdk::io_result<log_place> settle_installation(sdk::disk& disk, std::uint64_t instance,
                                              history_point base);

/// At a start, before anything is read: does that for a snapshot that was received before a crash.
/// True if there was one.
result<bool, start_failure> finish_installation(sdk::disk& disk, std::uint64_t instance);

}  // namespace troupe::storage
