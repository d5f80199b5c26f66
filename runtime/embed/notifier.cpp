#include "runtime/embed/notifier.hpp"

#include <exception>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "runtime/embed/signals.hpp"

namespace troupe::embed {

void notifier::stop() {
  {
    const std::lock_guard guard{shared_->mutex};
    shared_->stopping = true;
    shared_->calls.clear();
  }
  shared_->changed.notify_one();
  if (!thread_.joinable()) return;
  if (thread_.get_id() == std::this_thread::get_id()) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

bool notifier::push(std::function<void()> call) {
  {
    const std::lock_guard guard{shared_->mutex};
    if (shared_->stopping) return true;
    if (shared_->calls.size() >= max_waiting) return false;
    shared_->calls.push_back(std::move(call));
    if (!thread_.joinable()) thread_ = std::thread{[shared = shared_] { work(shared); }};
  }
  shared_->changed.notify_one();
  return true;
}

void notifier::work(const std::shared_ptr<state>& shared) {
  refuse_signals();
  while (true) {
    std::function<void()> call;
    {
      std::unique_lock lock{shared->mutex};
      shared->changed.wait(lock, [&] { return shared->stopping || !shared->calls.empty(); });
      if (shared->stopping) return;
      call = std::move(shared->calls.front());
      shared->calls.pop_front();
    }
    try {
      call();
    } catch (const std::exception& problem) {
      sdk::log::error("callback_failed", {{"callback", "client"}, {"reason", problem.what()}});
    }
  }
}

}  // namespace troupe::embed
