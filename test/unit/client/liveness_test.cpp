// The client's side of a session's timeout.
#include <catch2/catch.hpp>

#include "runtime/client/core/liveness.hpp"
#include "runtime/client/core/watch_parts.hpp"

using namespace troupe;
using client::liveness;
using namespace std::chrono_literals;

namespace {

monotonic_time at(nanoseconds since_start) { return {since_start}; }
using advice = liveness::advice;

}  // namespace

TEST_CASE("client liveness: it says something in time, and gives a silent server up") {
  liveness one;
  one.begins(8s, at(10s), at(11s));
  CHECK(one.next() == at(13s));
  CHECK(one.look(at(12s)) == advice::nothing);
  CHECK(one.look(at(13s)) == advice::ping);
  one.said(at(13s));
  CHECK(one.look(at(14s)) == advice::nothing);
  one.said(at(15s));  // talking does not help if nobody answers
  CHECK(one.look(at(17s)) == advice::reconnect);
}

TEST_CASE("client liveness: it is lost a timeout after the sending of what was answered last") {
  liveness one;
  one.begins(8s, at(10s), at(11s));
  one.said(at(12s));
  one.answered(at(12s), at(16s), false);
  one.disconnected();
  CHECK(one.next() == at(20s));
  CHECK(one.look(at(19999ms)) == advice::nothing);
  CHECK(one.look(at(20s)) == advice::lost);
}

TEST_CASE("client liveness: an answer to one thing excuses the others") {
  liveness one;
  one.begins(8s, at(10s), at(10s));
  one.said(at(10s));
  one.answered(at(10s), at(13s), true);
  CHECK(one.look(at(14s)) == advice::ping);
  CHECK(one.look(at(16999ms)) == advice::ping);
  CHECK(one.look(at(17s)) == advice::reconnect);
}

TEST_CASE("client watches: set again in portions, none lost and none twice") {
  set_watches_op all;
  all.relative = zxid{9};
  for (int i = 0; i < 10; ++i)
    all.data.push_back("/data" + std::to_string(i));
  all.child = {"/child"};
  all.persistent_recursive = {"/"};
  const auto parts = client::in_parts(all, 20);
  std::vector<std::string> data;
  for (const auto& one : parts) {
    CHECK(one.relative == zxid{9});
    data.insert(data.end(), one.data.begin(), one.data.end());
  }
  CHECK(parts.size() == 3);
  CHECK(data == all.data);
  CHECK(parts.back().persistent_recursive == all.persistent_recursive);
  CHECK(client::in_parts({}, 20).empty());
}
