// The tree's actor and its storage: snapshots of a state that is replaced.
#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include <caf/send.hpp>

#include <troupe/sdk/log.hpp>

#include "actors/tree/codec/snapshot_stream.hpp"
#include "actors/tree/component.hpp"
#include "actors/tree/tree_actor.hpp"
#include "test/support/loop_world.hpp"
#include "test/unit/tree/fixture.hpp"

using namespace troupe;

namespace {

namespace storage = role::storage;
using lines = std::vector<std::string>;

/// Storage and broadcast, as far as the tree talks to them.
class neighbours final : public sdk::pinned_actor {
public:
  neighbours(caf::actor_config& config, sdk::reactor_unit& home, lines& told)
      : sdk::pinned_actor(config, home, 9, {}), told_(told) {}

  caf::behavior make_behavior() override {
    using played = handle<storage::attach_snapshots, storage::snapshot_begin,
                          storage::snapshot_chunk, storage::snapshot_end, role::tree::changes>;
    return handlers<played, role::component::supervisor, role::tree::sequencer>(
        [](const storage::attach_snapshots&) {},
        [this](const storage::snapshot_begin& m) {
          told_.push_back("begins " + to_string(m.zxid));
        },
        [this](const storage::snapshot_chunk&) { told_.emplace_back("chunk"); },
        [this](const storage::snapshot_end&) { told_.emplace_back("ends"); },
        [this](const role::tree::changes& m) {
          for (const auto& one : m.changes)
            told_.push_back("changed " + one.path);
          told_.push_back((m.overrun ? "overrun " : "through ") + to_string(m.through));
        },
        [](const role::component::ready&) {}, [](const role::component::stopped&) {},
        [this](const role::component::failed& m) { told_.push_back("fails: " + m.reason); },
        [](const role::component::status_report&) {}, [](const role::tree::prepared&) {},
        [this](const role::tree::loaded& m) {
          if (!m.failure.empty()) told_.push_back("cannot load: " + m.failure);
        },
        [](const role::tree::digested&) {});
  }

private:
  lines& told_;
};

/// The tree's actor alone in virtual time, recovered from nothing.
struct tree_world : troupe::test::loop_world {
  tree_world() {
    sdk::log::set_level(sdk::log::level::none);
    around = sdk::spawn_pinned<neighbours>(queue, told);
    const auto options = sdk::option_values::defaults_of(tree::znode_type().options);
    const sdk::deployment_info info{server_id{1}, "", ""};
    sdk::component_context context{"tree",  1,
                                   options, ports,
                                   queue,   role::component::supervisor{around},
                                   info,    {{"storage", around}}};
    const auto made = sdk::spawn_pinned<tree::tree_actor>(queue, context);
    component = role::component::actor{made};
    subject = role::tree::actor{made};
    snapshots = storage::snapshot_client{made};
    component.send(role::component::start{});
    subject.send(role::tree::attach_sequencer{role::tree::sequencer{around}});
    subject.send(role::tree::load_finished{server_id{1}, 1});
    take();
  }
  ~tree_world() {
    component.send(role::component::stop{});
    caf::anon_send_exit(around, caf::exit_reason::kill);
    take();
    sdk::log::set_level(sdk::log::level::info);
  }

  lines take() {
    settle();
    return std::exchange(told, {});
  }
  lines wish() {
    snapshots.send(storage::snapshot_wanted{});
    return take();
  }
  lines changes_after(zxid at) {
    role::tree::read_changes asked;
    asked.to = handle<role::tree::changes>{around};
    asked.prefix = "/";
    asked.after = at;
    subject.send(std::move(asked));
    return take();
  }
  lines progress(bool finished, bool failed) {
    snapshots.send(storage::snapshot_progress{finished, failed});
    return take();
  }
  /// A transaction that a tree of this kind has decided.
  lines deliver(tree::test::fixture& decides) {
    const auto decided = decides.prepare(tree::test::sequential("/n-"));
    subject.send(role::tree::deliver{{tree::codec::encode(std::get<txn>(decided))}});
    decides.deliver(decided);
    return take();
  }
  /// The leader's snapshot takes the place of everything.
  lines replace(tree::test::fixture& by) {
    auto& state = by.tree_.committed();
    tree::codec::snapshot_stream stream{state};
    subject.send(role::tree::load{
        storage::recovery::snapshot_begin{state.applied(), stream.source().digest(), 0}});
    for (auto chunk = stream.next_chunk(); !chunk.is_null(); chunk = stream.next_chunk())
      subject.send(role::tree::load{storage::recovery::snapshot_chunk{std::move(chunk)}});
    subject.send(role::tree::load_finished{server_id{1}, 1});
    return take();
  }

  lines told;

  role::component::actor component;
  caf::strong_actor_ptr around;
  role::tree::actor subject;
  storage::snapshot_client snapshots;
};

}  // namespace

TEST_CASE("tree: while storage still has a snapshot of a state that was replaced, none begins",
          "[tree][snapshot]") {
  tree::test::fixture leader;
  tree_world world;
  CHECK(world.replace(leader).empty());
  CHECK(world.deliver(leader).empty());
  const auto first = to_string(leader.tree_.committed().applied());
  REQUIRE(world.wish() == lines{"begins " + first});

  leader.one(tree::test::create("/while-away"));
  CHECK(world.replace(leader).empty());
  CHECK(world.deliver(leader).empty());
  CHECK(world.wish().empty());
  CHECK(world.progress(false, false).empty());  // the answer to its beginning
  SECTION("until storage gives it up") {
    const auto next = to_string(leader.tree_.committed().applied());
    CHECK(world.progress(false, true) == lines{"begins " + next});
  }
  SECTION("or has finished it") {
    const auto next = to_string(leader.tree_.committed().applied());
    CHECK(world.progress(true, false) == lines{"begins " + next});
    CHECK(world.progress(false, false) == lines{"chunk"});
  }
}

TEST_CASE("tree: changes can be asked for since a zxid, but not from before a snapshot", "[tree]") {
  tree::test::fixture leader;
  const auto sessions = leader.tree_.committed().applied();
  tree_world follower;
  CHECK(follower.replace(leader).empty());
  CHECK(follower.changes_after(zxid{}) == lines{"overrun 0x0"});
  CHECK(follower.changes_after(sessions) == lines{"through " + to_string(sessions)});
  CHECK(follower.deliver(leader).empty());
  const auto first = leader.tree_.committed().applied();
  CHECK(follower.deliver(leader).empty());
  const auto second = leader.tree_.committed().applied();
  CHECK(follower.changes_after(sessions) ==
        lines{"changed /n-0000000000", "changed /n-0000000001", "through " + to_string(second)});
  CHECK(follower.changes_after(first) ==
        lines{"changed /n-0000000001", "through " + to_string(second)});
  CHECK(follower.replace(leader).empty());
  CHECK(follower.changes_after(first) == lines{"overrun " + to_string(first)});
}

TEST_CASE("tree: what was recovered from the log can be asked for, too", "[tree]") {
  tree::test::fixture leader;
  const auto sessions = leader.tree_.committed().applied();
  tree_world server;
  CHECK(server.replace(leader).empty());
  const auto decided = leader.prepare(tree::test::create("/a"));
  server.subject.send(role::tree::load{
      storage::recovery::committed{{tree::codec::encode(std::get<txn>(decided))}}});
  CHECK(server.take().empty());
  CHECK(server.changes_after(sessions) ==
        lines{"changed /a", "through " + to_string(std::get<txn>(decided).zxid)});
}
