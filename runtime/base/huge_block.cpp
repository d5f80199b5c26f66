#include <troupe/base/huge_block.hpp>

#include <cstdint>
#include <new>

#include <sys/mman.h>

namespace troupe {

void* take_huge_block(bool whole) {
  // The system aligns to its small pages only: take twice as much and give back the ends.
  void* const raw = ::mmap(nullptr, 2 * huge_block_bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (raw == MAP_FAILED) throw std::bad_alloc{};
  char* const begin = static_cast<char*>(raw);
  const auto before = -reinterpret_cast<std::uintptr_t>(raw) & (huge_block_bytes - 1);
  if (before != 0) ::munmap(begin, before);
  char* const block = begin + before;
  ::munmap(block + huge_block_bytes, huge_block_bytes - before);
  // Advice only: a system without huge pages is slower and nothing else.
  if (whole) ::madvise(block, huge_block_bytes, MADV_HUGEPAGE);
  return block;
}

void give_huge_block_back(void* block) noexcept { ::munmap(block, huge_block_bytes); }

}  // namespace troupe
