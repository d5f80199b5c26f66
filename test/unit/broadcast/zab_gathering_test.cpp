// What a leader keeps while its disk is at work.
#include <catch2/catch.hpp>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

/// It leads epoch 2, and its disk has not taken the first transaction yet.
struct busy_leader : script {
  explicit busy_leader(std::size_t most_gathered)
      : script(one, {1, 1, true, true}, {zxid{}, 1 << 20}, 0s, most_gathered) {
    leads();
    core.proposed(2, {txn(2, 1)});
    CHECK(does() == "append, entries to 2");
  }
};

}  // namespace

TEST_CASE("zab: what comes while a leader's disk is at work leaves together when it is done") {
  busy_leader it{2};
  it.core.proposed(2, {txn(2, 2)});
  CHECK(it.does().empty());
  // That a learner has the first is not enough without the own disk.
  CHECK(it.hears(two, durable{zxid::of(2, 1)}).empty());
  CHECK(it.persists(zxid::of(2, 1)) == "commit to 2, deliver, append, entries to 2");
  CHECK(it.persists(zxid::of(2, 2)).empty());
  CHECK(it.hears(two, durable{zxid::of(2, 2)}) == "commit to 2, deliver");
}

TEST_CASE("zab: no more is gathered than is worth it") {
  busy_leader it{2};
  it.core.proposed(2, {txn(2, 2)});
  CHECK(it.does().empty());
  it.core.proposed(2, {txn(2, 3)});
  CHECK(it.does().substr(0, 21) == "append, entries to 2,");
}

TEST_CASE("zab: who joins gets what was gathered, too: it may have asked for that") {
  busy_leader it{2};
  it.core.proposed(2, {txn(2, 2)});
  it.core.link_up(three);
  CHECK(it.hears(three, join{1, 1, {}, true, false, true}).substr(0, 20) == "append, entries to 2");
}

}  // namespace troupe::broadcast::zab
