#include <troupe/base/check.hpp>

#include <cstdio>
#include <cstdlib>

namespace troupe {

void check_failed(std::string_view condition, std::string_view explanation, std::string_view file,
                  int line) noexcept {
  std::fprintf(stderr,
               "troupe: broken invariant: %.*s\n  condition: %.*s\n  at: %.*s:%d\n"
               "  This is a mistake in the program. It stops here, because going on could\n"
               "  acknowledge what is not true. Please report it with the lines above.\n",
               static_cast<int>(explanation.size()), explanation.data(),
               static_cast<int>(condition.size()), condition.data(), static_cast<int>(file.size()),
               file.data(), line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace troupe
