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
  std::vector<write_result> through(std::uint32_t server, write_op op, session_id session = alice,
                                    zxid since = {}) {
    auto asked = request(std::move(op), session);
    asked.origin.server = {server};
    asked.since = since;
    const auto outcome = tree_.preparing().prepare(std::move(asked), now_);
    deliver(outcome);
    const auto* refused = std::get_if<verdict>(&outcome);
    return refused ? refused->results : std::vector<write_result>{};
  }
  /// Whether a write is done that comes through `server`, from a connection that began there at
  /// `since`.
  bool done(std::uint32_t server, session_id session = alice, zxid since = {}) {
    return through(server, set("/a", "x"), session, since).empty();
  }
  [[nodiscard]] zxid now() const { return tree_.committed().applied(); }
  /// A leader that knows nothing but the history.
  void next_leader() {
    const auto epoch = tree_.preparing().epoch();
    tree_.stop_leading();
    tree_.lead(epoch + 1, {}, true);
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

TEST_CASE("tree: a new leader knows from the history what was left behind in another server",
          "[tree]") {
  ensemble f;
  f.through(2, create("/a"));
  const auto began_at_two = f.now();
  CHECK(f.done(2, alice, began_at_two));
  const auto began_at_three = f.now();
  f.tree_.preparing().own(alice, {3});
  CHECK(f.done(3, alice, began_at_three));
  f.next_leader();
  CHECK_FALSE(f.done(2, alice, began_at_two));
  CHECK(f.done(3, alice, began_at_three));
  CHECK(f.done(2, bob, began_at_two));
}

TEST_CASE("tree: who came back to a server is told from what was left behind there", "[tree]") {
  ensemble f;
  f.through(2, create("/a"));
  const auto first = f.now();
  f.tree_.preparing().own(alice, {3});
  CHECK(f.done(3, alice, first));
  const auto again = f.now();
  f.next_leader();
  CHECK_FALSE(f.done(2, alice, first));
  CHECK(f.done(2, alice, again));
  CHECK_FALSE(f.done(3, alice, first));
}

TEST_CASE("tree: of a connection whose beginning is not known nothing is refused by the history",
          "[tree]") {
  ensemble f;
  f.through(2, create("/a"));
  f.tree_.preparing().own(alice, {3});
  CHECK(f.done(3));
  f.next_leader();
  CHECK(f.done(2));
}

TEST_CASE("tree: the servers themselves give a session another timeout, but do not bring it back",
          "[tree]") {
  ensemble f;
  f.tree_.preparing().own(alice, {3});
  CHECK(f.through(0, create_session_op{milliseconds{9000}}).empty());
  CHECK(f.tree_.committed().sessions().find(alice)->timeout == milliseconds{9000});
  CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
  CHECK(f.through(3, close_session_op{close_cause::client}).empty());
  CHECK(f.through(0, create_session_op{milliseconds{9000}}).at(0).error == code::session_expired);
  CHECK(f.tree_.committed().sessions().find(alice) == nullptr);
}
