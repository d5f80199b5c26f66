// Quorums: one example per rule, and what must hold for all of them.
#include <algorithm>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <troupe/base/quorum.hpp>

using namespace troupe;

namespace {

using ids = std::vector<server_id>;
using weights = quorum_system::weights;

ids of(std::initializer_list<std::uint32_t> numbers) {
  ids made;
  for (const auto number : numbers)
    made.push_back({number});
  return made;
}

quorum_system majority_of(std::uint32_t n) {
  ids voters;
  for (std::uint32_t i = 1; i <= n; ++i)
    voters.push_back({i});
  return quorum_system::majority(voters);
}

/// Any system of quorums over some of the servers 1 to 9, with one voter at least.
quorum_system any_system() {
  std::vector<weights> groups(*rc::gen::inRange<std::size_t>(1, 5));
  const bool equal = *rc::gen::arbitrary<bool>();
  for (std::uint32_t server = 1; server <= 9; ++server) {
    const auto group = *rc::gen::inRange<std::size_t>(0, groups.size() + 1);
    if (group == groups.size()) continue;
    groups[group][{server}] = equal ? 1 : *rc::gen::inRange<std::uint32_t>(0, 6);
  }
  groups[0].try_emplace({10}, 1);
  return quorum_system::hierarchical(groups);
}

/// Servers in any order until they are a quorum; strangers may be among them.
ids any_quorum(const quorum_system& system) {
  auto order = of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
  ids some;
  while (!system.is_quorum(some)) {
    const auto next = order.begin() + *rc::gen::inRange<std::ptrdiff_t>(0, std::ssize(order));
    some.push_back(*next);
    order.erase(next);
  }
  return some;
}

/// Some of the servers 1 to 11.
ids any_servers() {
  ids some;
  for (std::uint32_t server = 1; server <= 11; ++server)
    if (*rc::gen::arbitrary<bool>()) some.push_back({server});
  return some;
}

ids without(const quorum_system& system, const ids& servers) {
  ids rest;
  for (const auto voter : system.voters())
    if (std::find(servers.begin(), servers.end(), voter) == servers.end()) rest.push_back(voter);
  return rest;
}

}  // namespace

TEST_CASE("quorum: a majority is floor(n/2) + 1", "[quorum]") {
  const std::vector<std::pair<std::uint32_t, std::uint32_t>> least{{1, 1}, {2, 2}, {3, 2}, {4, 3},
                                                                   {5, 3}, {6, 4}, {7, 4}};
  for (const auto& [n, needed] : least) {
    INFO(n);
    const auto system = majority_of(n);
    ids some;
    for (std::uint32_t i = 1; i <= n; ++i) {
      some.push_back({i});
      CHECK(system.is_quorum(some) == (i >= needed));
    }
  }
}

TEST_CASE("quorum: half of an even number is none, so a split in two has no leader", "[quorum]") {
  const auto system = majority_of(4);
  CHECK_FALSE(system.is_quorum(of({1, 2})));
  CHECK_FALSE(system.is_quorum(of({3, 4})));
}

TEST_CASE("quorum: observers and strangers count nowhere", "[quorum]") {
  const auto system = majority_of(3);
  CHECK_FALSE(system.is_voter({4}));
  CHECK_FALSE(system.is_quorum(of({1, 4, 5, 6})));
  CHECK(system.is_quorum(of({1, 4, 2})));
}

TEST_CASE("quorum: who is named twice counts once", "[quorum]") {
  CHECK_FALSE(majority_of(3).is_quorum(of({1, 1, 1})));
  CHECK(quorum_system::majority(of({3, 1, 3, 2, 1})) == majority_of(3));
}

TEST_CASE("quorum: without voters nothing is a quorum", "[quorum]") {
  CHECK_FALSE(quorum_system{}.is_quorum({}));
  CHECK_FALSE(quorum_system{}.is_quorum(of({1})));
  CHECK_FALSE(majority_of(3).is_quorum({}));
}

TEST_CASE("quorum: voters come in order", "[quorum]") {
  CHECK(quorum_system::hierarchical(std::vector<weights>{{{{5}, 1}, {{2}, 1}}, {{{3}, 1}}})
            .voters() == of({2, 3, 5}));
}

TEST_CASE("quorum: with weights more than half of the weight decides", "[quorum]") {
  const auto system = quorum_system::weighted({{{1}, 3}, {{2}, 1}, {{3}, 1}, {{4}, 1}});
  CHECK_FALSE(system.is_quorum(of({1})));
  CHECK_FALSE(system.is_quorum(of({2, 3, 4})));
  CHECK(system.is_quorum(of({1, 4})));
}

TEST_CASE("quorum: weight 0 counts nowhere", "[quorum]") {
  const auto system = quorum_system::weighted({{{1}, 1}, {{2}, 1}, {{3}, 1}, {{4}, 0}});
  CHECK_FALSE(system.is_voter({4}));
  CHECK_FALSE(system.is_quorum(of({1, 4})));
  CHECK(system == majority_of(3));
  CHECK_FALSE(quorum_system::weighted({{{1}, 0}}).is_quorum(of({1})));
}

TEST_CASE("quorum: large weights do not overflow", "[quorum]") {
  const auto most = std::numeric_limits<std::uint32_t>::max();
  const auto system = quorum_system::weighted({{{1}, most}, {{2}, most}, {{3}, most}});
  CHECK_FALSE(system.is_quorum(of({1})));
  CHECK(system.is_quorum(of({1, 3})));
}

TEST_CASE("quorum: three sites decide by a majority of two", "[quorum]") {
  const std::vector<weights> sites{{{{1}, 1}, {{2}, 1}, {{3}, 1}},
                                   {{{4}, 1}, {{5}, 1}, {{6}, 1}},
                                   {{{7}, 1}, {{8}, 1}, {{9}, 1}}};
  const auto system = quorum_system::hierarchical(sites);
  CHECK(system.is_quorum(of({1, 2, 4, 5})));  // four of nine
  CHECK_FALSE(system.is_quorum(of({1, 2, 3, 4, 7})));
  CHECK_FALSE(system.is_quorum(of({1, 2, 3})));
}

TEST_CASE("quorum: a group without weight is not among the groups", "[quorum]") {
  const std::vector<weights> sites{{{{1}, 1}}, {{{2}, 0}}, {{{3}, 0}}, {}};
  CHECK(quorum_system::hierarchical(sites).is_quorum(of({1})));
}

TEST_CASE("quorum: a server belongs to one group", "[quorum]") {
  const std::vector<weights> sites{{{{1}, 1}, {{2}, 1}}, {{{1}, 1}, {{3}, 1}}};
  const auto system = quorum_system::hierarchical(sites);
  CHECK(system.voters() == of({1, 2, 3}));
  CHECK_FALSE(system.is_quorum(of({1, 2})));
  CHECK(system.is_quorum(of({1, 2, 3})));
}

TEST_CASE("quorum: what holds for every system", "[quorum][property]") {
  CHECK(rc::check("any two quorums have a voter in common", [] {
    const auto system = any_system();
    const auto one = any_quorum(system), other = any_quorum(system);
    RC_ASSERT(std::any_of(one.begin(), one.end(), [&](server_id s) {
      return system.is_voter(s) && std::find(other.begin(), other.end(), s) != other.end();
    }));
  }));
  CHECK(rc::check("a superset of a quorum is a quorum", [] {
    const auto system = any_system();
    auto some = any_quorum(system);
    for (const auto more : any_servers())
      some.insert(some.begin(), more);
    RC_ASSERT(system.is_quorum(some));
  }));
  CHECK(rc::check("the rest of a quorum is none", [] {
    const auto system = any_system();
    RC_ASSERT(!system.is_quorum(without(system, any_quorum(system))));
  }));
  CHECK(rc::check("all voters together are a quorum, and nobody is none", [] {
    const auto system = any_system();
    RC_ASSERT(system.is_quorum(system.voters()) && !system.is_quorum({}));
  }));
  CHECK(rc::check("only voters count, and each once", [] {
    const auto system = any_system();
    const auto some = any_servers();
    std::set<server_id> counted;
    for (const auto server : some)
      if (system.is_voter(server)) counted.insert(server);
    RC_ASSERT(system.is_quorum(some) == system.is_quorum(ids{counted.begin(), counted.end()}));
  }));
}
