/// The worker against a tree of three folders, whose answers may be disturbed between any two
/// steps.

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <stdexcept>

#include "core/queue_worker.hpp"

using namespace queue_handler;
using troupe::error_code;

namespace {

struct item {
  std::string data;
  std::int32_t version = 0;
  std::int32_t children = 0;
};

/// As much of a tree as the worker sees.
class small_tree {
public:
  std::map<std::string, item> nodes;

  std::vector<troupe::write_result> write(const troupe::write_op& op) {
    if (const auto* create = std::get_if<troupe::create_op>(&op)) return {{apply(*create), {}, {}}};
    const auto& items = std::get<troupe::multi_op>(op).items;
    const auto before = nodes;
    std::vector<troupe::write_result> results(items.size());
    for (std::size_t i = 0; i < items.size(); ++i) {
      results[i].error = std::visit([this](const auto& one) { return apply(one); }, items[i]);
      if (results[i].error == error_code::ok) continue;
      for (++i; i < items.size(); ++i)
        results[i].error = error_code::runtime_inconsistency;
      nodes = before;
    }
    return results;
  }

  troupe::read_result read(const troupe::read_op& op) const {
    troupe::read_result result;
    if (const auto* list = std::get_if<troupe::get_children_op>(&op)) {
      if (!nodes.contains(list->path)) result.error = error_code::no_node;
      const auto prefix = list->path + "/";
      // Backwards: the order of children means nothing.
      for (auto one = nodes.rbegin(); one != nodes.rend(); ++one)
        if (one->first.starts_with(prefix))
          result.names.push_back(one->first.substr(prefix.size()));
      return result;
    }
    for (const auto& one : std::get<troupe::multi_read_op>(op).items) {
      auto& answer = result.items.emplace_back();
      const auto found = nodes.find(std::get<troupe::get_data_op>(one).path);
      if (found == nodes.end()) {
        answer.error = error_code::no_node;
        continue;
      }
      answer.data = troupe::blob{found->second.data};
      answer.stat.version = found->second.version;
      answer.stat.num_children = found->second.children;
    }
    return result;
  }

private:
  error_code apply(const troupe::create_op& op) {
    const auto parent = op.path.substr(0, op.path.rfind('/'));
    if (!parent.empty() && !nodes.contains(parent)) return error_code::no_node;
    const bool is_new = nodes.try_emplace(op.path, item{std::string{op.data.view()}, 0, 0}).second;
    return is_new ? error_code::ok : error_code::node_exists;
  }
  error_code apply(const troupe::set_data_op& op) {
    const auto found = nodes.find(op.path);
    if (found == nodes.end()) return error_code::no_node;
    found->second = {std::string{op.data.view()}, found->second.version + 1, 0};
    return error_code::ok;
  }
  error_code apply(const troupe::delete_op& op) {
    const auto found = nodes.find(op.path);
    if (found == nodes.end()) return error_code::no_node;
    if (found->second.version != op.version) return error_code::bad_version;
    if (found->second.children > 0) return error_code::not_empty;
    nodes.erase(found);
    return error_code::ok;
  }
  error_code apply(const troupe::check_op&) { return error_code::unimplemented; }
};

struct fixture {
  explicit fixture(worker_options options = {"/shop/orders", 2, 1 << 20})
      : worker(std::move(options), [this](std::string_view text) -> outcome {
          handled.emplace_back(text);
          if (text == "bad") return troupe::failure{"it is bad"};
          if (text == "worse") throw std::runtime_error("it is worse");
          return "done " + std::string{text};
        }) {}

  void put(const std::string& name, const std::string& data) {
    tree.nodes["/shop/orders/items/" + name] = {data, 0, 0};
  }
  std::string at(const std::string& path) const {
    const auto found = tree.nodes.find("/shop/orders/" + path);
    return found == tree.nodes.end() ? "-" : found->second.data;
  }

  /// Answers what the worker asks until it asks for nothing. `disturb` runs before each answer.
  next_step run(next_step next, const std::function<void(const next_step&)>& disturb = {}) {
    for (int steps = 0; steps < 1000; ++steps) {
      if (disturb) disturb(next);
      if (const auto* write = std::get_if<troupe::write_op>(&next)) {
        if (std::holds_alternative<troupe::multi_op>(*write)) ++transactions;
        next = worker.wrote(tree.write(*write));
      } else if (const auto* read = std::get_if<troupe::read_op>(&next)) {
        next = worker.read(tree.read(*read));
      } else {
        return next;
      }
    }
    FAIL("the worker does not come to rest");
    return next;
  }

  std::vector<std::string> handled;
  int transactions = 0;
  small_tree tree;
  queue_worker worker;
};

bool is_multi(const next_step& next) {
  const auto* write = std::get_if<troupe::write_op>(&next);
  return write != nullptr && std::holds_alternative<troupe::multi_op>(*write);
}

TEST_CASE("the nodes are made, then the queue is watched", "[worker]") {
  fixture f;
  CHECK_FALSE(f.worker.watching());
  const auto next = f.run(f.worker.begin());
  CHECK(std::holds_alternative<wait_for_change>(next));
  CHECK(f.worker.watching());
  for (const char* path : {"/shop", "/shop/orders", "/shop/orders/items", "/shop/orders/results",
                           "/shop/orders/failed"}) {
    CHECK(f.tree.nodes.contains(path));
  }
  CHECK(std::holds_alternative<wait_for_change>(f.run(f.worker.begin())));
}

TEST_CASE("items are handled in the order of their names, batch by batch", "[worker]") {
  fixture f;
  f.run(f.worker.begin());
  for (const char* name : {"e", "a", "d", "b", "c"})
    f.put(name, name);
  f.run(f.worker.changed());
  CHECK(f.handled == std::vector<std::string>{"a", "b", "c", "d", "e"});
  CHECK(f.transactions == 3);
  CHECK(f.at("results/d") == "done d");
  CHECK(f.at("items/d") == "-");
  CHECK(f.worker.counts().handled == 5);
  CHECK(f.worker.waiting() == 0);
}

TEST_CASE("a transaction takes no more bytes than it may, but always one item", "[worker]") {
  fixture f{{"/shop/orders", 100, 20}};
  f.run(f.worker.begin());
  for (const char* name : {"a", "b", "c"})
    f.put(name, std::string(30, 'x'));
  f.put("d", "1");
  f.put("e", "2");
  f.run(f.worker.changed());
  CHECK(f.worker.counts().handled == 5);
  CHECK(f.transactions == 4);
}

TEST_CASE("what cannot be handled is put aside with its reason", "[worker]") {
  fixture f;
  f.run(f.worker.begin());
  f.put("1", "bad");
  f.put("2", "good");
  f.put("3", "worse");
  f.run(f.worker.changed());
  CHECK(f.at("failed/1") == "bad");
  CHECK(f.at("failed/3") == "worse");
  CHECK(f.at("results/2") == "done good");
  CHECK(f.at("items/1") == "-");
  CHECK(f.worker.counts().failed == 2);
  const auto failures = f.worker.take_failures();
  REQUIRE(failures.size() == 2);
  CHECK(failures[0] == std::pair<std::string, std::string>{"1", "it is bad"});
  CHECK(failures[1] == std::pair<std::string, std::string>{"3", "it is worse"});
  CHECK(f.worker.take_failures().empty());
}

TEST_CASE("an item that somebody else takes is not handled, the others are", "[worker]") {
  fixture f;
  f.run(f.worker.begin());
  f.put("1", "one");
  f.put("2", "two");
  bool disturbed = false;
  f.run(f.worker.changed(), [&](const next_step& next) {
    if (is_multi(next) && !std::exchange(disturbed, true)) {
      f.tree.nodes.erase("/shop/orders/items/1");
    }
  });
  CHECK(f.at("results/1") == "-");
  CHECK(f.at("results/2") == "done two");
  CHECK(f.worker.counts().conflicts == 1);
  CHECK(f.worker.counts().handled == 1);
}

TEST_CASE("an item that changes is handled as it is now", "[worker]") {
  fixture f;
  f.run(f.worker.begin());
  f.put("1", "one");
  bool disturbed = false;
  f.run(f.worker.changed(), [&](const next_step& next) {
    if (is_multi(next) && !std::exchange(disturbed, true)) {
      f.tree.nodes["/shop/orders/items/1"] = {"new", 1, 0};
    }
  });
  CHECK(f.at("results/1") == "done new");
  CHECK(f.at("items/1") == "-");
}

TEST_CASE("a result of an earlier item of the same name is replaced", "[worker]") {
  fixture f;
  f.run(f.worker.begin());
  for (const char* data : {"first", "second"}) {
    f.put("1", data);
    f.run(f.worker.changed());
  }
  CHECK(f.at("results/1") == "done second");
  CHECK(f.worker.counts().handled == 2);
}

TEST_CASE("a folder that is deleted is made again", "[worker]") {
  fixture f;
  f.run(f.worker.begin());
  f.put("1", "one");
  f.tree.nodes.erase("/shop/orders/results");
  f.run(f.worker.changed());
  CHECK(f.at("results/1") == "done one");
  f.tree.nodes.erase("/shop/orders/items");
  f.run(f.worker.changed());
  CHECK(f.tree.nodes.contains("/shop/orders/items"));
}

TEST_CASE("what has children is no item", "[worker]") {
  fixture f;
  f.run(f.worker.begin());
  f.put("1", "one");
  f.put("2", "two");
  f.tree.nodes["/shop/orders/items/1"].children = 1;
  f.run(f.worker.changed());
  CHECK(f.at("items/1") == "one");
  CHECK(f.at("results/2") == "done two");
}

TEST_CASE("a change while a batch is on its way is not forgotten", "[worker]") {
  fixture f;
  f.run(f.worker.begin());
  f.put("1", "one");
  bool disturbed = false;
  f.run(f.worker.changed(), [&](const next_step& next) {
    if (!is_multi(next) || std::exchange(disturbed, true)) return;
    f.put("0", "late");
    CHECK(std::holds_alternative<wait_for_change>(f.worker.changed()));
  });
  CHECK(f.at("results/0") == "done late");
}

TEST_CASE("a busy server is asked again, and loses nothing", "[worker]") {
  fixture f;
  const std::vector<troupe::write_result> busy{{error_code::throttled, {}, {}}};
  troupe::read_result busy_read;
  busy_read.error = error_code::not_read_only;

  CHECK(std::holds_alternative<troupe::write_op>(f.worker.begin()));
  CHECK(std::holds_alternative<try_later>(f.worker.wrote(busy)));
  f.run(f.worker.resume());
  f.put("1", "one");
  CHECK(std::holds_alternative<troupe::read_op>(f.worker.changed()));
  CHECK(std::holds_alternative<try_later>(f.worker.read(busy_read)));
  // The list, then the items, then the transaction, which is not carried out.
  auto next = f.worker.read(f.tree.read(std::get<troupe::read_op>(f.worker.resume())));
  next = f.worker.read(f.tree.read(std::get<troupe::read_op>(next)));
  REQUIRE(is_multi(next));
  CHECK(std::holds_alternative<try_later>(f.worker.wrote(busy)));
  f.run(f.worker.resume());
  CHECK(f.at("results/1") == "done one");
  CHECK(f.at("items/1") == "-");
}

TEST_CASE("an error that does not pass ends the worker with its reason", "[worker]") {
  fixture f;
  f.worker.begin();
  const auto next = f.worker.wrote({{error_code::no_auth, {}, {}}});
  REQUIRE(std::holds_alternative<troupe::failure>(next));
  CHECK(std::get<troupe::failure>(next).message ==
        "the queue /shop/orders cannot be handled: /shop: NOAUTH");
}

}  // namespace
