/// The scheduler's records as bytes.
#pragma once

#include <optional>
#include <string_view>

#include <troupe/base/blob.hpp>

#include "core/records.hpp"

namespace scheduler {

troupe::blob encode(const job_record& record);
troupe::blob encode(const trigger_record& record);
troupe::blob encode(const run_record& record);
troupe::blob encode(const task_record& record);
troupe::blob encode(const holding_record& record);
troupe::blob encode(const pool_record& record);

/// Each returns false, and leaves `to` in any state, if the bytes are not what `encode` made.
bool decode(std::string_view bytes, job_record& to);
bool decode(std::string_view bytes, trigger_record& to);
bool decode(std::string_view bytes, run_record& to);
bool decode(std::string_view bytes, task_record& to);
bool decode(std::string_view bytes, holding_record& to);
bool decode(std::string_view bytes, pool_record& to);

}  // namespace scheduler
