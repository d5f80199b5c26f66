// What a member says and what it has on disk: nothing leaves that a power cut could undo.
#include <catch2/catch.hpp>

#include <chrono>
#include <string>

#include "actors/broadcast/core/zab/member.hpp"

namespace troupe::broadcast::zab {
namespace {

using namespace std::chrono_literals;

constexpr server_id one{1}, two{2}, three{3};

/// Short names for what a member wants, in order: "write 2/1" for accepted/current epochs.
std::string name_of(const body& said) {
  static const char* const names[] = {"join",    "promised", "accepted",  "durable", "forward",
                                      "touched", "pong",     "new epoch", "cut",     "entries",
                                      "begins",  "commit",   "ping",      "leave"};
  return names[said.index()];
}

struct script {
  explicit script(server_id self, epochs on_disk = {1, 1, true})
      : core(
            [self] {
              settings fixed;
              fixed.self = self;
              const server_id all[] = {one, two, three};
              fixed.voters = quorum_system::majority(all);
              fixed.last_counter = 3;
              return fixed;
            }(),
            history{zxid{}, 1 << 20}, on_disk, monotonic_time{1s}) {}

  std::string does() {
    std::string all;
    for (const auto& any : core.take_effects()) {
      std::string what;
      if (const auto* send = std::get_if<effect::send>(&any)) {
        conversation = send->message.conversation;
        what = name_of(send->message.body) + " to " + std::to_string(send->to.value);
      } else if (std::holds_alternative<effect::append>(any)) {
        what = "append";
      } else if (std::holds_alternative<effect::truncate>(any)) {
        what = "truncate";
      } else if (const auto* write = std::get_if<effect::write_epochs>(&any)) {
        what = "write " + std::to_string(write->epochs.accepted) + "/" +
               std::to_string(write->epochs.current);
      } else if (std::holds_alternative<effect::deliver>(any)) {
        what = "deliver";
      } else if (std::holds_alternative<effect::lead>(any)) {
        what = "lead";
      } else if (std::holds_alternative<effect::look>(any)) {
        what = "look";
      } else if (const auto* serving = std::get_if<effect::serving>(&any)) {
        what = serving->serves ? "serve" : "serve no more";
      } else {
        continue;
      }
      all += (all.empty() ? "" : ", ") + what;
    }
    return all;
  }
  std::string hears(server_id from, body said) {
    core.received(from, {conversation, std::move(said)});
    return does();
  }
  std::string writes(epochs written) {
    core.epochs_written(written);
    return does();
  }
  std::string persists(zxid through) {
    core.persisted(through);
    return does();
  }

  member core;
  std::uint64_t conversation = 1;
};

encoded_txn txn(std::uint32_t epoch, std::uint32_t counter) {
  return {zxid::of(epoch, counter), blob{"t"}};
}

}  // namespace

TEST_CASE("zab: a follower promises, takes, and claims only what is on its disk") {
  script it{two};
  it.core.start();
  CHECK(it.does() == "look");
  it.core.link_up(one);
  it.core.elected(one);
  CHECK(it.does() == "join to 1");
  // ZOOKEEPER-335: the promise is durable before it is given.
  CHECK(it.hears(one, new_epoch{2, false}) == "write 2/1");
  CHECK(it.writes({2, 1, true}) == "promised to 1");
  CHECK(it.hears(one, entries{{txn(1, 1), txn(1, 2)}}) == "append");
  // ZOOKEEPER-3911, 4646: what was received is durable before it is claimed.
  CHECK(it.hears(one, new_leader{2}).empty());
  CHECK(it.persists(zxid::of(1, 1)) == "durable to 1");
  // ZOOKEEPER-4643: data, then the claim, then the answer.
  CHECK(it.persists(zxid::of(1, 2)) == "write 2/2, durable to 1");
  CHECK(it.writes({2, 2, true}) == "accepted to 1");
  CHECK(it.hears(one, commit{zxid::of(1, 2), {}}) == "deliver, serve");
  // ZOOKEEPER-4685: acknowledgements of proposals come after that of the epoch, and after the disk.
  CHECK(it.hears(one, entries{{txn(2, 1)}}) == "append");
  CHECK(it.persists(zxid::of(2, 1)) == "durable to 1");
}

TEST_CASE("zab: an older leader is not listened to after a promise") {
  script it{two, {5, 1, true}};
  it.core.start();
  it.core.link_up(one);
  it.core.elected(one);
  CHECK(it.does() == "look, join to 1");
  CHECK(it.hears(one, new_epoch{4, false}) == "leave to 1, look");
}

TEST_CASE("zab: transactions with a gap are not taken") {
  script it{two};
  it.core.start();
  it.core.link_up(one);
  it.core.elected(one);
  it.does();
  it.hears(one, new_epoch{2, false});
  it.writes({2, 1, true});
  CHECK(it.hears(one, entries{{txn(1, 2)}}) == "leave to 1, look");
}

TEST_CASE(
    "zab: a leader begins its epoch when a quorum has promised, and leads when one has accepted") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  CHECK(it.does() == "look");
  it.core.link_up(two);
  CHECK(it.hears(two, join{1, 1, {}, true}) == "write 2/1");
  CHECK(it.writes({2, 1, true}) == "new epoch to 2");
  CHECK(it.hears(two, epoch_promised{2, false, 1, {}, {}, {}}) == "write 2/2");
  CHECK(it.writes({2, 2, true}) == "begins to 2");
  CHECK(it.hears(two, leader_accepted{2}) == "lead, serve, commit to 2");
  it.core.proposed(2, {txn(2, 1)});
  CHECK(it.does() == "append, entries to 2");
  // Neither its own disk nor a follower's is a quorum.
  CHECK(it.persists(zxid::of(2, 1)).empty());
  CHECK(it.hears(two, durable{zxid::of(2, 1)}) == "commit to 2, deliver");
}

TEST_CASE("zab: a full epoch ends, before its counter runs over") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.does();
  it.hears(two, join{1, 1, {}, true});
  it.writes({2, 1, true});
  it.hears(two, epoch_promised{2, false, 1, {}, {}, {}});
  it.writes({2, 2, true});
  it.hears(two, leader_accepted{2});
  it.core.proposed(2, {txn(2, 1), txn(2, 2)});
  CHECK(it.does() == "append, entries to 2");
  it.core.proposed(2, {txn(2, 3)});
  CHECK(it.does() == "append, entries to 2, leave to 2, serve no more");
  // It looks for a leader when what it proposed is on its disk.
  CHECK(it.persists(zxid::of(2, 3)) == "look");
}

TEST_CASE("zab: a leader makes way for whoever has more") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.does();
  it.core.link_up(two);
  it.hears(two, join{1, 1, zxid::of(1, 5), true});
  it.writes({2, 1, true});
  CHECK(it.hears(two, epoch_promised{2, false, 1, zxid::of(1, 5), {}, {zxid::of(1, 5)}}) ==
        "leave to 2, look");
}

TEST_CASE("zab: an empty member's promise does not count, unless all are empty") {
  script it{one, {0, 0, false}};
  it.core.start();
  it.core.elected(one);
  CHECK(it.does() == "look");
  it.core.link_up(two);
  it.core.link_up(three);
  CHECK(it.hears(two, join{0, 0, {}, false}).empty());
  CHECK(it.hears(three, join{0, 0, {}, false}) == "write 1/0");
}

TEST_CASE("zab: a voter that promised a later epoch makes a new one begin") {
  script it{one};
  it.core.start();
  it.core.elected(one);
  it.core.link_up(two);
  it.core.link_up(three);
  it.does();
  it.hears(two, join{1, 1, {}, true});
  it.writes({2, 1, true});
  CHECK(it.hears(three, join{7, 1, {}, true}) == "leave to 2, leave to 3, look");
}

}  // namespace troupe::broadcast::zab
