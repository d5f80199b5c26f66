#include "actors/tree/codec/snapshot_stream.hpp"

#include <algorithm>
#include <string_view>

#include "actors/tree/codec/snapshot_codec.hpp"

namespace troupe::tree::codec {

snapshot_stream::snapshot_stream(state& of)
    : source_(of, [this](const snapshot::record& record) { append(encoded_, record); }) {}

blob snapshot_stream::next_chunk() {
  encoded_.erase(0, given_);
  bool more = true;
  for (std::size_t n = 0; n < snapshot_chunk_nodes && more; ++n) {
    if (encoded_.size() >= snapshot_chunk_bytes) break;
    more = source_.advance();
  }
  given_ = std::min(encoded_.size(), snapshot_chunk_bytes);
  if (given_ == 0 && !more) return {};
  return blob{std::string_view{encoded_}.substr(0, given_)};
}

}  // namespace troupe::tree::codec
