#include "runtime/cli/start_pages.hpp"

#include <cstddef>
#include <cstdint>

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace troupe::cli {
namespace {

int give_back(dl_phdr_info* library, std::size_t, void*) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (int i = 0; i < library->dlpi_phnum; ++i) {
    const auto& segment = library->dlpi_phdr[i];
    // Writable segments hold what was relocated, and must stay; these are as they are in the file.
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const auto begin = (library->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    const auto end =
        (library->dlpi_addr + segment.p_vaddr + segment.p_filesz + page - 1) & ~(page - 1);
    // Advice: if it is not taken, nothing is lost.
    static_cast<void>(::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED));
  }
  return 0;
}

}  // namespace

void give_back_start_pages() noexcept { ::dl_iterate_phdr(give_back, nullptr); }

}  // namespace troupe::cli
