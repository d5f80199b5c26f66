// Nodes in their slabs, against containers of the standard library.
#include <map>
#include <set>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <troupe/base/prng.hpp>

#include "actors/tree/core/node_store.hpp"

using namespace troupe;
using troupe::tree::node;
using troupe::tree::node_store;
using troupe::tree::slab_memory;

TEST_CASE("tree: blocks of slab memory never overlap, and what is given back is used again",
          "[tree][memory]") {
  prng random{7};
  slab_memory memory;
  struct block {
    slab_memory::handle name;
    std::size_t size;
    unsigned char mark;
  };
  std::vector<block> blocks;
  const auto check_and_release = [&](std::size_t i) {
    const auto* bytes = static_cast<const unsigned char*>(memory.at(blocks[i].name));
    REQUIRE(memory.handle_of(bytes) == blocks[i].name);
    for (std::size_t k = 0; k < blocks[i].size; ++k)
      REQUIRE(bytes[k] == blocks[i].mark);
    memory.release(blocks[i].name);
    blocks[i] = blocks.back();
    blocks.pop_back();
  };
  for (int round = 0; round < 40'000; ++round) {
    if (!blocks.empty() && random.chance(2, 5)) {
      check_and_release(random.below(blocks.size()));
    } else {
      const auto most = random.chance(1, 8) ? slab_memory::most_bytes : 300;
      const auto size = std::size_t{8} + random.below(most - 7);
      const auto name = memory.allocate(size);
      REQUIRE(name != slab_memory::none);
      const auto mark = static_cast<unsigned char>(random.below(256));
      std::memset(memory.at(name), mark, size);
      blocks.push_back({name, size, mark});
    }
  }
  const auto most = memory.reserved_bytes();
  while (!blocks.empty())
    check_and_release(blocks.size() - 1);
  CHECK(memory.reserved_bytes() < most);
  CHECK(memory.reserved_bytes() > 0);
}

TEST_CASE("tree: every size of block has room for what it is for", "[tree][memory]") {
  for (std::size_t size = 1; size <= slab_memory::most_bytes; ++size) {
    slab_memory memory;
    const auto first = memory.allocate(size);
    const auto second = memory.allocate(size);
    const auto apart = static_cast<std::size_t>(second - first) * 8;
    REQUIRE(apart >= size);
    REQUIRE(apart <= size + std::max<std::size_t>(7, size / 8));
    REQUIRE(slab_memory::same_size(size, apart));
  }
}

namespace {

std::string data_of_size(prng& random) {
  const auto size = random.chance(1, 5) ? random.below(5000) : random.below(300);
  return std::string(size, static_cast<char>('a' + random.below(26)));
}

std::string name_of_size(prng& random) {
  const auto size = random.chance(1, 20) ? 1000 + random.below(1000) : 1 + random.below(3);
  std::string name;
  for (std::size_t i = 0; i < size; ++i)
    name += static_cast<char>('a' + random.below(4));
  return name;
}

struct expected_node {
  std::string data;
  bool has_data = false;
  std::set<std::string> children;
};

void require_same(const node_store& nodes, const std::map<std::string, expected_node>& expected) {
  REQUIRE(nodes.size() == expected.size());
  for (const auto& [path, one] : expected) {
    const auto* found = nodes.find(path);
    REQUIRE(found);
    REQUIRE(nodes.path_of(*found) == path);
    REQUIRE(nodes.has_data(*found) == one.has_data);
    REQUIRE(nodes.data(*found) == one.data);
    REQUIRE(nodes.share_data(*found).view() == one.data);
    REQUIRE(nodes.share_data(*found).is_null() != one.has_data);
    std::set<std::string> children;
    for (auto* n = nodes.first_child(*found); n; n = nodes.next_sibling(*n))
      REQUIRE(children.emplace(n->name()).second);
    REQUIRE(children == one.children);
    REQUIRE(nodes.num_children(*found) == static_cast<std::int32_t>(children.size()));
  }
  std::size_t walked = 0;
  for (const node* n = &nodes.root(); n; n = nodes.next_in_preorder(*n))
    ++walked;
  REQUIRE(walked == expected.size());
}

}  // namespace

TEST_CASE("tree: the store of nodes equals a map of paths", "[tree][memory]") {
  prng random{11};
  node_store nodes;
  std::map<std::string, expected_node> expected{{"/", {}}};
  const auto any_path = [&] {
    return std::next(expected.begin(), static_cast<std::ptrdiff_t>(random.below(expected.size())))
        ->first;
  };
  for (int step = 0; step < 6000; ++step) {
    const auto path = any_path();
    auto& here = *nodes.find(path);
    const auto what = random.below(10);
    if (what < 4) {
      const auto name = name_of_size(random);
      if (!expected[path].children.insert(name).second) continue;
      expected[(path == "/" ? path : path + "/") + name] = {};
      nodes.insert(here, name, node_kind::persistent, 0);
    } else if (what < 7) {
      const auto text = data_of_size(random);
      const bool null = random.chance(1, 10);
      nodes.set_data(here, null ? blob{} : blob{std::string_view{text}});
      expected[path].has_data = !null;
      expected[path].data = null ? "" : text;
    } else if (path != "/" && !nodes.first_child(here)) {
      const auto slash = path.rfind('/');
      expected[slash == 0 ? "/" : path.substr(0, slash)].children.erase(path.substr(slash + 1));
      expected.erase(path);
      nodes.erase(here);
      REQUIRE_FALSE(nodes.find(path));
    }
    if (step % 500 == 0) require_same(nodes, expected);
  }
  require_same(nodes, expected);
  nodes.clear();
  require_same(nodes, {{"/", {}}});
}
