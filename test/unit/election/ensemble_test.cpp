// Whole elections: whatever the network does, only one with the best history of a quorum leads, and
// once the network is well all agree. Broken rules are noticed.
#include <iostream>

#include <catch2/catch.hpp>

#include "test/unit/election/ensemble.hpp"

using namespace troupe;
using namespace troupe::election;
using namespace troupe::election::test;

namespace {

template <class Core>
std::unique_ptr<fast_election> make(server_id self) {
  return std::make_unique<Core>(self);
}

/// Half of an even number decides.
struct half_is_enough : fast_election {
  using fast_election::fast_election;
  bool is_quorum(std::span<const server_id> servers) const override {
    return 2 * servers.size() >= voters().voters().size();
  }
};

/// A long history of an old epoch beats a short one of a new epoch.
struct epoch_ignored : fast_election {
  using fast_election::fast_election;
  bool better(const vote& one, const vote& other) const override {
    return std::pair{one.last.counter(), one.leader} >
           std::pair{other.last.counter(), other.leader};
  }
};

/// The highest id wins, whatever it has.
struct history_ignored : fast_election {
  using fast_election::fast_election;
  bool better(const vote& one, const vote& other) const override {
    return one.leader > other.leader;
  }
};

/// Observers are counted.
struct observers_count : fast_election {
  using fast_election::fast_election;
  bool counts(server_id) const override { return true; }
  bool is_quorum(std::span<const server_id> servers) const override {
    return 2 * servers.size() > voters().voters().size();
  }
};

/// A server without identity votes.
struct blank_votes : fast_election {
  using fast_election::fast_election;
  bool abstains() const override { return false; }
};

/// What is lost on the way is lost.
struct never_repeats : fast_election {
  explicit never_repeats(server_id self) : fast_election(self, {20ms, 24h, 24h}) {}
};

/// The first seed whose run finds something wrong, and what.
std::pair<std::uint64_t, std::string> find(const core_factory& broken) {
  for (std::uint64_t seed = 1; seed <= 400; ++seed)
    if (auto what = ensemble{seed, broken}.run(); !what.empty()) return {seed, std::move(what)};
  return {};
}

}  // namespace

TEST_CASE("election: whatever the network does, the best of a quorum leads, and all agree at last",
          "[election][property]") {
  constexpr std::uint64_t first_seed = 1;
  std::cout << "election seeds from " << first_seed << "\n";
  std::uint64_t decisions = 0, leaders = 0;
  for (auto seed = first_seed; seed < first_seed + 400; ++seed) {
    INFO("seed " << seed);
    ensemble world{seed, make<fast_election>};
    REQUIRE(world.run() == "");
    decisions += world.decisions();
    leaders += world.leaders();
  }
  std::cout << "election: " << decisions << " decisions, " << leaders << " leaders\n";
  CHECK(leaders > 1000);
}

TEST_CASE("election: a first start needs one election, whenever its members come",
          "[election][property]") {
  constexpr std::uint64_t first_seed = 1;
  std::cout << "first start seeds from " << first_seed << "\n";
  for (auto seed = first_seed; seed < first_seed + 400; ++seed) {
    INFO("seed " << seed);
    REQUIRE(ensemble{seed, make<fast_election>}.first_start() == "");
  }
}

TEST_CASE("election: every broken rule is noticed", "[election][property]") {
  const std::vector<std::pair<const char*, core_factory>> mutants{
      {"half of an even number is enough", make<half_is_enough>},
      {"the epoch is ignored", make<epoch_ignored>},
      {"the history is ignored", make<history_ignored>},
      {"observers are counted", make<observers_count>},
      {"blank servers vote", make<blank_votes>},
      {"nothing is repeated", make<never_repeats>}};
  for (const auto& [name, broken] : mutants) {
    INFO(name);
    const auto [seed, what] = find(broken);
    CHECK(seed != 0);
    std::cout << "election: " << name << ": seed " << seed << ", " << what << "\n";
  }
}
