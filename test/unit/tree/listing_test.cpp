// Lists of children that are made in steps, while the tree goes on.
#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <catch2/catch.hpp>

#include "test/unit/tree/generator.hpp"

using namespace troupe;
using namespace troupe::tree::test;
namespace effect = troupe::tree::effect;

namespace {

using names = std::set<std::string>;

troupe::tree::tree_options small_steps(std::size_t at_once, std::size_t children,
                                       std::size_t bytes = 1000,
                                       std::size_t removed_bytes = 1'000'000) {
  troupe::tree::tree_options options;
  options.listings = {at_once, children, bytes, removed_bytes};
  return options;
}

names names_of(const name_list& list) {
  names all{list.begin(), list.end()};
  REQUIRE(all.size() == list.size());  // none twice
  return all;
}

/// What a connection hears, put together as a gateway does.
struct listener {
  struct expected {
    std::uint64_t sequence;
    std::vector<names> lists;
    stat seen;
  };
  struct heard {
    std::uint64_t sequence;
    std::vector<read_result> parts;
  };

  void take(const effect::read_outcome& e) {
    heard one{e.sequence, e.result.items};
    if (one.parts.empty()) one.parts.push_back(e.result);
    replies.push_back(std::move(one));
    finish();
  }
  void take(const effect::read_piece& e) {
    REQUIRE_FALSE(e.given_up);
    REQUIRE_FALSE(replies.empty());
    auto& parts = replies.front().parts;
    const auto part = std::find_if(parts.begin(), parts.end(),
                                   [](const auto& one) { return one.names_to_come > 0; });
    REQUIRE(part != parts.end());
    REQUIRE(part->names_to_come >= e.names.bytes().size());
    part->names.append(e.names);
    part->names_to_come -= e.names.bytes().size();
    finish();
  }
  /// Compares the replies that are complete with what is expected, in order.
  void finish() {
    while (!replies.empty()) {
      const auto& parts = replies.front().parts;
      if (std::any_of(parts.begin(), parts.end(),
                      [](const auto& one) { return one.names_to_come > 0; }))
        return;
      REQUIRE_FALSE(asked.empty());
      const auto& wanted = asked.front();
      REQUIRE(replies.front().sequence == wanted.sequence);
      REQUIRE(parts.size() == wanted.lists.size());
      for (std::size_t i = 0; i < parts.size(); ++i)
        REQUIRE(names_of(parts[i].names) == wanted.lists[i]);
      REQUIRE(parts.front().stat == wanted.seen);
      asked.erase(asked.begin());
      replies.erase(replies.begin());
      ++compared;
    }
  }

  std::vector<expected> asked;
  std::vector<heard> replies;
  bool watches = false;  ///< /d, once
  int events = 0;
  int compared = 0;
};

/// A tree whose lists are compared with sets of names, under random changes and steps.
struct listing_world {
  explicit listing_world(std::uint64_t seed, std::size_t longest_name = 9)
      : random(seed), longest_name_(longest_name),
        f(small_steps(random.below(4), 1 + random.below(7), 8 + random.below(20 * longest_name),
                      std::size_t{1} << 30)) {
    f.one(create("/d"));
    f.one(create("/other"));
  }

  std::string child() {
    return "/d/" + std::string(1 + random.below(longest_name_), 'n') + number();
  }
  std::string number() { return std::to_string(random.below(40)); }

  /// Applies a change, and checks who is told that the list of /d changed.
  void change() {
    multi_op op;
    for (auto n = random.chance(1, 3) ? 1 + random.below(4) : 1; n > 0; --n) {
      if (random.chance(1, 2))
        op.items.push_back(create(child()));
      else
        op.items.push_back(delete_op{present.empty() ? child() : "/d/" + any_present()});
    }
    apply(f.prepare(op));
  }
  /// /d goes with all that is in it, and comes back empty.
  void replace_directory() {
    multi_op op;
    for (const auto& name : present)
      op.items.push_back(delete_op{"/d/" + name});
    op.items.push_back(delete_op{"/d"});
    op.items.push_back(create("/d"));
    apply(f.prepare(op));
  }
  void apply(const std::variant<txn, verdict>& outcome) {
    const auto watching = count_watching();
    f.deliver(outcome);
    look();
    const bool changed = std::holds_alternative<txn>(outcome);
    take_effects();
    if (changed) REQUIRE(told == watching);
  }
  std::set<std::uint64_t> count_watching() {
    std::set<std::uint64_t> all;
    for (auto& [number, one] : connections)
      if (one.watches) all.insert(number);
    return all;
  }
  void look() {
    present.clear();
    const auto& nodes = f.tree_.committed().nodes();
    const auto* const d = f.tree_.committed().find("/d");
    for (auto* n = nodes.first_child(*d); n; n = nodes.next_sibling(*n))
      present.emplace(n->name());
  }
  std::string any_present() {
    return *std::next(present.begin(), static_cast<std::ptrdiff_t>(random.below(present.size())));
  }

  void list() {
    const auto number = 1 + random.below(4);
    auto& to = connections[number];
    const auto* const d = f.tree_.committed().find("/d");
    if (random.chance(1, 2)) f.tree_.message_begins();
    const auto sequence = ++f.sequence_;
    if (random.chance(1, 4)) {
      // The first of the parts shows the Stat.
      to.asked.push_back({sequence, {present, top(), present}, f.tree_.committed().stat_of(*d)});
      f.tree_.read(lane, {sequence,
                          0,
                          number,
                          alice,
                          {},
                          multi_read_op{{get_children_op{"/d"}, get_children_op{"/"},
                                         get_children_op{"/d"}}}});
    } else {
      const bool watch = random.chance(1, 2);
      to.asked.push_back({sequence, {present}, f.tree_.committed().stat_of(*d)});
      f.tree_.read(lane, {sequence, 0, number, alice, {}, get_children_op{"/d", watch}});
      to.watches = to.watches || watch;
    }
    take_effects();
  }
  static names top() { return {"zookeeper", "d", "other"}; }

  void forget(std::uint64_t number) {
    f.tree_.watcher_gone({lane, number});
    connections.erase(number);
  }
  void step() {
    f.tree_.advance_lists();
    std::size_t pieces = 0;
    take_effects(&pieces);
    longest = std::max(longest, pieces);
  }

  void take_effects(std::size_t* given = nullptr) {
    told.clear();
    for (const auto& one : f.tree_.take_effects()) {
      if (const auto* read = std::get_if<effect::read_outcome>(&one)) {
        connections[read->connection].take(*read);
      } else if (const auto* piece = std::get_if<effect::read_piece>(&one)) {
        REQUIRE(piece->to.lane == lane);
        REQUIRE(connections.contains(piece->to.connection));
        if (given) *given += piece->names.size();
        connections[piece->to.connection].take(*piece);
      } else if (const auto* event = std::get_if<effect::event>(&one)) {
        hear(*event);
      }
    }
  }
  void hear(const effect::event& event) {
    for (const auto& watcher : event.watchers) {
      // Once for each watch, however much one transaction changes.
      REQUIRE(connections[watcher.connection].watches);
      REQUIRE(told.insert(watcher.connection).second);
      connections[watcher.connection].watches = false;
    }
  }

  generator random;
  std::size_t longest_name_;
  fixture f;
  names present;
  std::map<std::uint64_t, listener> connections;
  std::set<std::uint64_t> told;
  std::size_t longest = 0;
};

/// How much was compared, lest a test shows nothing.
struct coverage {
  std::uint64_t lists = 0;
  std::uint64_t unfinished_at_changes = 0;
};

void run_history(listing_world& w, int length, coverage& covered) {
  for (int i = 0; i < length; ++i) {
    const auto what = w.random.below(100);
    if (what < 45) {
      covered.unfinished_at_changes += w.f.tree_.unfinished_lists();
      w.change();
    } else if (what < 60) {
      w.list();
    } else if (what < 97) {
      w.step();
    } else if (what < 99) {
      w.replace_directory();
    } else {
      w.forget(1 + w.random.below(4));
    }
  }
  while (w.f.tree_.unfinished_lists() > 0)
    w.step();
  for (const auto& [number, one] : w.connections) {
    REQUIRE(one.asked.empty());
    REQUIRE(one.replies.empty());
    covered.lists += static_cast<std::uint64_t>(one.compared);
  }
}

}  // namespace

TEST_CASE("tree: lists made in steps equal those made at once", "[tree][property]") {
  coverage covered;
  for (std::uint64_t seed = 1; seed <= 400; ++seed) {
    INFO("seed " << seed);
    listing_world w{seed};
    run_history(w, 300, covered);
  }
  CHECK(covered.lists > 10'000);
  CHECK(covered.unfinished_at_changes > 100'000);
}

TEST_CASE("tree: so do lists of long names, of which few are kept together", "[tree][property]") {
  coverage covered;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    INFO("seed " << seed);
    listing_world w{seed, 30'000};
    run_history(w, 400, covered);
  }
  CHECK(covered.lists > 300);
  CHECK(covered.unfinished_at_changes > 2'000);
}

TEST_CASE("tree: a step lists no more children than it may, whoever asked", "[tree]") {
  fixture f{small_steps(2, 10)};
  f.one(create("/few"));
  f.one(create("/many"));
  for (int i = 0; i < 2; ++i)
    f.one(create("/few/" + std::to_string(i)));
  for (int i = 0; i < 35; ++i)
    f.one(create("/many/" + std::to_string(i)));
  f.tree_.message_begins();
  CHECK(f.read(get_children_op{"/few"}).names.size() == 2);
  const auto first = f.read(get_children_op{"/many"});
  CHECK(first.names.empty());
  CHECK(first.stat.num_children == 35);
  CHECK(first.names_to_come == 35 * 4 + 10 + 25 * 2);
  CHECK(f.read(get_children_op{"/many"}).names.empty());
  CHECK(f.read(get_children_op{"/few"}).names.size() == 2);  // goes ahead
  CHECK(f.tree_.unfinished_lists() == 2);
  std::vector<std::size_t> steps;
  while (f.tree_.unfinished_lists() > 0) {
    f.tree_.advance_lists();
    steps.push_back(0);
    for (const auto& one : f.tree_.take_effects())
      steps.back() += std::get<effect::read_piece>(one).names.size();
  }
  CHECK(steps == std::vector<std::size_t>{10, 10, 10, 10, 10, 10, 10});
}

TEST_CASE("tree: several lists in one message are made at once only up to a step", "[tree]") {
  fixture f{small_steps(0, 10)};
  f.one(create("/d"));
  for (int i = 0; i < 4; ++i)
    f.one(create("/d/" + std::to_string(i)));
  f.tree_.message_begins();
  CHECK(f.read(get_children_op{"/d"}).names.size() == 4);
  CHECK(f.read(get_children_op{"/d"}).names.size() == 4);
  CHECK(f.read(get_children_op{"/d"}).names.empty());
  f.tree_.message_begins();
  CHECK(f.read(get_children_op{"/d"}).names.size() == 4);
}

TEST_CASE("tree: lists that wait too long under changes are given up, and say so", "[tree]") {
  fixture f{small_steps(0, 3, 1000, 1000)};
  f.one(create("/d"));
  for (int i = 0; i < 100; ++i)
    f.one(create("/d/a-long-name-of-a-child-" + std::to_string(i)));
  f.read(get_children_op{"/d"}, {}, 1);
  f.read(get_children_op{"/d"}, {}, 2);
  for (int i = 0; i < 100; ++i)
    f.one(delete_op{"/d/a-long-name-of-a-child-" + std::to_string(i)});
  f.tree_.advance_lists();
  const auto effects = f.tree_.take_effects();
  REQUIRE(effects.size() == 2);
  for (const auto& one : effects)
    CHECK(std::get<effect::read_piece>(one).given_up);
  CHECK(f.tree_.unfinished_lists() == 0);
  f.one(create("/d/b"));
  f.one(delete_op{"/d/b"});
  CHECK(f.read(get_children_op{"/d"}).names_to_come == 0);
}

TEST_CASE("tree: a list of a lane that begins anew is forgotten", "[tree]") {
  fixture f{small_steps(0, 1)};
  f.one(create("/a"));
  f.read(get_children_op{"/"});
  f.tree_.advance_lists();
  CHECK(f.tree_.unfinished_lists() == 1);
  f.tree_.lane_began(lane + 1);
  CHECK(f.tree_.unfinished_lists() == 1);
  f.tree_.lane_began(lane);
  CHECK(f.tree_.unfinished_lists() == 0);
}
