// The leader of an ensemble does only what comes through the server that has a session's client.
#include <catch2/catch.hpp>

#include "test/unit/tree/fixture.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using code = error_code;

namespace {

/// A leader, server 1, and what others forward to it.
struct ensemble : fixture {
  explicit ensemble(bool of_many = true) {
    tree_.stop_leading();
    tree_.lead(2, {}, of_many);
  }
  std::vector<write_result> through(std::uint32_t server, write_op op, session_id session = alice) {
    auto asked = request(std::move(op), session);
    asked.origin.server = {server};
    const auto outcome = tree_.preparing().prepare(std::move(asked), now_);
    deliver(outcome);
    const auto* refused = std::get_if<verdict>(&outcome);
    return refused ? refused->results : std::vector<write_result>{};
  }
  bool done(std::uint32_t server, session_id session = alice) {
    return through(server, set("/a", "x"), session).empty();
  }
};

}  // namespace

TEST_CASE("tree: what a client left behind in its former server is refused once it has moved",
          "[tree]") {
  ensemble f;
  f.through(2, create("/a"));
  CHECK(f.done(2));
  f.tree_.preparing().own(alice, {3});
  CHECK(f.through(2, set("/a", "late")).at(0).error == code::session_moved);
  CHECK(f.through(2, sync_op{"/"}).at(0).error == code::session_moved);
  const auto multi = f.through(2, multi_op{{set("/a", "late"), set("/a", "later")}});
  REQUIRE(multi.size() == 2);
  CHECK(multi[0].error == code::session_moved);
  CHECK(f.done(3));
  CHECK(f.done(2, bob));
  CHECK(f.data_of("/a") == "x");
}

TEST_CASE("tree: a new leader takes the server of the first write for the owner", "[tree]") {
  ensemble f;
  f.through(2, create("/a"));
  CHECK_FALSE(f.done(3));
  f.tree_.stop_leading();
  f.tree_.lead(3, {}, true);
  CHECK(f.done(3));
  CHECK_FALSE(f.done(2));
}

TEST_CASE("tree: the end of a session and what the servers ask themselves have no owner",
          "[tree]") {
  ensemble f;
  f.tree_.preparing().own(alice, {3});
  f.tree_.preparing().own(bob, {3});
  CHECK(f.through(2, close_session_op{close_cause::client}, alice).empty());
  CHECK(f.through(0, close_session_op{close_cause::expired}, bob).empty());
  CHECK(f.through(2, create("/a"), alice).at(0).error == code::session_expired);
  f.tree_.preparing().own(alice, {2});  // too late
  CHECK(f.through(3, create("/a"), alice).at(0).error == code::session_expired);
}

TEST_CASE("tree: a server alone compares nothing", "[tree]") {
  ensemble f{false};
  f.through(1, create("/a"));
  f.tree_.preparing().own(alice, {3});
  CHECK(f.done(1));
  CHECK(f.done(2));
}
