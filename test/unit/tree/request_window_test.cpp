#include <catch2/catch.hpp>

#include <deque>
#include <map>
#include <set>

#include <troupe/base/prng.hpp>

#include "actors/tree/codec/snapshot_codec.hpp"
#include "actors/tree/core/snapshot_loader.hpp"
#include "actors/tree/core/snapshot_source.hpp"
#include "test/unit/tree/decisions.hpp"

using namespace troupe;
using namespace troupe::tree;
using namespace troupe::tree::test;

namespace {

/// Writes with request ids.
struct numbered : fixture {
  std::variant<troupe::txn, verdict> ask(std::uint64_t id, write_op op,
                                         session_id session = alice) {
    ++now_.ms;
    auto one = request(std::move(op), session);
    one.request_id = id;
    return tree_.preparing().prepare(std::move(one), now_);
  }
  /// What the outcome says.
  effect::write_outcome told() {
    effect::write_outcome newest;
    for (auto& one : tree_.take_effects())
      if (auto* outcome = std::get_if<effect::write_outcome>(&one)) newest = *std::move(outcome);
    return newest;
  }
  effect::write_outcome write_numbered(std::uint64_t id, write_op op, session_id session = alice) {
    tree_.take_effects();
    deliver(ask(id, std::move(op), session));
    return told();
  }
};

bool same(const effect::write_outcome& a, const effect::write_outcome& b) {
  if (a.zxid != b.zxid || a.is_multi != b.is_multi || a.results.size() != b.results.size())
    return false;
  for (std::size_t i = 0; i < a.results.size(); ++i)
    if (a.results[i].error != b.results[i].error || a.results[i].path != b.results[i].path ||
        a.results[i].stat != b.results[i].stat || a.results[i].number != b.results[i].number)
      return false;
  return true;
}

}  // namespace

TEST_CASE("request ids: a retry gets the first answer, and does nothing", "[tree]") {
  numbered f;
  const auto first = f.write_numbered(7, sequential("/n-"));
  CHECK(first.results.at(0).path == "/n-0000000000");
  const auto at = f.tree_.committed().applied();
  const auto again = f.write_numbered(7, sequential("/n-"));
  CHECK(same(first, again));
  CHECK(first.sequence != again.sequence);
  CHECK(f.tree_.committed().applied() == at);
  // Another session's number is another request, and so is another number.
  CHECK(f.write_numbered(7, sequential("/n-"), bob).results.at(0).path == "/n-0000000001");
  CHECK(f.write_numbered(8, sequential("/n-")).results.at(0).path == "/n-0000000002");
  // Zero is none.
  CHECK(f.write_numbered(0, sequential("/n-")).results.at(0).path == "/n-0000000003");
  CHECK(f.write_numbered(0, sequential("/n-")).results.at(0).path == "/n-0000000004");
  CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
}

TEST_CASE("request ids: every kind of write is remembered with all its results", "[tree]") {
  numbered f;
  f.write(create("/a", "1"));
  script_op script;
  script.steps = {{create("/s")}, {add_op{"/a", 1}}, {check_op{"/s"}}, {delete_tree_op{"/s", 3}}};
  const std::vector<write_op> writes{
      create("/b"),
      set("/b", "x"),
      set_acl_op{"/b", open_acl},
      multi_op{{create("/m"), check_op{"/m"}, set("/m", "x")}},
      script,
      delete_op{"/b"},
  };
  std::uint64_t id = 0;
  for (const auto& op : writes) {
    const auto first = f.write_numbered(++id, op);
    CHECK(first.results.at(0).error == error_code::ok);
    CHECK(same(first, f.write_numbered(id, op)));
  }
  CHECK(f.data_of("/a") == "2");
}

TEST_CASE("request ids: a retry that comes while the first is in flight waits for it", "[tree]") {
  numbered f;
  f.tree_.take_effects();
  const auto first = f.ask(7, sequential("/n-"));
  const auto again = f.ask(7, sequential("/n-"));
  REQUIRE(std::holds_alternative<verdict>(again));
  f.deliver(again);
  CHECK(f.tree_.take_effects().empty());
  f.deliver(first);
  std::vector<effect::write_outcome> told;
  for (auto& one : f.tree_.take_effects())
    if (auto* outcome = std::get_if<effect::write_outcome>(&one)) told.push_back(*outcome);
  REQUIRE(told.size() == 2);
  CHECK(same(told[0], told[1]));
}

TEST_CASE("request ids: what was refused did nothing, and may be tried again", "[tree]") {
  numbered f;
  CHECK(f.write_numbered(7, create("/a/b")).results.at(0).error == error_code::no_node);
  f.write(create("/a"));
  CHECK(f.write_numbered(7, create("/a/b")).results.at(0).error == error_code::ok);
}

TEST_CASE("request ids: the next leader knows them, and so does a snapshot", "[tree]") {
  numbered f;
  script_op script;
  script.steps = {{create("/s", "5")}, {add_op{"/s", 1}}};
  const auto first = f.write_numbered(7, script);
  const auto second = f.write_numbered(8, sequential("/n-"));
  SECTION("another leader of the same tree") {
    f.tree_.stop_leading();
    f.tree_.lead(2, "");
    CHECK(same(first, f.write_numbered(7, script)));
  }
  SECTION("a server that got a snapshot") {
    numbered other;
    std::vector<std::string> bytes;
    const auto& state = f.tree_.committed();
    snapshot_loader loader{other.tree_.committed(), state.applied(), state.digest()};
    snapshot_source source{f.tree_.committed(), [&](const snapshot::record& r) {
                             std::string encoded;
                             codec::append(encoded, r);
                             bytes.push_back(std::move(encoded));
                           }};
    while (source.advance()) {
    }
    codec::snapshot_decoder decoder{[&](const snapshot::record& r) { return loader.add(r); }};
    for (const auto& one : bytes)
      CHECK(decoder.feed(one).empty());
    REQUIRE(loader.complete());
    CHECK(other.tree_.committed().digest() == state.digest());
    CHECK(other.tree_.committed().recomputed_digest() == state.digest());
    other.tree_.stop_leading();
    other.tree_.lead(2, "");
    CHECK(same(first, other.write_numbered(7, script)));
    CHECK(same(second, other.write_numbered(8, sequential("/n-"))));
  }
}

TEST_CASE("request ids: the window has a limit, and goes with its session", "[tree]") {
  numbered f;
  f.write(create("/a"));
  for (std::uint64_t id = 1; id <= request_window::most_requests + 1; ++id)
    f.write_numbered(id, set("/a", std::to_string(id)));
  const auto& window = *f.tree_.committed().sessions().find(alice)->requests;
  CHECK(window.all().size() == request_window::most_requests);
  CHECK(window.find(1) == nullptr);
  CHECK(window.find(2) != nullptr);
  CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
  f.write(close_session_op{}, alice);
  CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
  CHECK(f.write_numbered(5, set("/a", "x")).results.at(0).error == error_code::session_expired);
}

TEST_CASE("request ids: heavy answers push older ones out, but the newest stays", "[tree]") {
  numbered f;
  script_op heavy;
  for (int i = 0; i < 1000; ++i)
    heavy.steps.push_back({create("/" + std::to_string(i))});
  f.write_numbered(1, create("/light"));
  const auto answer = f.write_numbered(2, heavy);
  const auto& window = *f.tree_.committed().sessions().find(alice)->requests;
  CHECK(window.all().size() == 1);
  CHECK(same(answer, f.write_numbered(2, heavy)));
  f.write_numbered(3, create("/another"));
  CHECK(window.find(2) == nullptr);
}

/// A client that numbers its writes and repeats them as it likes, over several leaders, some of
/// which lose what they had in flight: what is done, is done once, and every answer to a number is
/// the same. The leader's idea of the window is that of the tree when it comes to it.
TEST_CASE("request ids: retries in any order and across leaders do nothing twice", "[tree]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{40}));
  INFO("seed " << seed);
  prng random{seed};
  numbered f;
  f.write(create("/n", "0"));
  std::uint32_t epoch = 1;
  std::uint64_t next_id = 1;
  std::map<std::uint64_t, effect::write_outcome> answers;  // by request id
  std::map<std::uint64_t, std::uint64_t> asked;            // request id by sequence
  std::deque<std::variant<troupe::txn, verdict>> in_flight;
  std::set<std::uint64_t> done;
  const auto commit = [&](const std::variant<troupe::txn, verdict>& one) {
    if (const auto* decided = std::get_if<troupe::txn>(&one))
      CHECK(done.insert(decided->request_id).second);
    f.deliver(one);
  };
  const auto hear = [&] {
    for (auto& one : f.tree_.take_effects()) {
      auto* outcome = std::get_if<effect::write_outcome>(&one);
      const auto id = outcome ? asked.find(outcome->sequence) : asked.end();
      if (id == asked.end()) continue;
      REQUIRE(outcome->results.at(0).error == error_code::ok);
      const auto [known, is_new] = answers.emplace(id->second, *outcome);
      if (!is_new) CHECK(same(known->second, *outcome));
    }
  };
  for (int step = 0; step < 600; ++step) {
    const auto dice = random.below(20);
    if (dice < 10) {
      // Not older than the window, as a client with so many outstanding would behave.
      const auto oldest = next_id > 60 ? next_id - 60 : 1;
      const auto id = random.below(3) == 0 || next_id == 1
                          ? next_id++
                          : oldest + random.below(next_id - oldest);
      script_op add;
      add.steps.push_back({add_op{"/n", 1}});
      in_flight.push_back(f.ask(id, add));
      asked[f.sequence_] = id;
    } else if (dice < 19) {
      if (in_flight.empty()) continue;
      commit(in_flight.front());
      in_flight.pop_front();
    } else {
      // Some of what was in flight is committed by the next leader, the rest is lost.
      auto kept = random.below(in_flight.size() + 1);
      for (; kept > 0; --kept) {
        if (std::holds_alternative<troupe::txn>(in_flight.front())) commit(in_flight.front());
        in_flight.pop_front();
      }
      in_flight.clear();
      f.tree_.stop_leading();
      f.tree_.lead(++epoch, "");
    }
    hear();
  }
  for (; !in_flight.empty(); in_flight.pop_front())
    commit(in_flight.front());
  hear();
  CHECK(std::stoull(f.data_of("/n")) == done.size());
  for (const auto& [id, answer] : answers)
    CHECK(done.contains(id));
  CHECK(f.tree_.committed().digest() == f.tree_.committed().recomputed_digest());
}
