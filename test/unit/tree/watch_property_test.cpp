// Random watches and changes: the watch table against one that looks at every watch each time.
#include <algorithm>
#include <map>
#include <set>

#include <catch2/catch.hpp>

#include "test/unit/tree/generator.hpp"

using namespace troupe;
using namespace troupe::tree::test;

namespace {

/// Every watch as (connection, path, kind), looked at one by one.
struct naive_watches {
  enum kind { data, child, persistent, recursive };
  std::set<std::tuple<std::uint64_t, std::string, kind>> all;

  static bool is_below(const std::string& path, const std::string& top) {
    return top == "/" || path == top || path.starts_with(top + "/");
  }
  std::set<std::uint64_t> take_data(const std::string& path) {
    std::set<std::uint64_t> told;
    for (const auto& [connection, at, what] : all)
      if ((at == path && what != child) || (what == recursive && is_below(path, at)))
        told.insert(connection);
    std::erase_if(all,
                  [&](const auto& w) { return std::get<1>(w) == path && std::get<2>(w) == data; });
    return told;
  }
  std::set<std::uint64_t> take_child(const std::string& path) {
    std::set<std::uint64_t> told;
    for (const auto& [connection, at, what] : all)
      if (at == path && (what == child || what == persistent)) told.insert(connection);
    std::erase_if(all,
                  [&](const auto& w) { return std::get<1>(w) == path && std::get<2>(w) == child; });
    return told;
  }
  std::uint64_t entries() const {
    std::uint64_t count = 0;
    for (const auto& w : all)
      count += std::get<2>(w) == persistent ? 2 : 1;
    return count;
  }
};

void tell(std::vector<std::string>& events, const char* name, const std::string& path,
          const std::set<std::uint64_t>& told) {
  if (told.empty()) return;
  std::string text = name;
  text += " " + path + " ";
  for (const auto one : told)
    text += (text.back() == ' ' ? "" : ",") + std::to_string(one);
  events.push_back(text);
}

std::string parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == 0 ? "/" : path.substr(0, slash);
}

/// The events of a decided transaction, worked out change by change.
std::vector<std::string> expected_events(naive_watches& watches, const txn& decided) {
  std::vector<std::string> events;
  for (const auto& one : decided.changes) {
    if (const auto* c = std::get_if<change::create_node>(&one)) {
      tell(events, "created", c->path, watches.take_data(c->path));
      tell(events, "children", parent_of(c->path), watches.take_child(parent_of(c->path)));
    } else if (const auto* d = std::get_if<change::delete_node>(&one)) {
      const auto by_data = watches.take_data(d->path);
      auto by_child = watches.take_child(d->path);
      for (const auto told : by_data)
        by_child.erase(told);
      tell(events, "deleted", d->path, by_data);
      tell(events, "deleted", d->path, by_child);
      tell(events, "children", parent_of(d->path), watches.take_child(parent_of(d->path)));
    } else if (const auto* s = std::get_if<change::set_data>(&one)) {
      tell(events, "changed", s->path, watches.take_data(s->path));
    }
  }
  return events;
}

void add_random(fixture& f, generator& random, naive_watches& naive) {
  const auto connection = 1 + random.below(4);
  const auto path = random.chance(1, 8) ? std::string{"/"} : random.path();
  switch (random.below(6)) {
  case 0:
    f.read(exists_op{path, true}, {}, connection);
    naive.all.emplace(connection, path, naive_watches::data);
    break;
  case 1:
    if (f.read(get_children_op{path, true}, {}, connection).error == error_code::ok)
      naive.all.emplace(connection, path, naive_watches::child);
    break;
  case 2:
    f.read(add_watch_op{path, watch_mode::persistent}, {}, connection);
    naive.all.emplace(connection, path, naive_watches::persistent);
    break;
  case 3:
    f.read(add_watch_op{path, watch_mode::persistent_recursive}, {}, connection);
    naive.all.emplace(connection, path, naive_watches::recursive);
    break;
  case 4:
    f.read(remove_watches_op{path, watch_selector::any}, {}, connection);
    std::erase_if(naive.all, [&](const auto& w) {
      return std::get<0>(w) == connection && std::get<1>(w) == path;
    });
    break;
  default:
    if (!random.chance(1, 4)) break;
    f.tree_.watcher_gone({lane, connection});
    std::erase_if(naive.all, [&](const auto& w) { return std::get<0>(w) == connection; });
  }
}

}  // namespace

TEST_CASE("tree: random watches fire as a naive table says", "[tree][watch][property]") {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    generator random{seed};
    fixture f;
    naive_watches naive;
    for (int step = 0; step < 300; ++step) {
      add_random(f, random, naive);
      REQUIRE(f.tree_.watches().size() == naive.entries());
      const auto outcome =
          f.prepare(random.write(), random.chance(1, 2) ? alice : random.session());
      const auto* decided = std::get_if<txn>(&outcome);
      const auto expected = decided ? expected_events(naive, *decided) : std::vector<std::string>{};
      f.deliver(outcome);
      f.effects_ = f.tree_.take_effects();
      REQUIRE(f.events() == expected);
    }
  }
}
