#include <catch2/catch.hpp>

#include <future>

#include "actors/tree/decision_watchdog.hpp"

using troupe::tree::decision_watchdog;
using namespace std::chrono_literals;

TEST_CASE("watchdog: names the decision that hangs, and only that", "[tree]") {
  std::promise<std::string> named;
  auto name = named.get_future();
  decision_watchdog dog{1ms, [&](const std::string& who) { named.set_value(who); }};
  // Waits as long as it takes: a second bark, at whatever, would throw.
  const decision_watchdog::watched running{dog, "recipe.lock /locks acquire"};
  CHECK(name.get() == "recipe.lock /locks acquire");
}

TEST_CASE("watchdog: decisions that end are not named, also after long pauses", "[tree]") {
  std::promise<std::string> named;
  auto name = named.get_future();
  {
    decision_watchdog dog{1h, [&](const std::string& who) { named.set_value(who); }};
    for (int i = 0; i < 1000; ++i)
      const decision_watchdog::watched running{dog, "quick"};
  }
  CHECK(name.wait_for(0s) == std::future_status::timeout);
}

TEST_CASE("watchdog: a decision that hangs after many that did not is named", "[tree]") {
  std::promise<void> named;
  // A quick one may be named as well, if the machine takes the processor away in the middle of it.
  decision_watchdog dog{1ms, [&](const std::string& who) {
                          if (who == "slow") named.set_value();
                        }};
  for (int i = 0; i < 10'000; ++i)
    const decision_watchdog::watched running{dog, "quick"};
  const decision_watchdog::watched running{dog, "slow"};
  named.get_future().wait();
}

TEST_CASE("watchdog: without a limit nobody watches", "[tree]") {
  decision_watchdog dog{0s, [](const std::string&) { FAIL("nobody watches"); }};
  const decision_watchdog::watched running{dog, "whatever"};
  SUCCEED();
}
