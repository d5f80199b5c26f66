/// Removes the end of the log, at once or not at all.
#pragma once

#include <cstdint>
#include <optional>

#include <troupe/base/result.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/files/log_walk.hpp"
#include "actors/storage/files/start_failure.hpp"

namespace troupe::storage {

/// Makes `place` the durable end of the log. `newest` is the newest segment with anything in it;
/// later ones are prepared and stay. What is to be done is noted first, durably, in the file `cut`:
/// a crash before that leaves the old history; after it, the next start carries it out. May be
/// tried again after an error. Nothing may be written to the log meanwhile.
sdk::io_status cut_log(sdk::disk& disk, std::uint64_t instance, const log_place& place,
                       std::uint64_t newest);

/// At a start, before anything is read: carries out a cut that a crash has interrupted. True if
/// there was one.
result<bool, start_failure> finish_cut(sdk::disk& disk, std::uint64_t instance);

}  // namespace troupe::storage
