/// Memory straight from the system, in blocks of the size of a huge page.
#pragma once

#include <cstddef>

namespace troupe {

/// Size and alignment of every block.
inline constexpr std::size_t huge_block_bytes = std::size_t{2} << 20;

/// A block of zeros, owned by the caller. With `whole` the system is asked to back it by one huge
/// page, which is faster at random access and resident as a whole from the first touch; without,
/// it becomes resident page by page. Throws std::bad_alloc. From any thread.
[[nodiscard]] void* take_huge_block(bool whole);
/// Gives a block back to the system at once.
void give_huge_block_back(void* block) noexcept;

}  // namespace troupe
