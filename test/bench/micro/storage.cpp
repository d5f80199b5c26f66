/// Storage: checksums and the log's records.

#include "actors/storage/core/crc32c.hpp"
#include "actors/storage/core/log_format.hpp"
#include "harness.hpp"

namespace micro {

namespace {

using namespace troupe;

piece checksum(const std::string& name, std::size_t size) {
  return {name, [size](std::uint64_t n) {
            const std::string bytes(size, 'c');
            std::uint32_t sum = 0;
            for (std::uint64_t i = 0; i < n; ++i) {
              sum = storage::crc32c(bytes, sum);
            }
            keep(sum);
          }};
}

// An operation is one transaction of a batch of 64.
void encode_batch(std::uint64_t n) {
  constexpr std::uint64_t batch = 64;
  const storage::record_codec codec{42, 1};
  const std::string body(300, 't');
  std::string out;
  for (std::uint64_t i = 0; i < n; i += batch) {
    out.clear();
    codec.add_mark(out, {1, 64}, zxid::of(1, 1));
    for (std::uint32_t t = 0; t < batch; ++t) {
      codec.add_transaction(out, zxid::of(1, t + 2), body);
    }
    keep(out);
  }
}

}  // namespace

std::vector<piece> storage_pieces() {
  return {checksum("storage: crc32c of 300 bytes", 300),
          checksum("storage: crc32c of 64 KiB", 64 << 10),
          {"storage: encode a log record (batches of 64)", encode_batch}};
}

}  // namespace micro
