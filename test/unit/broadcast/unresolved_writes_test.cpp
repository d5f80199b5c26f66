#include <catch2/catch.hpp>

#include "actors/broadcast/core/unresolved_writes.hpp"

using namespace troupe;
using broadcast::unresolved_writes;

namespace {

origin whose(std::uint64_t sequence) { return {server_id{1}, 1, 1, sequence}; }

write_request request(std::uint64_t sequence) {
  write_request one;
  one.origin = whose(sequence);
  return one;
}

/// The numbers of what has to be sent.
std::vector<std::uint64_t> unsent(unresolved_writes& all) {
  std::vector<std::uint64_t> numbers;
  for (const auto& one : all.take_unsent())
    numbers.push_back(one.origin.sequence);
  return numbers;
}

using numbers = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("unresolved writes: each is sent once to a leader, in order") {
  unresolved_writes all;
  all.keep(request(1));
  all.keep(request(2));
  CHECK(unsent(all) == numbers{1, 2});
  CHECK(unsent(all).empty());
  all.keep(request(3));
  CHECK(unsent(all) == numbers{3});
}

TEST_CASE("unresolved writes: the next leader is asked for what has no outcome") {
  unresolved_writes all;
  for (std::uint64_t i = 1; i <= 4; ++i)
    all.keep(request(i));
  CHECK(unsent(all).size() == 4);
  CHECK(all.resolved(whose(1)).empty());
  all.leader_lost();
  CHECK(unsent(all) == numbers{2, 3, 4});
  CHECK(all.size() == 3);
}

TEST_CASE("unresolved writes: what the leader's history has is not sent again") {
  unresolved_writes all;
  for (std::uint64_t i = 1; i <= 4; ++i)
    all.keep(request(i));
  CHECK(unsent(all).size() == 4);
  all.leader_lost();
  all.on_its_way(whose(3));
  CHECK(unsent(all) == numbers{4});
  // Those before it have no outcome, so they were refused.
  CHECK(all.resolved(whose(3)).size() == 2);
  CHECK(all.size() == 1);
}

TEST_CASE("unresolved writes: an outcome that comes again changes nothing") {
  unresolved_writes all;
  all.keep(request(1));
  all.keep(request(2));
  CHECK(unsent(all).size() == 2);
  CHECK(all.resolved(whose(1)).empty());
  CHECK(all.resolved(whose(1)).empty());
  all.on_its_way(whose(1));
  CHECK(all.size() == 1);
  CHECK(unsent(all).empty());
}

TEST_CASE("unresolved writes: some of what was not sent is given up, the rest keeps its order") {
  unresolved_writes all;
  for (std::uint64_t i = 1; i <= 7; ++i)
    all.keep(request(i));
  CHECK(unsent(all).size() == 7);
  all.leader_lost();
  all.on_its_way(whose(2));
  const auto even = [](const write_request& one) { return one.origin.sequence % 2 == 0; };
  numbers given_up;
  for (const auto& one : all.take_unsent_if(even))
    given_up.push_back(one.origin.sequence);
  // The second is in the history, so it has an outcome.
  CHECK(given_up == numbers{4, 6});
  CHECK(unsent(all) == numbers{3, 5, 7});
  CHECK(all.resolved(whose(3)).size() == 2);
  CHECK(all.size() == 2);
}
