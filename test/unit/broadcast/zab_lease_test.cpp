// What a leader answers without asking, and who waits for the end of that.
#include <catch2/catch.hpp>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

/// Members start at 1 s, so what they may have forgotten is over at 2 s.
constexpr nanoseconds lease = 1s;
constexpr monotonic_time start{1s}, free{2s};

struct leased : script {
  explicit leased(server_id self) : script(self, {1, 1, true, true}, {zxid{}, 1 << 20}, lease) {}

  std::string at(monotonic_time when) {
    core.at(when);
    core.tick();
    return does();
  }
};

/// Server 1 leads epoch 2, and `two` has accepted it, bound to somebody else for so long.
std::string establish(leased& it, nanoseconds bound = 0s) {
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  it.hears(two, join{1, 1, {}, true, false, true});
  it.writes({2, 1, true, true});
  it.hears(two, epoch_promised{2, false, 1, {}, {}, {}});
  it.writes({2, 2, true, true});
  it.locates({}, std::nullopt);
  return it.hears(two, leader_accepted{2, bound});
}

/// Server 2 follows server 1, which is established, and has answered a ping.
void follow(leased& it) {
  it.core.start();
  it.core.link_up(one);
  it.core.link_up(three);
  it.core.elected(one);
  it.does();
  it.hears(one, new_epoch{2, false});
  it.writes({2, 1, true, true});
  it.hears(one, new_leader{2, {}, 0});
  it.writes({2, 2, true, true});
  it.hears(one, commit{{}, {}});
  it.hears(one, ping{1});
}

/// What server 2 says of itself when it accepts server `leader` in epoch 3.
nanoseconds accepts(leased& it, server_id leader) {
  it.core.elected(leader);
  it.does();
  it.hears(leader, new_epoch{3, false});
  it.writes({3, 2, true, true});
  it.hears(leader, new_leader{3, {}, 0});
  it.core.epochs_written({3, 3, true, true});
  for (const auto& any : it.core.take_effects())
    if (const auto* sent = std::get_if<effect::send>(&any))
      if (const auto* said = std::get_if<leader_accepted>(&sent->message.body)) return said->bound;
  FAIL("it has not accepted");
  return {};
}

}  // namespace

TEST_CASE("zab: a refusal is answered at once while there is a lease, and by a round after it") {
  leased it{one};
  it.core.at(free);
  establish(it);
  it.core.proposed(2, {verdict{}});
  CHECK(it.does().empty());  // the first ping is not answered
  CHECK(it.hears(two, pong{1, lease}) == "ping to 2");
  CHECK(it.hears(two, pong{2, lease}) == "deliver");
  it.core.proposed(2, {verdict{}});
  CHECK(it.does() == "deliver");
  it.core.at(free + 899ms);
  it.core.proposed(2, {verdict{}});
  CHECK(it.does() == "deliver");
  // A tenth less than was granted, for clocks that differ.
  it.core.at(free + 900ms);
  it.core.proposed(2, {verdict{}});
  CHECK(it.does() == "ping to 2");
  CHECK(it.hears(two, pong{3}) == "deliver");
}

TEST_CASE("zab: a lease counts from before the ping left, not from when its answer came") {
  leased it{one};
  it.core.at(free);
  establish(it);
  it.core.at(free + 800ms);
  it.hears(two, pong{1, lease});
  CHECK(it.core.look_around().holds_lease);
  it.core.at(free + 900ms);
  CHECK_FALSE(it.core.look_around().holds_lease);
  // So does one whose ping was followed by others before it was answered.
  CHECK(it.at(free + 900ms) == "ping to 2");
  CHECK(it.at(free + 1500ms) == "ping to 2");
  it.hears(two, pong{2, lease});
  CHECK(it.core.look_around().holds_lease);
  it.core.at(free + 1800ms);
  CHECK_FALSE(it.core.look_around().holds_lease);
}

TEST_CASE("zab: a lease without a quorum is none: who has left does not count") {
  leased it{one};
  it.core.at(free);
  establish(it);
  it.hears(two, pong{1, lease});
  CHECK(it.core.look_around().holds_lease);
  it.hears(two, leave{"it goes", {}});
  CHECK_FALSE(it.core.look_around().holds_lease);
  it.core.proposed(2, {verdict{}});
  CHECK(it.does().empty());
}

TEST_CASE("zab: a leader is not established by those who are bound to another one") {
  leased it{one};
  it.core.at(free);
  CHECK(establish(it, 700ms).empty());
  // Neither by one that is free, if that is no quorum: this server itself is.
  CHECK(it.at(free + 600ms) == "ping to 2");
  CHECK(it.at(free + 700ms) == "lead, serve, commit to 2, ping to 2");
}

TEST_CASE("zab: after its start a server may be bound, so it does not count for itself") {
  leased it{one};
  CHECK(establish(it).empty());
  it.core.link_up(three);
  CHECK(it.at(start + 999ms) == "ping to 2");
  CHECK(it.at(free) == "lead, serve, commit to 2, ping to 2");
}

TEST_CASE("zab: two others that are free establish a leader that is bound itself") {
  leased it{one};
  CHECK(establish(it).empty());
  it.core.link_up(three);
  it.hears(three, join{1, 1, {}, true, false, true});
  it.hears(three, epoch_promised{2, false, 1, {}, {}, {}});
  it.locates({}, std::nullopt);
  CHECK(it.hears(three, leader_accepted{2}) == "lead, serve, commit to 2, commit to 3, "
                                               "ping to 2, ping to 3");
}

TEST_CASE("zab: who answered a ping tells the next leader for how long it is bound") {
  leased it{two};
  it.core.at(free);
  follow(it);
  it.core.at(free + 300ms);
  it.core.link_down(one);
  CHECK(accepts(it, three) == 700ms);
}

TEST_CASE("zab: nobody is bound to the leader that begins anew") {
  leased it{two};
  it.core.at(free);
  follow(it);
  it.core.link_down(one);
  it.core.link_up(one);
  CHECK(accepts(it, one) == 0ms);
}

TEST_CASE("zab: a leader that hands over or gives up releases those who are bound to it") {
  leased it{two};
  it.core.at(free);
  follow(it);
  it.hears(one, leave{"it stops", {}});
  CHECK(accepts(it, three) == 0ms);
}

TEST_CASE("zab: a restarted member has forgotten to whom it is bound, and waits for one lease") {
  leased it{two};
  it.core.at(start + 400ms);
  it.core.start();
  it.core.link_up(three);
  it.does();
  it.core.elected(three);
  CHECK(it.does() == "join to 3");
  it.hears(three, new_epoch{2, false});
  it.writes({2, 1, true, true});
  it.hears(three, leave{"it gives up", {}});
  CHECK(accepts(it, three) == 600ms);
}

TEST_CASE("zab: a leader that is not established yet is granted nothing") {
  leased it{two};
  it.core.at(free);
  it.core.start();
  it.core.link_up(one);
  it.core.link_up(three);
  it.core.elected(one);
  it.does();
  it.hears(one, new_epoch{2, false});
  it.writes({2, 1, true, true});
  CHECK(it.hears(one, ping{1}) == "pong to 1");
  it.core.link_down(one);
  CHECK(accepts(it, three) == 0ms);
}

TEST_CASE("zab: an old leader's lease is over before a newer one can be established") {
  // Server 1 leads and is cut off; server 2 answered its ping late, and helps server 3.
  leased old{one}, follower{two};
  old.core.at(free);
  establish(old);
  follower.core.at(free + 200ms);
  follow(follower);
  old.core.at(free + 400ms);
  old.hears(two, pong{1, lease});
  follower.core.at(free + 300ms);
  follower.core.link_down(one);
  const auto bound = accepts(follower, three);
  leased next{one};
  next.core.at(free + 300ms);
  establish(next, bound);
  for (auto when = free + 400ms; when < free + 2s; when = when + 50ms) {
    old.core.at(when);
    next.at(when);
    CHECK_FALSE((old.core.look_around().holds_lease && next.core.leads()));
  }
  CHECK(next.core.leads());
}

}  // namespace troupe::broadcast::zab
