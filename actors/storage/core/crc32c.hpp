/// CRC-32C (Castagnoli), the checksum of records, headers and blocks.
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::storage {

/// The CRC of `bytes`, going on from `before`, the CRC of what precedes them (0 for nothing).
/// Started from a number that others do not know, it also tells our records from bytes that a
/// client has chosen.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

/// The same in portable code; for machines without the instruction, and for tests.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace troupe::storage
