#include "actors/tree/core/slab_memory.hpp"

#include <bit>
#include <cstring>
#include <new>

#include <troupe/base/check.hpp>

namespace troupe::tree {

// Sizes go up by 8 bytes to 256, and then by an eighth of the next power of two: no block is more
// than an eighth larger than what is in it.
std::size_t slab_memory::class_of(std::size_t bytes) noexcept {
  if (bytes <= 256) return bytes == 0 ? 0 : (bytes - 1) / 8;
  const auto top = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 9;
  return 32 + 8 * top + ((bytes - 1) >> (top + 5)) - 8;
}

std::size_t slab_memory::bytes_of(std::size_t size_class) noexcept {
  if (size_class < 32) return (size_class + 1) * 8;
  const auto top = (size_class - 32) / 8;
  return ((size_class - 32) % 8 + 9) << (top + 5);
}

slab_memory::handle slab_memory::first_block(std::uint32_t page_number) noexcept {
  const bool holds_header = page_number % pages_per_chunk == 0;
  return (page_number << page_shift) + (holds_header ? header_bytes / unit : 0);
}

slab_memory::handle slab_memory::allocate(std::size_t bytes) {
  TROUPE_CHECK(bytes <= most_bytes, "larger blocks come from the heap");
  const auto size_class = class_of(bytes);
  auto& list = partial_[size_class];
  const auto number = list != no_page ? list : take_page(size_class);
  auto& from = pages_[number];
  handle block = from.free;
  if (block != none) {
    std::memcpy(&from.free, at(block), sizeof from.free);
  } else {
    const auto units = static_cast<handle>(bytes_of(size_class) / unit);
    block = first_block(number) + from.fresh++ * units;
  }
  if (++from.used == from.capacity) unlink(list, number);
  return block;
}

void slab_memory::release(handle block) noexcept {
  const auto number = block >> page_shift;
  auto& to = pages_[number];
  std::memcpy(at(block), &to.free, sizeof to.free);
  to.free = block;
  auto& list = partial_[to.size_class];
  if (to.used-- == to.capacity) link(list, number);
  if (to.used != 0) return;
  unlink(list, number);
  give_page_back(number);
}

slab_memory::handle slab_memory::handle_of(const void* address) const noexcept {
  const auto value = reinterpret_cast<std::uintptr_t>(address);
  const auto offset = value & (chunk_bytes - 1);
  std::uint32_t chunk = 0;
  std::memcpy(&chunk, reinterpret_cast<const char*>(value - offset), sizeof chunk);
  return chunk << chunk_shift | static_cast<handle>(offset / unit);
}

std::uint32_t slab_memory::take_page(std::size_t size_class) {
  if (empty_ == no_page) add_chunk();
  const auto number = empty_;
  unlink(empty_, number);
  const std::size_t lost = number % pages_per_chunk == 0 ? header_bytes : 0;
  auto& taken = pages_[number];
  taken = {};
  taken.size_class = static_cast<std::uint8_t>(size_class);
  taken.capacity = static_cast<std::uint16_t>((page_bytes - lost) / bytes_of(size_class));
  ++pages_used_[number / pages_per_chunk];
  link(partial_[size_class], number);
  return number;
}

void slab_memory::give_page_back(std::uint32_t number) noexcept {
  link(empty_, number);
  const auto chunk = number / pages_per_chunk;
  // The last chunk stays, so that a small tree does not ask for and give back memory all the time.
  if (--pages_used_[chunk] != 0 || live_chunks_ == 1) return;
  for (std::size_t i = 0; i < pages_per_chunk; ++i)
    unlink(empty_, static_cast<std::uint32_t>(chunk * pages_per_chunk + i));
  give_huge_block_back(chunks_[chunk]);
  chunks_[chunk] = nullptr;
  --live_chunks_;
}

void slab_memory::add_chunk() {
  std::size_t number = 0;
  while (number < chunks_.size() && chunks_[number])
    ++number;
  if (number >> (32 - chunk_shift) != 0) throw std::bad_alloc{};
  if (number == chunks_.size()) {
    chunks_.push_back(nullptr);
    pages_used_.push_back(0);
    pages_.resize(chunks_.size() * pages_per_chunk);
  }
  // Not the first chunk: a huge page would make a small tree a large one.
  char* const memory = static_cast<char*>(take_huge_block(live_chunks_ > 0));
  const auto name = static_cast<std::uint32_t>(number);
  std::memcpy(memory, &name, sizeof name);
  chunks_[number] = memory;
  ++live_chunks_;
  for (std::size_t i = pages_per_chunk; i-- > 0;)
    link(empty_, static_cast<std::uint32_t>(number * pages_per_chunk + i));
}

void slab_memory::link(std::uint32_t& list, std::uint32_t number) noexcept {
  pages_[number].previous = no_page;
  pages_[number].next = list;
  if (list != no_page) pages_[list].previous = number;
  list = number;
}

void slab_memory::unlink(std::uint32_t& list, std::uint32_t number) noexcept {
  auto& gone = pages_[number];
  if (gone.next != no_page) pages_[gone.next].previous = gone.previous;
  (gone.previous == no_page ? list : pages_[gone.previous].next) = gone.next;
}

void slab_memory::clear() noexcept {
  for (char* chunk : chunks_)
    if (chunk) give_huge_block_back(chunk);
  chunks_.clear();
  pages_.clear();
  pages_used_.clear();
  partial_.fill(no_page);
  empty_ = no_page;
  live_chunks_ = 0;
}

}  // namespace troupe::tree
