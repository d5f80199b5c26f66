#include <catch2/catch.hpp>

#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>
#include <vector>

#include "runtime/reactor/posix_disk.hpp"
#include "runtime/reactor/reactor.hpp"
#include "runtime/reactor/system_ports.hpp"
#include "test/support/caf_world.hpp"

using namespace troupe;

TEST_CASE("workers: jobs of a lane run one after another in order, on another thread") {
  test::caf_world caf;
  reactor::posix_disk disk{"/nonexistent"};
  reactor::reactor loop{caf.system, disk};
  auto& workers = loop.ports().workers;
  const auto lane = workers.new_lane("test", sdk::priority::normal);
  std::vector<int> jobs, dones;
  std::set<std::thread::id> job_threads, done_threads;
  auto finished = kj::newPromiseAndFulfiller<void>();
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) {
    workers.run(
        lane,
        [&, i] {
          jobs.push_back(i);
          job_threads.insert(std::this_thread::get_id());
        },
        [&, i] {
          dones.push_back(i);
          done_threads.insert(std::this_thread::get_id());
          if (i == count - 1) finished.fulfiller->fulfill();
        });
  }
  loop.run_until(kj::mv(finished.promise));
  std::vector<int> expected(count);
  for (int i = 0; i < count; ++i)
    expected[static_cast<std::size_t>(i)] = i;
  CHECK(jobs == expected);
  CHECK(dones == expected);
  CHECK(job_threads.size() == 1);
  CHECK(done_threads == std::set{std::this_thread::get_id()});
  CHECK_FALSE(job_threads.contains(std::this_thread::get_id()));
}

TEST_CASE("workers: a lane of low priority gives way, and only that one") {
  test::caf_world caf;
  reactor::posix_disk disk{"/nonexistent"};
  reactor::reactor loop{caf.system, disk};
  auto& workers = loop.ports().workers;
  const auto low = workers.new_lane("low", sdk::priority::low);
  const auto normal = workers.new_lane("normal", sdk::priority::normal);
  const auto nice = [] { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); };
  int nice_of_low = 0, nice_of_normal = 0;
  auto finished = kj::newPromiseAndFulfiller<void>();
  workers.run(
      normal, [&] { nice_of_normal = nice(); },
      [&] {
        workers.run(
            low, [&] { nice_of_low = nice(); }, [&] { finished.fulfiller->fulfill(); });
      });
  loop.run_until(kj::mv(finished.promise));
  CHECK(nice_of_normal == nice());
  CHECK((nice_of_low > nice() || nice() == 19));
}

TEST_CASE("workers: a lane does not wait for another") {
  std::promise<void> released;
  auto release = released.get_future().share();
  std::promise<void> second_ran;
  reactor::worker_threads workers{[] {}};
  const auto slow = workers.new_lane("slow", sdk::priority::normal),
             quick = workers.new_lane("quick", sdk::priority::normal);
  workers.run(slow, [release] { release.wait(); }, {});
  workers.run(quick, [&] { second_ran.set_value(); }, {});
  second_ran.get_future().get();
  released.set_value();
}

TEST_CASE("workers: the end waits for the running job and drops those that have not begun") {
  std::atomic<int> finished = 0;
  std::promise<void> running;
  {
    reactor::worker_threads workers{[] {}};
    const auto lane = workers.new_lane("test", sdk::priority::normal);
    std::promise<void> go;
    auto gate = std::make_shared<std::future<void>>(go.get_future());
    workers.run(
        lane,
        [&, gate] {
          running.set_value();
          gate->wait();
          ++finished;
        },
        [] { FAIL("nobody collects results any more"); });
    running.get_future().get();
    go.set_value();
  }
  CHECK(finished == 1);
}

TEST_CASE("system entropy: secrets have the size asked for, and differ") {
  reactor::system_entropy entropy;
  CHECK(entropy.secret(0).empty());
  CHECK(entropy.secret(1000).size() == 1000);
  CHECK(entropy.secret(16) != entropy.secret(16));
}

TEST_CASE("system clock: monotonic time does not go back") {
  const reactor::system_clock clock;
  auto last = clock.now();
  for (int i = 0; i < 1000; ++i) {
    const auto now = clock.now();
    REQUIRE(now >= last);
    last = now;
  }
}
