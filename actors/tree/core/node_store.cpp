#include "actors/tree/core/node_store.hpp"

#include <new>
#include <vector>

#include <xxhash.h>

#include <troupe/base/check.hpp>

namespace troupe::tree {

std::string path_of(const node& which) {
  if (!which.parent) return "/";
  std::size_t size = 0;
  for (const node* n = &which; n->parent; n = n->parent)
    size += 1 + n->name().size();
  std::string path(size, '/');
  for (const node* n = &which; n->parent; n = n->parent) {
    size -= n->name().size();
    n->name().copy(path.data() + size, n->name().size());
    --size;
  }
  return path;
}

std::size_t node_store::hash::operator()(const key& k) const noexcept {
  return XXH3_64bits_withSeed(k.name.data(), k.name.size(),
                              reinterpret_cast<std::uintptr_t>(k.parent));
}

node* node_store::allocate(std::string_view name, node_kind kind, std::uint64_t number) {
  TROUPE_CHECK(name.size() <= node::max_name_size, "prepare and load refuse longer names");
  const std::size_t extra = node::has_number(kind) ? sizeof number : 0;
  void* memory = ::operator new(sizeof(node) + extra + name.size());
  auto* made = ::new (memory) node;
  made->name_size_ = static_cast<std::uint32_t>(name.size()) & node::max_name_size;
  made->kind_ = static_cast<std::uint32_t>(kind) & 15U;
  if (extra != 0) std::memcpy(made->tail(), &number, sizeof number);
  if (!name.empty()) std::memcpy(made->tail() + extra, name.data(), name.size());
  return made;
}

void node_store::destroy(node* which) noexcept {
  which->~node();
  ::operator delete(which);
}

node_store::node_store() : root_(allocate("", node_kind::persistent, 0)) {}

node_store::~node_store() {
  clear();
  destroy(root_);
}

void node_store::clear() noexcept {
  for (node* n : by_name_)
    destroy(n);
  // Nodes are gone, so their keys must not be read: clear() only resets the slots.
  by_name_.clear();
  destroy(root_);
  root_ = allocate("", node_kind::persistent, 0);
}

const node* node_store::child(const node& parent, std::string_view name) const noexcept {
  const auto found = by_name_.find(key{&parent, name});
  return found == by_name_.end() ? nullptr : *found;
}

const node* node_store::find(std::string_view path) const noexcept {
  if (path.empty() || path.front() != '/') return nullptr;
  const node* at = root_;
  if (path.size() == 1) return at;
  for (std::size_t start = 1; at && start <= path.size();) {
    const auto slash = path.find('/', start);
    const auto end = slash == std::string_view::npos ? path.size() : slash;
    at = child(*at, path.substr(start, end - start));
    start = end + 1;
  }
  return at;
}

node& node_store::insert(node& parent, std::string_view name, node_kind kind,
                         std::uint64_t number) {
  node* made = allocate(name, kind, number);
  made->parent = &parent;
  const bool is_new = by_name_.insert(made).second;
  TROUPE_CHECK(is_new, "the caller looked whether the node exists");
  made->next_sibling = parent.first_child;
  if (parent.first_child) parent.first_child->previous_sibling = made;
  parent.first_child = made;
  ++parent.num_children;
  return *made;
}

void node_store::erase(node& which) noexcept {
  TROUPE_CHECK(which.parent && !which.first_child, "only a leaf can be erased, and never the root");
  by_name_.erase(&which);
  if (which.next_sibling) which.next_sibling->previous_sibling = which.previous_sibling;
  (which.previous_sibling ? which.previous_sibling->next_sibling : which.parent->first_child) =
      which.next_sibling;
  --which.parent->num_children;
  destroy(&which);
}

const node* next_in_preorder(const node& at, const node* top) noexcept {
  if (at.first_child) return at.first_child;
  for (const node* n = &at; n && n != top; n = n->parent)
    if (n->next_sibling) return n->next_sibling;
  return nullptr;
}

}  // namespace troupe::tree
