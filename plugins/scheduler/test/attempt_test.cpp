#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include "core/attempt.hpp"

using namespace scheduler;

namespace {

task_record running() {
  task_record task;
  task.state = task_state::running;
  task.attempt = 2;
  task.fence = 5;
  task.first_ready = 1000;
  task.ready = 5000;
  task.heartbeat = 7000;
  attempt_record now;
  now.number = 2;
  now.fence = 5;
  now.worker = "w";
  now.started = 6000;
  task.attempts.push_back(now);
  return task;
}

TEST_CASE("only worker, attempt and fence together are the live claim", "[attempt]") {
  auto task = running();
  CHECK(is_live(task, {"w", 2, 5}));
  CHECK_FALSE(is_live(task, {"v", 2, 5}));
  CHECK_FALSE(is_live(task, {"w", 1, 5}));
  CHECK_FALSE(is_live(task, {"w", 2, 4}));
  task.state = task_state::ready;
  CHECK_FALSE(is_live(task, {"w", 2, 5}));
}

TEST_CASE("the four timeouts: whichever comes first", "[attempt]") {
  const auto first = [](const task_record& task, const timeouts& limits) {
    const auto found = next_alarm(task, limits);
    return std::pair{found ? found->at : 0, found ? found->why : reason::created};
  };
  auto task = running();
  CHECK(first(task, {}) == std::pair<instant, reason>{0, reason::created});
  CHECK(first(task, {1, 500, 0, 0}) ==
        std::pair<instant, reason>{6500, reason::start_to_close_timeout});
  CHECK(first(task, {1, 5000, 0, 100}) ==
        std::pair<instant, reason>{7100, reason::heartbeat_timeout});
  CHECK(first(task, {1, 5000, 2000, 9000}) ==
        std::pair<instant, reason>{3000, reason::schedule_to_close_timeout});
  task.state = task_state::assigned;
  CHECK(first(task, {10, 500, 0, 100}) ==
        std::pair<instant, reason>{5010, reason::schedule_to_start_timeout});
  task.state = task_state::lost;
  task.until = 8000;
  CHECK(first(task, {10, 500, 0, 100}) == std::pair<instant, reason>{8000, reason::grace_over});
  task.state = task_state::cancelling;
  CHECK(first(task, {10, 500, 1, 100}) == std::pair<instant, reason>{8000, reason::cancel_forced});
  task.state = task_state::succeeded;
  CHECK_FALSE(next_alarm(task, {1, 1, 1, 1}));
}

TEST_CASE("back-off grows up to its longest", "[attempt]") {
  const retry_rules rules{10, 1000, 7000, 200, 0, {}};
  CHECK(backoff(rules, 1) == 1000);
  CHECK(backoff(rules, 3) == 4000);
  CHECK(backoff(rules, 4) == 7000);
  CHECK(backoff(rules, 4'000'000'000) == 7000);
  CHECK(backoff({10, 0, 7000, 200, 0, {}}, 4'000'000'000) == 0);
}

TEST_CASE("what comes after a failure", "[attempt]") {
  auto task = running();
  retry_rules rules{3, 1000, 60'000, 200, 8, {{"bad-input", false, 0}, {"busy", true, 50}}};
  const auto after = [&](reason ended, std::string_view error) {
    return after_failure(task, rules, {}, ended, error, 10'000, 42);
  };
  const auto usual = after(reason::attempt_failed, "");
  CHECK(usual.again);
  CHECK((usual.wait >= 0 && usual.wait <= 2000));
  CHECK(after(reason::attempt_failed, "busy").wait <= 50);
  CHECK(after(reason::attempt_failed, "bad-input").why == reason::non_retryable);
  CHECK_FALSE(after(reason::non_retryable, "").again);
  CHECK_FALSE(after(reason::fan_out_exceeded, "").again);
  task.attempt = 3;
  CHECK(after(reason::attempt_failed, "").why == reason::attempts_exhausted);
  // A lost worker is not the task's fault.
  task.forgiven = 1;
  CHECK(after(reason::attempt_failed, "").again);
  // There is no point in waiting for what would come too late.
  const auto late =
      after_failure(task, rules, {0, 0, 9000, 0}, reason::attempt_failed, "", 10'000, 1);
  CHECK(late.why == reason::schedule_to_close_timeout);
}

TEST_CASE("the wait is spread over the whole back-off", "[attempt]") {
  const auto task = running();
  const retry_rules rules{9, 500, 60'000, 200, 8, {}};
  duration sum = 0;
  for (std::uint64_t random = 0; random < 1000; ++random) {
    const auto one = after_failure(task, rules, {}, reason::attempt_failed, "", 0, random);
    REQUIRE((one.wait >= 0 && one.wait <= 1000));
    sum += one.wait;
  }
  CHECK((sum > 450'000 && sum < 550'000));
}

}  // namespace
