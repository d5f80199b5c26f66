/// Definitions of jobs that were read before.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <troupe/base/blob.hpp>

#include "core/job.hpp"

namespace scheduler {

/// A definition, and who waits for whom in it.
struct known_job {
  job_definition job;
  std::vector<std::vector<std::uint32_t>> downstream;
};

/// Reading the definition of a thousand tasks takes longer than everything else that a decision
/// does, and it is always the same. What is kept is valid for equal bytes only, so nothing depends
/// on it but time. For decisions, which run one at a time, on one thread.
class definition_cache {
public:
  /// Null if the bytes are not the definition of a job.
  std::shared_ptr<const known_job> read(const std::string& path, const troupe::blob& bytes);

private:
  struct entry {
    troupe::blob bytes;
    std::shared_ptr<const known_job> what;
  };
  std::map<std::string, entry> entries_;
};

}  // namespace scheduler
