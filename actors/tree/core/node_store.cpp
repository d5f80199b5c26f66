#include "actors/tree/core/node_store.hpp"

#include <algorithm>
#include <memory>
#include <new>
#include <utility>

#include <troupe/base/check.hpp>

#include "actors/tree/core/fast_hash.hpp"

namespace troupe::tree {
namespace {

/// Data in the slabs: its size and the bytes, or for long data a mark and a blob.
constexpr std::uint32_t long_data = ~std::uint32_t{0};
constexpr std::size_t most_inline_data = 1024;

struct long_block {
  std::uint32_t mark = long_data;
  blob data;
};

std::uint32_t size_in(const void* block) noexcept {
  std::uint32_t size = 0;
  std::memcpy(&size, block, sizeof size);
  return size;
}

}  // namespace

node_store::node_store() : buckets_(1, slab_memory::none), filters_(1, 0) {
  root_ = allocate("", node_kind::persistent, 0);
}

node_store::~node_store() { release_long_blocks(); }

void node_store::clear() {
  release_long_blocks();
  memory_.clear();
  buckets_.assign(1, slab_memory::none);
  buckets_.shrink_to_fit();
  filters_.assign(1, 0);
  filters_.shrink_to_fit();
  level_mask_ = 0;
  count_ = 0;
  root_ = allocate("", node_kind::persistent, 0);
}

void node_store::release_long_blocks() noexcept {
  for (node* n = root_; n && long_blocks_ > 0;) {
    node* const next = next_in_preorder(*n);
    release_long_data(*n);
    if (n->name_size_ > node::most_inline_name) {
      delete[] n->name().data();
      --long_blocks_;
    }
    n = next;
  }
}

// ------------------------------------------------------------------- links

std::string node_store::path_of(const node& which) const {
  if (&which == root_) return "/";
  std::size_t size = 0;
  for (const node* n = &which; n != root_; n = parent(*n))
    size += 1 + n->name().size();
  std::string path(size, '/');
  for (const node* n = &which; n != root_; n = parent(*n)) {
    size -= n->name().size();
    n->name().copy(path.data() + size, n->name().size());
    --size;
  }
  return path;
}

node* node_store::next_in_preorder(const node& at, const node* top) const noexcept {
  if (node* child = first_child(at)) return child;
  for (const node* n = &at; n && n != top; n = parent(*n))
    if (node* sibling = next_sibling(*n)) return sibling;
  return nullptr;
}

node_store::directory& node_store::need_directory(node& of) {
  if (of.directory_ == slab_memory::none) {
    of.directory_ = memory_.allocate(sizeof(directory));
    ::new (memory_.at(of.directory_)) directory{.pzxid = of.czxid};
  }
  return directory_of(of);
}

void node_store::set_children_changed(node& of, std::int32_t created, zxid pzxid) {
  if (of.directory_ == slab_memory::none && created == 0 && pzxid == of.czxid) return;
  auto& list = need_directory(of);
  list.children_created = created;
  list.pzxid = pzxid;
}

// -------------------------------------------------------------------- hash

std::uint64_t node_store::hash(handle parent, std::string_view name) const noexcept {
  // The address makes it unlikely that somebody finds names that fall into one bucket.
  return fast_hash(name, parent ^ reinterpret_cast<std::uintptr_t>(this));
}

std::size_t node_store::bucket_of(std::uint64_t hash) const noexcept {
  const std::size_t wide = hash & (2 * level_mask_ + 1);
  return wide < buckets_.size() ? wide : hash & level_mask_;
}

const node* node_store::child(const node& parent, std::string_view name) const noexcept {
  if (parent.directory_ == slab_memory::none) return nullptr;
  const auto above = memory_.handle_of(&parent);
  const auto wanted = hash(above, name);
  const auto bucket = bucket_of(wanted);
  if ((filters_[bucket] & filter_bit(wanted)) == 0) return nullptr;
  const node* at = node_at(buckets_[bucket]);
  while (at && (at->parent_ != above || at->name() != name))
    at = node_at(at->next_in_bucket_);
  return at;
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

void node_store::enlist(node& made, handle name_of_it) noexcept {
  const auto its_hash = hash(made.parent_, made.name());
  const auto bucket = bucket_of(its_hash);
  made.next_in_bucket_ = std::exchange(buckets_[bucket], name_of_it);
  filters_[bucket] |= filter_bit(its_hash);
}

void node_store::delist(const node& gone, handle name_of_it) noexcept {
  const auto bucket = bucket_of(hash(gone.parent_, gone.name()));
  handle* link = &buckets_[bucket];
  while (*link != name_of_it)
    link = &node_at(*link)->next_in_bucket_;
  *link = gone.next_in_bucket_;
  if (buckets_[bucket] == slab_memory::none) filters_[bucket] = 0;
}

void node_store::reserve(std::uint64_t nodes) {
  // A wrong number must not cost more than it can: this many buckets are 64 MiB.
  constexpr std::uint64_t most = std::uint64_t{1} << 24;
  const auto wanted = static_cast<std::size_t>(std::min(nodes, most));
  buckets_.reserve(wanted);
  filters_.reserve(wanted);
  while (buckets_.size() < wanted)
    split_a_bucket();
}

void node_store::split_a_bucket() {
  const auto made = buckets_.size();
  if (made > 2 * level_mask_ + 1) level_mask_ = 2 * level_mask_ + 1;
  buckets_.push_back(slab_memory::none);
  filters_.push_back(0);
  filters_[made & level_mask_] = 0;
  auto rest = std::exchange(buckets_[made & level_mask_], slab_memory::none);
  while (rest != slab_memory::none) {
    node& moved = *node_at(rest);
    const auto next = moved.next_in_bucket_;
    enlist(moved, rest);
    rest = next;
  }
  // The next one is known, and its first node is far away in memory.
  const auto coming = buckets_[(made + 1) & level_mask_];
  if (coming != slab_memory::none) __builtin_prefetch(memory_.at(coming));
}

// -------------------------------------------------------------------- data

std::string_view node_store::data(const node& of) const noexcept {
  if (of.data_ == slab_memory::none) return {};
  const char* block = static_cast<const char*>(memory_.at(of.data_));
  const auto size = size_in(block);
  if (size == long_data) return reinterpret_cast<const long_block*>(block)->data.view();
  return {block + sizeof size, size};
}

blob node_store::share_data(const node& of) const {
  if (of.data_ == slab_memory::none) return {};
  const void* block = memory_.at(of.data_);
  if (size_in(block) == long_data) return static_cast<const long_block*>(block)->data;
  return blob{data(of)};
}

void node_store::release_long_data(const node& of) noexcept {
  if (of.data_ == slab_memory::none) return;
  void* block = memory_.at(of.data_);
  if (size_in(block) != long_data) return;
  std::destroy_at(static_cast<long_block*>(block));
  --long_blocks_;
}

/// A block for these data, whatever is there now.
void* node_store::make_room(node& of, std::size_t bytes, bool is_long) {
  const auto block_size = [](std::size_t size, bool elsewhere) {
    return elsewhere ? sizeof(long_block) : sizeof(std::uint32_t) + size;
  };
  const auto before = data(of).size();
  const bool fits =
      has_data(of) && slab_memory::same_size(block_size(before, before > most_inline_data),
                                             block_size(bytes, is_long));
  release_long_data(of);
  if (!fits) {
    if (has_data(of)) memory_.release(of.data_);
    of.data_ = memory_.allocate(block_size(bytes, is_long));
  }
  return memory_.at(of.data_);
}

void node_store::set_data(node& of, std::string_view data) {
  if (data.size() > most_inline_data) return set_data(of, blob{data});
  void* block = make_room(of, data.size(), false);
  const auto size = static_cast<std::uint32_t>(data.size());
  std::memcpy(block, &size, sizeof size);
  if (size != 0) std::memcpy(static_cast<char*>(block) + sizeof size, data.data(), size);
}

void node_store::set_data(node& of, const blob& data) {
  if (data.is_null()) {
    release_long_data(of);
    if (has_data(of)) memory_.release(of.data_);
    of.data_ = slab_memory::none;
  } else if (data.size() <= most_inline_data) {
    set_data(of, data.view());
  } else {
    ::new (make_room(of, data.size(), true)) long_block{long_data, data};
    ++long_blocks_;
  }
}

// ------------------------------------------------------------------- nodes

node* node_store::allocate(std::string_view name, node_kind kind, std::uint64_t number) {
  TROUPE_CHECK(name.size() <= node::max_name_size, "prepare and load refuse longer names");
  const std::size_t extra = node::has_number(kind) ? sizeof number : 0;
  const bool is_long = name.size() > node::most_inline_name;
  const auto block =
      memory_.allocate(sizeof(node) + extra + (is_long ? sizeof(char*) : name.size()));
  auto* made = ::new (memory_.at(block)) node;
  made->name_size_ = static_cast<std::uint32_t>(name.size()) & node::max_name_size;
  made->kind_ = static_cast<std::uint32_t>(kind) & 3U;
  if (extra != 0) std::memcpy(made->tail(), &number, sizeof number);
  char* text = made->tail() + extra;
  if (is_long) {
    char* const elsewhere = new char[name.size()];
    std::memcpy(text, &elsewhere, sizeof elsewhere);
    text = elsewhere;
    ++long_blocks_;
  }
  if (!name.empty()) std::memcpy(text, name.data(), name.size());
  return made;
}

void node_store::destroy(node& which) noexcept {
  release_long_data(which);
  if (which.data_ != slab_memory::none) memory_.release(which.data_);
  if (which.directory_ != slab_memory::none) memory_.release(which.directory_);
  if (which.name_size_ > node::most_inline_name) {
    delete[] which.name().data();
    --long_blocks_;
  }
  memory_.release(memory_.handle_of(&which));
}

node& node_store::insert(node& parent, std::string_view name, node_kind kind,
                         std::uint64_t number) {
  node& made = *allocate(name, kind, number);
  const auto made_handle = memory_.handle_of(&made);
  auto& siblings = need_directory(parent);
  made.parent_ = memory_.handle_of(&parent);
  made.next_sibling_ = siblings.first_child;
  if (node* next = node_at(siblings.first_child)) next->previous_sibling_ = made_handle;
  siblings.first_child = made_handle;
  ++siblings.num_children;
  siblings.name_bytes += name.size();
  enlist(made, made_handle);
  if (++count_ > buckets_.size()) split_a_bucket();
  return made;
}

void node_store::erase(node& which) noexcept {
  TROUPE_CHECK(&which != root_ && !first_child(which),
               "only a leaf can be erased, and never the root");
  delist(which, memory_.handle_of(&which));
  auto& siblings = directory_of(*parent(which));
  if (node* next = next_sibling(which)) next->previous_sibling_ = which.previous_sibling_;
  if (node* previous = node_at(which.previous_sibling_))
    previous->next_sibling_ = which.next_sibling_;
  else
    siblings.first_child = which.next_sibling_;
  --siblings.num_children;
  siblings.name_bytes -= which.name().size();
  --count_;
  destroy(which);
}

}  // namespace troupe::tree
