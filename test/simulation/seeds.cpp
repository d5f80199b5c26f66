#include <catch2/catch.hpp>

#include <cstdlib>
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

void for_each_seed(std::uint64_t standard,
                   const std::function<std::vector<std::string>(std::uint64_t)>& one) {
  const auto only = only_seed();
  const auto first = only.value_or(1);
  const auto count = only ? 1 : seed_count(standard);
  std::cout << "seeds " << first << " to " << first + count - 1 << '\n';
  for (auto seed = first; seed < first + count; ++seed) {
    const auto violations = one(seed);
    if (violations.empty()) continue;
    std::string text;
    for (const auto& what : violations)
      text += "  " + what + '\n';
    FAIL("seed " << seed << " fails; replay it with TROUPE_SEED=" << seed << '\n' << text);
  }
}

}  // namespace troupe::test
