#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <string>

#include "test/simulation/world.hpp"

namespace troupe::test {
namespace {

std::optional<std::uint64_t> number_from(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr || *text == '\0') return std::nullopt;
  return std::stoull(text);
}

}  // namespace

std::uint64_t seed_count(std::uint64_t standard) {
  return number_from("TROUPE_SEEDS").value_or(standard);
}

std::optional<std::uint64_t> only_seed() { return number_from("TROUPE_SEED"); }

namespace {

bool time_is_up() {
  const auto minutes = number_from("TROUPE_CPU_MINUTES");
  return minutes && static_cast<std::uint64_t>(std::clock() / CLOCKS_PER_SEC) >= *minutes * 60;
}

std::string failure_of(std::uint64_t seed, const std::vector<std::string>& violations) {
  const auto number = std::to_string(seed);
  auto text = "seed " + number + " fails; replay it with TROUPE_SEED=" + number + '\n';
  for (const auto& what : violations)
    text += "  " + what + '\n';
  return text;
}

}  // namespace

void for_each_seed(std::uint64_t standard,
                   const std::function<std::vector<std::string>(std::uint64_t)>& one,
                   std::span<const std::uint64_t> kept) {
  const auto only = only_seed();
  const auto first = only.value_or(number_from("TROUPE_FIRST_SEED").value_or(1));
  const auto count = only ? 1 : seed_count(standard);
  const auto most_failures = number_from("TROUPE_FAILURES").value_or(1);
  std::cout << "seeds " << first << " to " << first + count - 1 << '\n';
  std::uint64_t failures = 0;
  std::string text;
  const auto run = [&](std::uint64_t seed) {
    const auto violations = one(seed);
    if (violations.empty()) return;
    text += failure_of(seed, violations);
    ++failures;
  };
  if (!only) std::for_each(kept.begin(), kept.end(), run);
  for (auto seed = first; seed < first + count && failures < most_failures; ++seed) {
    if (time_is_up()) break;
    run(seed);
  }
  if (failures > 0) FAIL(text);
}

}  // namespace troupe::test
