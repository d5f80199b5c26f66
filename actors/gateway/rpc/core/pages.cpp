#include "actors/gateway/rpc/core/pages.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace troupe::rpc {
namespace {

/// Bytes of an entry beside its name and its data: pointers, and a Stat.
constexpr std::size_t entry_bytes = 128;

std::size_t size_of(const read_result& one) {
  std::size_t bytes = entry_bytes + one.data.size() + one.names.bytes().size() +
                      one.names.size() * sizeof(std::uint64_t);
  for (const auto& entry : one.acl)
    bytes += entry_bytes + entry.who.scheme.size() + entry.who.id.size();
  for (const auto& item : one.items)
    bytes += size_of(item);
  return bytes;
}

}  // namespace

name_page page_of(const name_list& names, const list_op& asked) {
  std::vector<std::string_view> fitting;
  for (const auto name : names)
    if (name.starts_with(asked.prefix) && name > asked.after) fitting.push_back(name);
  name_page page;
  const auto count = std::min<std::size_t>(fitting.size(), asked.limit);
  page.more = count < fitting.size();
  const auto end = fitting.begin() + static_cast<std::ptrdiff_t>(count);
  std::partial_sort(fitting.begin(), end, fitting.end());
  page.names.assign(fitting.begin(), end);
  return page;
}

void add_nodes(name_page& page, std::vector<read_result> nodes) {
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < page.names.size() && i < nodes.size(); ++i) {
    if (nodes[i].error == error_code::no_node) continue;
    kept.push_back(std::move(page.names[i]));
    page.nodes.push_back(std::move(nodes[i]));
  }
  page.names = std::move(kept);
}

void shorten(name_page& page, std::size_t most_bytes) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < page.names.size(); ++i) {
    bytes += page.names[i].size() + entry_bytes;
    if (i < page.nodes.size()) bytes += page.nodes[i].data.size();
    if (i == 0 || bytes <= most_bytes) continue;
    page.names.resize(i);
    if (page.nodes.size() > i) page.nodes.resize(i);
    page.more = true;
    return;
  }
}

std::size_t size_of(const outcome& one) {
  if (const auto* read = std::get_if<read_result>(&one.what)) return size_of(*read);
  if (const auto* page = std::get_if<name_page>(&one.what)) {
    std::size_t bytes = entry_bytes;
    for (const auto& name : page->names)
      bytes += name.size() + entry_bytes;
    for (const auto& node : page->nodes)
      bytes += node.data.size();
    return bytes;
  }
  if (const auto* writes = std::get_if<std::vector<write_result>>(&one.what)) {
    std::size_t bytes = entry_bytes;
    for (const auto& result : *writes)
      bytes += result.path.size() + entry_bytes;
    return bytes;
  }
  return entry_bytes;
}

}  // namespace troupe::rpc
