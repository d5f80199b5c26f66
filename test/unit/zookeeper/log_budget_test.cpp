#include <catch2/catch.hpp>

#include <troupe/sdk/log_budget.hpp>

namespace troupe::sdk {
namespace {

using std::chrono::seconds;

constexpr monotonic_time at(std::int64_t s) { return monotonic_time{seconds{s}}; }

TEST_CASE("a budget lets a burst through, then one line for each period") {
  log_budget budget{3, seconds{10}};
  for (int i = 0; i < 3; ++i)
    CHECK(budget.take(at(100)) == 0);
  for (int i = 0; i < 7; ++i)
    CHECK_FALSE(budget.take(at(105)).has_value());
  CHECK(budget.take(at(110)) == 7);
  CHECK_FALSE(budget.take(at(110)).has_value());
  CHECK(budget.take(at(120)) == 1);
}

TEST_CASE("after a quiet time the whole burst is there again, and no more") {
  log_budget budget{2, seconds{1}};
  CHECK(budget.take(at(1)).has_value());
  CHECK(budget.take(at(1)).has_value());
  CHECK(budget.take(at(1000)).has_value());
  CHECK(budget.take(at(1000)).has_value());
  CHECK_FALSE(budget.take(at(1000)).has_value());
}

TEST_CASE("what was left out at the end of a flood is told once") {
  log_budget budget{1, seconds{10}};
  CHECK(budget.take(at(0)) == 0);
  CHECK_FALSE(budget.take_left_out(at(20)).has_value());
  CHECK(budget.take(at(20)) == 0);
  CHECK_FALSE(budget.take(at(21)).has_value());
  CHECK_FALSE(budget.take(at(22)).has_value());
  CHECK_FALSE(budget.take_left_out(at(23)).has_value());
  CHECK(budget.take_left_out(at(30)) == 2);
  CHECK_FALSE(budget.take_left_out(at(60)).has_value());
}

}  // namespace
}  // namespace troupe::sdk
