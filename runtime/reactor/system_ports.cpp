#include "runtime/reactor/system_ports.hpp"

#include <pthread.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>

#include <troupe/base/check.hpp>

namespace troupe::reactor {
namespace {

/// About a third of the share that others get. Lower could starve what they will wait for later,
/// such as the log's next segment.
constexpr int low_priority_nice = 5;

/// Lowers the priority of the calling thread; on Linux that is a thread's own. Best effort: a
/// thread that cannot be lowered works as well.
void give_way() {
  const auto self = static_cast<id_t>(::gettid());
  errno = 0;
  const int now = ::getpriority(PRIO_PROCESS, self);
  if (errno == 0) ::setpriority(PRIO_PROCESS, self, now + low_priority_nice);
}

}  // namespace

monotonic_time system_clock::now() const {
  return {
      std::chrono::duration_cast<nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())};
}

wall_time system_clock::wall() const {
  return {
      std::chrono::duration_cast<milliseconds>(std::chrono::system_clock::now().time_since_epoch())
          .count()};
}

std::string system_entropy::secret(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t got = 0; got < size;) {
    const auto n = ::getrandom(bytes.data() + got, size - got, 0);
    TROUPE_CHECK(n > 0 || errno == EINTR, "getrandom(2) gives random bytes");
    if (n > 0) got += static_cast<std::size_t>(n);
  }
  return bytes;
}

std::uint64_t system_entropy::number() {
  std::uint64_t value = 0;
  const auto bytes = secret(sizeof value);
  std::copy(bytes.begin(), bytes.end(), reinterpret_cast<char*>(&value));
  return value;
}

struct worker_threads::lane {
  struct item {
    std::function<void()> job, done;
  };
  std::string name;
  sdk::priority priority = sdk::priority::normal;
  std::thread thread;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<item> items;
  bool stopping = false;
};

worker_threads::worker_threads(std::function<void()> wake) : wake_(std::move(wake)) {}

worker_threads::~worker_threads() {
  for (auto& one : lanes_) {
    {
      const std::lock_guard guard{one->mutex};
      one->stopping = true;
      one->items.clear();
    }
    one->changed.notify_one();
    if (one->thread.joinable()) one->thread.join();
  }
}

std::uint32_t worker_threads::new_lane(std::string name, sdk::priority how) {
  lanes_.push_back(std::make_unique<lane>());
  lanes_.back()->name = std::move(name);
  lanes_.back()->priority = how;
  return static_cast<std::uint32_t>(lanes_.size() - 1);
}

void worker_threads::run(std::uint32_t number, std::function<void()> job,
                         std::function<void()> done) {
  auto& target = *lanes_.at(number);
  {
    const std::lock_guard guard{target.mutex};
    target.items.push_back({std::move(job), std::move(done)});
  }
  if (!target.thread.joinable()) {
    target.thread = std::thread{[this, &target] { work(target); }};
  }
  target.changed.notify_one();
}

void worker_threads::work(lane& mine) {
  ::pthread_setname_np(::pthread_self(), mine.name.substr(0, 15).c_str());
  if (mine.priority == sdk::priority::low) give_way();
  while (true) {
    lane::item next;
    {
      std::unique_lock lock{mine.mutex};
      mine.changed.wait(lock, [&] { return mine.stopping || !mine.items.empty(); });
      if (mine.stopping) return;
      next = std::move(mine.items.front());
      mine.items.pop_front();
    }
    next.job();
    {
      const std::lock_guard guard{finished_mutex_};
      finished_.push_back(std::move(next.done));
    }
    wake_();
  }
}

void worker_threads::deliver() {
  std::vector<std::function<void()>> ready;
  {
    const std::lock_guard guard{finished_mutex_};
    ready.swap(finished_);
  }
  for (auto& done : ready) {
    if (done) done();
  }
}

}  // namespace troupe::reactor
