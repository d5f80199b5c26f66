// What a member knows of its ensemble, for people.
#include <catch2/catch.hpp>

#include <chrono>

#include "actors/broadcast/core/zab/member.hpp"

namespace troupe::broadcast::zab {
namespace {

using namespace std::chrono_literals;

constexpr server_id one{1}, two{2}, three{3}, four{4};

settings fixed_for(server_id self) {
  settings fixed;
  fixed.self = self;
  const server_id voters[] = {one, two, three};
  fixed.voters = quorum_system::majority(voters);
  return fixed;
}

encoded_txn txn(std::uint32_t epoch, std::uint32_t counter) {
  return {zxid::of(epoch, counter), blob{std::string(counter, 'x')}};
}

/// A leader in epoch 2 with follower 2; its history begins with that epoch.
struct leading {
  leading()
      : core{fixed_for(one), history{zxid{}, 1 << 20}, {1, 1, true, true}, monotonic_time{1s}} {
    core.start();
    core.elected(one);
    core.link_up(two);
    joins(two, 7);
    core.epochs_written({2, 1, true, true});
    core.received(two, {7, epoch_promised{2, false, 1, {}, {}, {}}});
    core.epochs_written({2, 2, true, true});
    for (const auto& any : core.take_effects())
      if (const auto* asked = std::get_if<effect::locate>(&any))
        core.located(asked->token, {}, std::nullopt);
    core.received(two, {7, leader_accepted{2}});
  }
  void joins(server_id who, std::uint64_t conversation) {
    core.received(who, {conversation, join{1, 1, {}, true, false, true}});
  }

  member core;
};

}  // namespace

TEST_CASE("zab overview: transactions are counted across epochs") {
  const zxid ends[] = {zxid::of(1, 5), zxid::of(3, 2), zxid::of(4, 7)};
  CHECK(transactions_between(ends, {}, zxid::of(4, 7)) == 14);
  CHECK(transactions_between(ends, zxid::of(1, 3), zxid::of(4, 1)) == 2 + 2 + 1);
  CHECK(transactions_between(ends, zxid::of(4, 7), zxid::of(4, 7)) == 0);
  // An end that this history does not have: what its owner has too much does not count.
  CHECK(transactions_between(ends, zxid::of(1, 9), zxid::of(3, 2)) == 2);
  CHECK(transactions_between({}, {}, zxid::of(1, 1)) == 0);
}

TEST_CASE("zab overview: who looks for a leader has none") {
  member core{fixed_for(one), history{zxid{}, 1 << 20}, {4, 3, true}, monotonic_time{1s}};
  core.start();
  const auto seen = core.look_around();
  CHECK(seen.phase == "election");
  CHECK_FALSE(seen.leader);
  CHECK(seen.epoch == 3);
  CHECK(seen.learners.empty());
}

TEST_CASE("zab overview: a leader knows its learners, and what each of them lacks") {
  leading it;
  it.core.proposed(2, {txn(2, 1), txn(2, 2), txn(2, 3)});
  it.core.received(two, {7, durable{zxid::of(2, 1)}});
  it.core.at(monotonic_time{3s});
  it.core.link_up(four);
  it.joins(four, 9);
  const auto seen = it.core.look_around();
  CHECK(seen.phase == "broadcast");
  CHECK(seen.leader == one);
  CHECK(seen.epoch == 2);
  CHECK(seen.sizes.last == 3);
  CHECK(seen.sizes.smallest == 1);
  CHECK(seen.sizes.largest == 3);
  REQUIRE(seen.learners.size() == 2);
  const auto& follower = seen.learners[0];
  CHECK((follower.server == two && follower.votes && follower.synced));
  CHECK(follower.stage == "synced");
  CHECK(follower.lag == 2);
  CHECK(follower.silence == 2s);
  const auto& observer = seen.learners[1];
  CHECK((observer.server == four && !observer.votes && !observer.synced));
  CHECK(observer.stage == "joined");
  CHECK(observer.lag == 3);
}

TEST_CASE("zab overview: a learner knows what it has not been told to be committed") {
  member core{fixed_for(two), history{zxid{}, 1 << 20}, {1, 1, true}, monotonic_time{1s}};
  core.start();
  core.link_up(one);
  core.elected(one);
  CHECK(core.look_around().phase == "discovery");
  std::uint64_t conversation = 0;
  for (const auto& any : core.take_effects())
    if (const auto* send = std::get_if<effect::send>(&any))
      conversation = send->message.conversation;
  core.received(one, {conversation, new_epoch{2, false}});
  core.epochs_written({2, 1, true});
  core.received(one, {conversation, entries{{txn(1, 1), txn(1, 2)}}});
  core.at(monotonic_time{1500ms});
  const auto seen = core.look_around();
  CHECK(seen.phase == "synchronization");
  CHECK(seen.leader == one);
  CHECK(seen.lag == 2);
  CHECK(seen.leader_silence == 500ms);
  CHECK(seen.sizes.last == -1);
}

}  // namespace troupe::broadcast::zab
