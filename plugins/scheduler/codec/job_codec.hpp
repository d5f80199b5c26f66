/// Definitions of jobs as bytes.
#pragma once

#include <optional>
#include <string_view>

#include <troupe/base/blob.hpp>

#include "core/job.hpp"
#include "core/records.hpp"

namespace scheduler {

troupe::blob encode(const job_definition& job);
troupe::blob encode(const class_record& what);

/// Nothing if the bytes are not what `encode` made, by this or a later version. Whether the
/// definition makes sense is for `check_job`.
std::optional<job_definition> decode_job(std::string_view bytes);
std::optional<class_record> decode_class(std::string_view bytes);

}  // namespace scheduler
