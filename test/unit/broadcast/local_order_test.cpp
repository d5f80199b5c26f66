#include <catch2/catch.hpp>

#include "actors/broadcast/core/local_order.hpp"

using namespace troupe;
using broadcast::local_order;

namespace {

encoded_txn entry(std::uint32_t counter, std::uint32_t epoch = 1) {
  return {zxid::of(epoch, counter), blob{std::to_string(counter)}};
}

verdict refusal(std::uint64_t sequence) {
  verdict v;
  v.origin.sequence = sequence;
  return v;
}

/// "t1 v7 t2": what was handed out, for comparison at a glance.
std::string text(const std::vector<local_order::proposal>& proposals) {
  std::string all;
  for (const auto& one : proposals) {
    if (!all.empty()) all += ' ';
    if (const auto* t = std::get_if<encoded_txn>(&one)) {
      all += 't' + std::to_string(t->zxid.counter());
    } else {
      all += 'v' + std::to_string(std::get<verdict>(one).origin.sequence);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("local order: a transaction is delivered once it is durable, and not before") {
  local_order order;
  order.start_after(zxid{});
  order.proposed({entry(1), entry(2), entry(3)});
  CHECK(order.take_appends().size() == 3);
  CHECK(order.take_appends().empty());
  CHECK(text(order.take_deliveries()).empty());

  order.persisted(zxid::of(1, 2));
  CHECK(text(order.take_deliveries()) == "t1 t2");
  CHECK(text(order.take_deliveries()).empty());
  CHECK(order.committed() == zxid::of(1, 2));
  CHECK(order.in_flight() == 1);

  order.persisted(zxid::of(1, 3));
  CHECK(text(order.take_deliveries()) == "t3");
}

TEST_CASE("local order: a refusal waits for everything prepared before it, and for nothing else") {
  local_order order;
  order.start_after(zxid{});
  order.proposed({refusal(7)});
  CHECK(text(order.take_deliveries()) == "v7");

  order.proposed({entry(1), refusal(8), entry(2), refusal(9)});
  CHECK(text(order.take_deliveries()).empty());
  order.persisted(zxid::of(1, 1));
  CHECK(text(order.take_deliveries()) == "t1 v8");
  order.persisted(zxid::of(1, 2));
  CHECK(text(order.take_deliveries()) == "t2 v9");
  CHECK(order.in_flight() == 0);
}

TEST_CASE("local order: refusals are never appended") {
  local_order order;
  order.start_after(zxid{});
  order.proposed({refusal(1), entry(1), refusal(2)});
  const auto appends = order.take_appends();
  REQUIRE(appends.size() == 1);
  CHECK(appends.front().zxid == zxid::of(1, 1));
}

TEST_CASE("local order: a report of an older position takes nothing back") {
  local_order order;
  order.start_after(zxid{});
  order.proposed({entry(1), entry(2)});
  order.persisted(zxid::of(1, 2));
  order.persisted(zxid::of(1, 1));
  CHECK(order.committed() == zxid::of(1, 2));
  CHECK(text(order.take_deliveries()) == "t1 t2");
}

TEST_CASE("local order: after a recovery the history goes on where it ended") {
  local_order order;
  order.start_after(zxid::of(4, 17));
  CHECK(order.committed() == zxid::of(4, 17));
  order.proposed({entry(1, 5)});
  order.persisted(zxid::of(5, 1));
  CHECK(text(order.take_deliveries()) == "t1");
  CHECK(order.last_proposed() == zxid::of(5, 1));
}

TEST_CASE("local order: what is withdrawn comes back in order, and the history ends before it") {
  local_order order;
  order.start_after(zxid{});
  order.proposed({entry(1), refusal(5), entry(2), refusal(6), entry(3)});
  order.persisted(zxid::of(1, 1));
  CHECK(text(order.take_deliveries()) == "t1 v5");
  CHECK(text(order.withdraw()) == "t2 v6 t3");
  CHECK(order.in_flight() == 0);
  CHECK(order.take_appends().empty());
  CHECK(order.last_proposed() == zxid::of(1, 1));

  order.proposed({entry(1, 2)});
  CHECK(order.take_appends().size() == 1);
}

TEST_CASE("local order: syncs that wait are counted, refusals and transactions are not") {
  local_order order;
  order.start_after(zxid{});
  auto sync = refusal(8);
  sync.results = {{error_code::ok, "/", {}}};
  auto refused = refusal(9);
  refused.results = {{error_code::bad_version, {}, {}}};
  order.proposed({entry(1), sync, refused});
  CHECK(order.waiting_syncs() == 1);
  order.persisted(zxid::of(1, 1));
  CHECK(text(order.take_deliveries()) == "t1 v8 v9");
  CHECK(order.waiting_syncs() == 0);
}
