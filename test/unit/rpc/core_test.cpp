// The pure parts of the native gateway.
#include <catch2/catch.hpp>

#include "actors/gateway/rpc/core/barriers.hpp"
#include "actors/gateway/rpc/core/disk_hint.hpp"
#include "actors/gateway/rpc/core/pages.hpp"

using namespace troupe;
using namespace troupe::rpc;
using namespace std::chrono_literals;

namespace {

monotonic_time at(nanoseconds since_start) { return {since_start}; }

}  // namespace

TEST_CASE("native pages: names with the prefix, behind the last, in order") {
  const name_list names{"b2", "a", "b1", "c", "b10", "b"};
  list_op asked{"/", "b", "", 2, false, false};
  auto page = page_of(names, asked);
  CHECK(page.names == std::vector<std::string>{"b", "b1"});
  CHECK(page.more);
  asked.after = "b1";
  page = page_of(names, asked);
  CHECK(page.names == std::vector<std::string>{"b10", "b2"});
  CHECK_FALSE(page.more);
  asked.after = "z";
  CHECK(page_of(names, asked).names.empty());
}

TEST_CASE("native pages: what is gone is left out, and what does not fit comes later") {
  name_page page;
  page.names = {"a", "b", "c", "d"};
  std::vector<read_result> nodes(4);
  nodes[1].error = error_code::no_node;
  nodes[2].error = error_code::no_auth;
  nodes[3].data = blob{std::string(1000, 'x')};
  add_nodes(page, std::move(nodes));
  CHECK(page.names == std::vector<std::string>{"a", "c", "d"});
  REQUIRE(page.nodes.size() == 3);
  shorten(page, 900);
  CHECK(page.names == std::vector<std::string>{"a", "c"});
  CHECK(page.nodes.size() == 2);
  CHECK(page.more);
  // However little fits, one entry comes, or nobody would ever get on.
  shorten(page, 1);
  CHECK(page.names == std::vector<std::string>{"a"});
}

TEST_CASE("native barriers: a sync serves the reads of its turn, and those that may lag") {
  barriers all;
  CHECK_FALSE(all.usable(at(1s), 0ns));
  all.begin(7, at(1s));
  CHECK(all.usable(at(1s), 0ns)->sequence == 7);
  all.turn_ends();
  // It left; what happened since it may not show.
  CHECK_FALSE(all.usable(at(1s), 0ns));
  CHECK(all.usable(at(1100ms), 200ms)->sequence == 7);
  CHECK_FALSE(all.usable(at(1300ms), 200ms));
  CHECK_FALSE(all.finish(6, true));
  CHECK(all.finish(7, true));
  CHECK(all.usable(at(1100ms), 200ms)->sequence == 0);
  CHECK_FALSE(all.usable(at(1100ms), 0ns));
  CHECK_FALSE(all.usable(at(1201ms), 200ms));
}

TEST_CASE("native barriers: a sync that failed serves nobody") {
  barriers all;
  all.begin(3, at(1s));
  all.turn_ends();
  CHECK(all.finish(3, false));
  CHECK(all.failed(3));
  CHECK_FALSE(all.failed(0));
  CHECK_FALSE(all.usable(at(1s), 1s));
  all.begin(5, at(2s));
  CHECK(all.finish(5, true));
  CHECK(all.failed(3));
  CHECK_FALSE(all.failed(5));
  all.begin_anew();
  CHECK_FALSE(all.usable(at(2s), 1s));
}

TEST_CASE("native disk hint: somebody else who reads waits for something else") {
  disk_hint hint{10ms};
  hint.heard(1, at(1s));
  hint.read(at(1s));
  CHECK(hint.disk_bound(at(1s)));  // alone
  hint.heard(2, at(1s));
  CHECK_FALSE(hint.disk_bound(at(1001ms)));
  CHECK(hint.must_tell(at(1001ms), false));
  CHECK_FALSE(hint.must_tell(at(1002ms), false));
  CHECK(hint.must_tell(at(1012ms), false));
  CHECK(hint.disk_bound(at(1100ms)));
  CHECK_FALSE(hint.must_tell(at(1100ms), false));
}
