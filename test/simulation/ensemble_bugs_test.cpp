#include <catch2/catch.hpp>

#include <algorithm>
#include <iostream>

#include "test/simulation/ensemble_bugs.hpp"
#include "test/simulation/ensemble_world.hpp"
#include "test/simulation/world.hpp"

using namespace troupe;

namespace {

constexpr int steps = 14;
constexpr std::uint64_t within = 200;

/// The first of its violations that gives the bug away; empty if there is none.
std::string found(const test::ensemble_bug& bug, const std::vector<std::string>& violations) {
  for (const auto& one : violations) {
    const auto fits = [&](const auto& word) { return one.find(word) != std::string::npos; };
    if (std::any_of(bug.findings.begin(), bug.findings.end(), fits)) return one;
  }
  return {};
}

}  // namespace

TEST_CASE("simulation: bugs planted in ensembles are found") {
  for (const auto& bug : test::ensemble_bugs()) {
    DYNAMIC_SECTION(bug.name) {
      std::uint64_t found_by = 0;
      std::string what;
      for (std::uint64_t seed = 1; seed <= within && found_by == 0; ++seed) {
        auto types = test::builtin_catalog();
        for (const auto& part : bug.parts())
          types = test::catalog_with(part, types);
        test::ensemble_world world{seed, {test::ensemble_shape::three}, types};
        what = found(bug, world.run(steps));
        if (!what.empty()) found_by = seed;
      }
      std::cout << "bug planted in an ensemble, " << bug.name << ": found by seed " << found_by
                << ": " << what << '\n';
      CHECK(found_by != 0);
    }
  }
}
