// A voter that lost its directory has forgotten what it promised, perhaps to a later leader. Before
// it counts for this one, a quorum without it must follow here still.
#include <catch2/catch.hpp>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

constexpr join empty{}, remembers{1, 1, {}, true, false, true};

/// Server 1 leads epoch 2 with server 2, and server 3 joins and promises that. What server 1 does
/// then.
std::string joined_by_three(script& it, const join& opening) {
  it.leads();
  it.core.link_up(three);
  CHECK(it.hears(three, opening) == "new epoch to 3");
  return it.hears(three, epoch_promised{2, false, opening.current_epoch, {}, {}, {}});
}

}  // namespace

TEST_CASE("zab: who lost its directory becomes a member when the others have answered a ping") {
  script it{one};
  CHECK(joined_by_three(it, empty) == "ping to 2, ping to 3");
  CHECK(it.hears(three, pong{2}).empty());  // its own word says nothing
  CHECK(it.hears(two, pong{1}).empty());    // that was asked before it joined
  CHECK(it.hears(two, pong{2}) == "locate");
  CHECK(it.locates({}, std::nullopt) == "begins to 3");
  CHECK(it.hears(three, leader_accepted{2}) == "commit to 3");
  // Now it counts, with its promises as with its disk.
  it.core.link_down(two);
  it.core.proposed(2, {txn(2, 1)});
  it.does();
  it.persists(zxid::of(2, 1));
  it.hears(three, durable{zxid::of(2, 1)});
  CHECK(it.delivered == std::vector{zxid::of(2, 1)});
}

TEST_CASE("zab: who remembers its promises needs nobody to vouch for it") {
  script it{one};
  CHECK(joined_by_three(it, remembers) == "locate");
}

TEST_CASE("zab: a leader that is cut off makes no quorum with who lost its directory") {
  script it{one};
  CHECK(joined_by_three(it, empty) == "ping to 2, ping to 3");
  it.core.link_down(two);
  CHECK(it.does().empty());
  it.core.proposed(2, {txn(2, 1)});
  CHECK(it.does() == "append, entries to 3");
  it.persists(zxid::of(2, 1));
  it.hears(three, pong{2});
  it.hears(three, durable{zxid::of(2, 1)});
  CHECK(it.delivered.empty());
  // It does not say that it counts before it was told to compare histories.
  CHECK(it.hears(three, leader_accepted{2}) == "leave to 3");
  CHECK(it.delivered.empty());
}

TEST_CASE("zab: who lost its directory does not keep a leader without a quorum in its place") {
  script it{one};
  joined_by_three(it, empty);
  it.core.link_down(two);
  it.core.at(monotonic_time{1s} + 4s);
  it.core.received(three, {1, pong{2}});
  it.core.tick();
  CHECK(it.core.leads());
  it.core.at(monotonic_time{1s} + 5s);
  it.core.received(three, {1, pong{2}});
  it.core.tick();
  CHECK_FALSE(it.core.leads());
}

}  // namespace troupe::broadcast::zab
