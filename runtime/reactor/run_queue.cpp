#include "runtime/reactor/run_queue.hpp"

#include <algorithm>

namespace troupe::reactor {
namespace {

/// Actors resumed in one event of the loop, and messages that each takes in one go. A turn of the
/// loop stays well under a millisecond with handlers of microseconds.
constexpr std::size_t jobs_per_event = 32;
constexpr std::size_t messages_per_job = 32;

}  // namespace

run_queue::run_queue(caf::actor_system& system, std::function<void()> wake)
    : sdk::reactor_unit(&system), wake_(std::move(wake)) {}

run_queue::~run_queue() {
  take_foreign();
  for (auto* job : jobs_)
    caf::intrusive_ptr_release(job);
}

void run_queue::exec_later(caf::resumable* job) {
  if (std::this_thread::get_id() == home_) {
    jobs_.push_back(job);
    more_.arm();
    return;
  }
  // Wakes under the lock: once the job is taken, the loop may end, and this queue with it, but not
  // before it had the lock after us.
  const std::lock_guard guard{foreign_mutex_};
  foreign_jobs_.push_back(job);
  if (foreign_jobs_.size() == 1) wake_();  // the others find it awake
}

void run_queue::take_foreign() {
  std::vector<caf::resumable*> taken;
  {
    const std::lock_guard guard{foreign_mutex_};
    taken.swap(foreign_jobs_);
  }
  if (taken.empty()) return;
  jobs_.insert(jobs_.end(), taken.begin(), taken.end());
  more_.arm();
}

caf::resumable* run_queue::next_job() {
  if (random_) {
    std::swap(jobs_.front(), jobs_[random_->below(jobs_.size())]);
  }
  auto* job = jobs_.front();
  jobs_.pop_front();
  return job;
}

void run_queue::resume(caf::resumable* job) {
  switch (job->resume(this, messages_per_job)) {
  case caf::resumable::resume_later:
    jobs_.push_back(job);
    break;
  case caf::resumable::awaiting_message:
  case caf::resumable::done:
    caf::intrusive_ptr_release(job);
    break;
  case caf::resumable::shutdown_execution_unit:
    break;  // only CAF's own workers are shut down this way
  }
}

void run_queue::run_some() {
  const auto limit = random_ ? 1 + random_->below(jobs_per_event) : jobs_per_event;
  for (std::size_t i = 0; i < limit && !jobs_.empty(); ++i)
    resume(next_job());
  if (!jobs_.empty()) more_.arm();
}

}  // namespace troupe::reactor
