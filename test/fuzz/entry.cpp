// libFuzzer's way into one target, TROUPE_FUZZ_TARGET.
#include <cstddef>
#include <cstdint>

#include "test/fuzz/targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  troupe::fuzz::TROUPE_FUZZ_TARGET({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
