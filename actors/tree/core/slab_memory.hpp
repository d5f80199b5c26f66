/// Memory for very many small blocks, named by 32 bits.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <troupe/base/huge_block.hpp>

namespace troupe::tree {

/// Why not the heap: a million nodes are millions of blocks, of which the heap spends 8 to 23 bytes
/// each on itself, scatters them over pages of 4 KiB, and names them by 64 bits. Here blocks of one
/// size share pages of 32 KiB without anything between them, chunks of 64 pages are backed by huge
/// pages where the system has them, and a *handle* has half the size of a pointer. Memory goes back
/// to the system when a whole chunk is unused. Blocks do not move. For one thread.
///
/// There is room for 32 GiB of blocks; asking for more ends in std::bad_alloc, like the end of any
/// memory.
class slab_memory {
public:
  using handle = std::uint32_t;
  static constexpr handle none = 0;
  /// No block is larger.
  static constexpr std::size_t most_bytes = 2048;

  slab_memory() { partial_.fill(no_page); }
  ~slab_memory() { clear(); }
  slab_memory(const slab_memory&) = delete;
  slab_memory& operator=(const slab_memory&) = delete;

  /// A block of at least so many bytes, aligned to 8, of undefined content.
  [[nodiscard]] handle allocate(std::size_t bytes);
  void release(handle block) noexcept;
  /// Whether a block for `before` bytes is one for `after` bytes too, and none would be smaller.
  [[nodiscard]] static bool same_size(std::size_t before, std::size_t after) noexcept {
    return class_of(before) == class_of(after);
  }
  /// All blocks are gone, and the memory with them.
  void clear() noexcept;

  [[nodiscard]] void* at(handle block) const noexcept {
    return chunks_[block >> chunk_shift] + std::size_t{block & chunk_mask} * unit;
  }
  /// The handle of the block that begins at `address`.
  [[nodiscard]] handle handle_of(const void* address) const noexcept;

  /// What is taken from the system.
  [[nodiscard]] std::size_t reserved_bytes() const noexcept { return live_chunks_ * chunk_bytes; }

private:
  static constexpr std::size_t unit = 8;  ///< handles count these
  static constexpr std::size_t chunk_bytes = huge_block_bytes;
  static constexpr std::size_t page_bytes = std::size_t{32} << 10;
  static constexpr std::size_t pages_per_chunk = chunk_bytes / page_bytes;
  static constexpr std::size_t header_bytes = 64;  ///< of a chunk, in its first page
  static constexpr std::uint32_t chunk_shift = 18, chunk_mask = (1U << chunk_shift) - 1;
  static constexpr std::uint32_t page_shift = 12;
  static_assert((std::size_t{1} << chunk_shift) * unit == chunk_bytes);
  static_assert((std::size_t{1} << page_shift) * unit == page_bytes);
  static constexpr std::size_t classes = 56;
  static constexpr std::uint32_t no_page = ~std::uint32_t{0};

  struct page {
    std::uint32_t next = no_page, previous = no_page;  ///< in the list that it is in
    handle free = none;                                ///< blocks that were used and are not now
    std::uint16_t used = 0;
    std::uint16_t fresh = 0;  ///< blocks that were ever used
    std::uint16_t capacity = 0;
    std::uint8_t size_class = 0;
  };

  [[nodiscard]] static std::size_t class_of(std::size_t bytes) noexcept;
  [[nodiscard]] static std::size_t bytes_of(std::size_t size_class) noexcept;
  [[nodiscard]] static handle first_block(std::uint32_t page_number) noexcept;
  std::uint32_t take_page(std::size_t size_class);
  void give_page_back(std::uint32_t number) noexcept;
  void add_chunk();
  void link(std::uint32_t& list, std::uint32_t number) noexcept;
  void unlink(std::uint32_t& list, std::uint32_t number) noexcept;

  std::vector<char*> chunks_;  ///< null where one was given back
  std::vector<page> pages_;
  std::vector<std::uint32_t> pages_used_;         ///< of each chunk
  std::array<std::uint32_t, classes> partial_{};  ///< pages with a free block, for each size
  std::uint32_t empty_ = no_page;                 ///< pages of no size
  std::size_t live_chunks_ = 0;
};

}  // namespace troupe::tree
