#include "actors/tree/core/removed_names.hpp"

#include <iterator>

namespace troupe::tree {
namespace {

/// A block is full with one of these.
constexpr std::size_t names_per_block = 1024;
constexpr std::size_t bytes_per_block = 64 * 1024;

std::size_t cost_of(std::string_view name) noexcept {
  return name_list::bytes_of(1, name.size()) + sizeof(zxid);
}

}  // namespace

void removed_names::add(std::string_view name, zxid created) {
  if (blocks_.empty() || blocks_.back().created.size() >= names_per_block ||
      blocks_.back().names.bytes().size() >= bytes_per_block)
    blocks_.emplace_back();
  blocks_.back().names.push_back(name);
  blocks_.back().created.push_back(created);
  bytes_ += cost_of(name);
  total_ += cost_of(name);
}

removed_names::place removed_names::end() const noexcept {
  if (blocks_.empty()) return {first_, 0};
  return {first_ + blocks_.size() - 1, blocks_.back().created.size()};
}

bool removed_names::read(place& from, zxid as_of, name_list& into, std::size_t full,
                         std::size_t& most) const {
  for (; from != end() && most > 0 && into.bytes().size() < full;) {
    const auto& here = blocks_[from.block - first_];
    if (from.index == here.created.size()) {
      from = {from.block + 1, 0};
      continue;
    }
    auto name = std::next(here.names.begin(), static_cast<std::ptrdiff_t>(from.index));
    for (; from.index < here.created.size() && most > 0 && into.bytes().size() < full;
         ++from.index, ++name, --most)
      if (here.created[from.index] <= as_of) into.push_back(*name);
  }
  return from == end();
}

void removed_names::forget_before(place needed) {
  while (first_ < needed.block) {
    const auto& gone = blocks_.front();
    const auto cost = gone.names.bytes().size() + gone.created.size() * sizeof(zxid);
    bytes_ -= cost;
    total_ -= cost;
    blocks_.pop_front();
    ++first_;
  }
}

}  // namespace troupe::tree
