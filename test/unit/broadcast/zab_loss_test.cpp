// A member whose history was damaged and put aside: it keeps its promises and claims, and has
// nothing.
#include <catch2/catch.hpp>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

constexpr epochs lost{3, 2, false, true};

template <class What, class Effects>
const What* find(const Effects& all) {
  for (const auto& any : all) {
    if (const auto* found = std::get_if<What>(&any)) return found;
  }
  return nullptr;
}

/// What that server says when it joins.
join opening(epochs on_disk) {
  script it{two, on_disk};
  it.core.start();
  it.does();
  it.core.link_up(one);
  it.core.elected(one);
  const auto said = it.core.take_effects();
  const auto* send = find<effect::send>(said);
  REQUIRE(send);
  const auto* found = std::get_if<join>(&send->message.body);
  REQUIRE(found);
  return *found;
}

}  // namespace

TEST_CASE("zab: who lost its history neither stands nor votes, and follows no older promise") {
  script it{two, lost};
  it.core.start();
  const auto wanted = it.core.take_effects();
  const auto* look = find<effect::look>(wanted);
  REQUIRE(look);
  CHECK_FALSE(look->eligible);
  CHECK_FALSE(look->votes);
  CHECK_FALSE(look->founder);
  it.core.link_up(one);
  it.core.elected(one);
  CHECK(it.does() == "join to 1");
  CHECK(it.hears(one, new_epoch{2, false}) == "leave to 1, look");
}

TEST_CASE("zab: an ensemble whose members all lost their history does not begin anew") {
  for (const auto& theirs : {lost, epochs{}}) {
    CAPTURE(theirs.current);
    script leader{one, epochs{}};
    leader.core.start();
    leader.does();
    for (const auto from : {two, three})
      leader.core.link_up(from);
    leader.core.elected(one);
    leader.does();
    leader.hears(two, opening({}));
    const auto answer = leader.hears(three, opening(theirs));
    // Only if all are really empty this is the first start.
    CHECK(answer.empty() == (theirs.current != 0));
  }
}

TEST_CASE("zab: who lost its history is a member again when it has a leader's, durably") {
  script it{two, lost};
  it.core.start();
  it.does();
  it.core.link_up(one);
  it.core.elected(one);
  CHECK(it.does() == "join to 1");
  CHECK(it.hears(one, new_epoch{4, false}) == "write 4/2");
  CHECK(it.writes({4, 2, false, true}) == "promised to 1");
  CHECK(it.hears(one, entries{{txn(1, 1), txn(1, 2)}}) == "append");
  CHECK(it.hears(one, new_leader{4, {}, 0}).empty());
  it.core.persisted(zxid::of(1, 2));
  const auto wanted = it.core.take_effects();
  const auto* claim = find<effect::write_epochs>(wanted);
  REQUIRE(claim);
  CHECK(claim->epochs.current == 4);
  CHECK(claim->epochs.member);
}

}  // namespace troupe::broadcast::zab
