#include "decisions/definition_cache.hpp"

#include "codec/job_codec.hpp"
#include "core/dag.hpp"

namespace scheduler {

namespace {

/// More are forgotten, all at once.
constexpr std::size_t most_entries = 256;

}  // namespace

std::shared_ptr<const known_job> definition_cache::read(const std::string& path,
                                                        const troupe::blob& bytes) {
  if (const auto found = entries_.find(path); found != entries_.end()) {
    if (found->second.bytes == bytes) return found->second.what;
  }
  auto job = decode_job(bytes.view());
  if (!job || !check_job(*job)) return nullptr;
  auto known = std::make_shared<known_job>();
  known->downstream = downstream_of(job->tasks);
  known->job = std::move(*job);
  if (entries_.size() >= most_entries) entries_.clear();
  entries_[path] = {bytes, known};
  return known;
}

}  // namespace scheduler
