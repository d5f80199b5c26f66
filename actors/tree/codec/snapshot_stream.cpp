#include "actors/tree/codec/snapshot_stream.hpp"

#include <algorithm>
#include <string_view>

#include "actors/tree/codec/snapshot_codec.hpp"

namespace troupe::tree::codec {

blob snapshot_stream::next_chunk() {
  encoded_.erase(0, given_);
  given_ = 0;
  while (encoded_.size() < snapshot_chunk_bytes) {
    const auto record = source_.next();
    if (!record) break;
    append(encoded_, *record);
  }
  if (encoded_.empty()) return {};
  given_ = std::min(encoded_.size(), snapshot_chunk_bytes);
  return blob{std::string_view{encoded_}.substr(0, given_)};
}

}  // namespace troupe::tree::codec
