// Random histories: the tree against a model, a second server, and its own digest.
#include <algorithm>
#include <deque>
#include <iostream>

#include <catch2/catch.hpp>

#include "test/unit/tree/generator.hpp"
#include "test/unit/tree/model.hpp"

using namespace troupe;
using namespace troupe::tree::test;
namespace tree_ns = troupe::tree;

namespace {

/// What the model says about a request; on failure of a multi nothing happens.
std::vector<write_result> model_apply(model& m, session_id session, const write_op& op) {
  if (const auto* multi = std::get_if<multi_op>(&op)) {
    const auto before = m;
    std::vector<write_result> results;
    for (const auto& item : multi->items) {
      results.push_back(std::visit([&](const auto& one) { return m.apply(session, one); }, item));
      if (results.back().error == error_code::ok) continue;
      const auto error = results.back().error;
      m = before;
      results.assign(multi->items.size(), {error_code::runtime_inconsistency, {}, {}});
      std::size_t failed = 0;
      for (auto& good = failed; good < results.size(); ++good) {
        model retry = before;
        bool fine = true;
        for (std::size_t i = 0; i <= good && fine; ++i)
          fine = std::visit([&](const auto& one) { return retry.apply(session, one); },
                            multi->items[i])
                     .error == error_code::ok;
        if (!fine) break;
        results[good].error = error_code::ok;
      }
      results[failed].error = error;
      return results;
    }
    return results;
  }
  if (const auto* open = std::get_if<create_session_op>(&op)) {
    m.sessions[session] = open->timeout;
    return {{}};
  }
  if (std::holds_alternative<close_session_op>(op)) return {m.close(session)};
  if (const auto* c = std::get_if<create_op>(&op)) return {m.apply(session, *c)};
  if (const auto* d = std::get_if<delete_op>(&op)) return {m.apply(session, *d)};
  if (const auto* s = std::get_if<set_data_op>(&op)) return {m.apply(session, *s)};
  return {m.apply(session, std::get<set_acl_op>(op))};
}

bool succeeded(const std::vector<write_result>& results) {
  return std::all_of(results.begin(), results.end(),
                     [](const auto& r) { return r.error == error_code::ok; });
}

void require_same(const tree_ns::state& state, const model& m) {
  REQUIRE(state.nodes().size() == m.nodes.size());
  REQUIRE(state.sessions().size() == m.sessions.size());
  for (const auto& [path, expected] : m.nodes) {
    INFO(path);
    const auto* node = state.find(path);
    REQUIRE(node);
    REQUIRE(state.stat_of(*node) == m.stat_of(path));
    REQUIRE(state.nodes().data(*node) == expected.data);
    REQUIRE(state.nodes().has_data(*node) != expected.null_data);
    REQUIRE(node->kind() == expected.kind);
    std::vector<std::string> names;
    for (auto* n = state.nodes().first_child(*node); n; n = state.nodes().next_sibling(*n))
      names.emplace_back(n->name());
    std::sort(names.begin(), names.end());
    REQUIRE(names == m.children_of(path));
  }
}

/// A request on its way: what the model says, and what prepare said.
struct in_flight {
  std::uint64_t sequence;
  std::vector<write_result> expected;
  std::variant<txn, verdict> outcome;
};

struct history {
  explicit history(std::uint64_t seed) : random(seed) {
    leader.set_server({1}, 1);
    leader.lead(3, "key");
    m.next = zxid::of(3, 1);
  }

  void prepare() {
    const auto session = random.session();
    const auto op = random.write();
    m.now = now.ms += static_cast<std::int64_t>(random.below(3));
    auto expected = model_apply(m, session, op);
    const bool empty = std::holds_alternative<create_session_op>(op);
    auto outcome =
        leader.preparing().prepare({{{1}, 1, lane, ++sequence}, session, {}, 0, op}, now);
    REQUIRE(std::holds_alternative<txn>(outcome) == succeeded(expected));
    if (const auto* decided = std::get_if<txn>(&outcome)) {
      REQUIRE(decided->zxid == m.next);
      m.next = m.next.next();
    }
    if (empty) expected.clear();
    queue.push_back({sequence, std::move(expected), std::move(outcome)});
  }

  void deliver() {
    auto one = std::move(queue.front());
    queue.pop_front();
    if (const auto* decided = std::get_if<txn>(&one.outcome)) {
      leader.deliver(*decided);
      REQUIRE(follower.replay(tree_ns::codec::decode(tree_ns::codec::encode(*decided).body).value())
                  .empty());
    } else {
      leader.deliver(std::get<verdict>(one.outcome));
    }
    REQUIRE(leader.committed().digest() == follower.committed().digest());
    std::vector<write_result> results;
    for (const auto& e : leader.take_effects())
      if (const auto* w = std::get_if<tree_ns::effect::write_outcome>(&e)) {
        REQUIRE(w->sequence == one.sequence);
        results = w->results;
      }
    REQUIRE(results.size() == one.expected.size());
    for (std::size_t i = 0; i < results.size(); ++i) {
      REQUIRE(results[i].error == one.expected[i].error);
      REQUIRE(results[i].path == one.expected[i].path);
      REQUIRE(results[i].stat == one.expected[i].stat);
    }
  }

  generator random;
  tree_ns::tree leader{{}};
  tree_ns::tree follower{{}};
  model m;
  wall_time now{1'000'000};
  std::uint64_t sequence = 0;
  std::deque<in_flight> queue;
};

}  // namespace

TEST_CASE("tree: random pipelined histories equal the model", "[tree][property]") {
  constexpr std::uint64_t first_seed = 1;
  std::cout << "tree property seeds from " << first_seed << "\n";
  for (auto seed = first_seed; seed < first_seed + 150; ++seed) {
    INFO("seed " << seed);
    history h{seed};
    for (int step = 0; step < 400; ++step) {
      if (h.queue.size() < 20 && (h.queue.empty() || h.random.chance(1, 2)))
        h.prepare();
      else
        h.deliver();
    }
    while (!h.queue.empty())
      h.deliver();
    require_same(h.leader.committed(), h.m);
    REQUIRE(h.leader.committed().digest() == h.leader.committed().recomputed_digest());
    std::uint64_t bytes = 0, ephemerals = 0;
    for (const auto& [path, node] : h.m.nodes) {
      bytes += path.size() + node.data.size();
      ephemerals += node.kind == node_kind::ephemeral ? 1 : 0;
    }
    REQUIRE(h.leader.committed().approximate_bytes() == bytes);
    REQUIRE(h.leader.committed().ephemeral_count() == ephemerals);
  }
}

TEST_CASE("tree: the digest tells any single difference", "[tree][property]") {
  fixture f;
  f.one(create("/a", "x"));
  f.one(create("/b", "x"));
  std::vector<std::uint64_t> digests;
  const auto note = [&] { digests.push_back(f.tree_.committed().digest()); };
  note();
  f.one(set("/a", "y"));
  note();
  f.one(set_acl_op{"/a", {{31, {"ip", "1.2.3.4"}}}});
  note();
  f.one(create("/c"));
  note();
  f.one(delete_op{"/c"});
  note();
  f.write(create_session_op{milliseconds{1}}, session_id{9});
  note();
  f.write(create_session_op{milliseconds{2}}, session_id{9});
  note();
  std::sort(digests.begin(), digests.end());
  CHECK(std::unique(digests.begin(), digests.end()) == digests.end());
}
