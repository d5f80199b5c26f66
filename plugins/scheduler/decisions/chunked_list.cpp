#include "decisions/chunked_list.hpp"

#include <array>
#include <charconv>
#include <cstdio>

#include <troupe/base/znode_path.hpp>

#include "decisions/table.hpp"

namespace scheduler {

namespace {

std::string chunk_path(const std::string& list, std::uint64_t number) {
  std::array<char, 24> name{};
  std::snprintf(name.data(), name.size(), "/%012llu", static_cast<unsigned long long>(number));
  return list + name.data();
}

/// The list's data is the number of its last chunk.
std::uint64_t last_chunk(const troupe::decision_tree::node_facts& list) {
  const auto text = list.data.view();
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace

std::string append(troupe::decision_tree& tree, const std::string& list, std::string_view name) {
  const auto facts = tree.node(list);
  auto number = facts ? last_chunk(*facts) : 0;
  auto chunk = chunk_path(list, number);
  if (!facts) {
    create_node(tree, list, troupe::blob{"0"});
    create_node(tree, chunk, {});
  } else if (const auto last = tree.node(chunk); !last) {
    create_node(tree, chunk, {});
  } else if (static_cast<std::size_t>(last->stat.num_children) >= names_per_chunk) {
    chunk = chunk_path(list, ++number);
    create_node(tree, chunk, {});
    must(tree.set_data(list, troupe::blob{std::to_string(number)}, troupe::any_version), "write",
         list);
  }
  auto path = chunk + "/" + std::string{name};
  create_node(tree, path, {});
  return path;
}

void remove_entry(troupe::decision_tree& tree, const std::string& path, std::string_view stop) {
  const auto error = tree.remove(path, troupe::any_version);
  if (error != troupe::error_code::no_node) must(error, "remove", path);
  for (auto above = troupe::parent_path(path); above != stop; above = troupe::parent_path(above)) {
    const auto facts = tree.node(above);
    if (!facts || facts->stat.num_children > 0) return;
    must(tree.remove(above, troupe::any_version), "remove", above);
  }
}

std::vector<std::string> first_of(troupe::decision_tree& tree, const std::string& list,
                                  std::size_t most) {
  std::vector<std::string> found;
  for (const auto& chunk : tree.children(list)) {
    if (found.size() >= most) break;
    const auto folder = list + "/" + chunk;
    for (const auto& name : tree.children(folder)) {
      if (found.size() >= most) break;
      found.push_back(folder + "/" + name);
    }
  }
  return found;
}

}  // namespace scheduler
