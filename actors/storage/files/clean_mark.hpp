/// The mark of a clean shutdown: where the log ends, so that even its last batch is known.
#pragma once

#include <optional>

#include <troupe/base/result.hpp>
#include <troupe/sdk/disk.hpp>

#include "actors/storage/core/history.hpp"
#include "actors/storage/core/log_format.hpp"
#include "actors/storage/files/start_failure.hpp"

namespace troupe::storage {

struct clean_mark {
  position end;
  history_point last;
  zxid committed;
};

sdk::io_status write_clean_mark(sdk::disk& disk, const clean_mark& mark);
/// The mark, if the last shutdown was clean. A damaged one is a failure.
result<std::optional<clean_mark>, start_failure> read_clean_mark(sdk::disk& disk);
/// Removes it, durably. Before anything else of the log is changed.
sdk::io_status remove_clean_mark(sdk::disk& disk);

}  // namespace troupe::storage
