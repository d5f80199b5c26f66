#include "actors/storage/core/snapshot_format.hpp"

#include "actors/storage/core/crc32c.hpp"
#include "actors/storage/core/little_endian.hpp"

namespace troupe::storage {
namespace {

constexpr std::string_view magic = "troupesn";
constexpr std::size_t header_crc = 8, header_checked = 12, header_codec = 48;
constexpr std::uint32_t codec_zstd = 1;
constexpr std::size_t block_checked = 4;

}  // namespace

std::string encode(const snapshot_header& header) {
  std::string out{magic};
  append(out, std::uint32_t{0});
  append(out, snapshot_version);
  append(out, header.instance);
  append(out, header.zxid.value);
  append(out, header.tree_digest);
  append(out, header.history_hash);
  append(out, codec_zstd);
  out.resize(snapshot_header_size, '\0');
  put(out.data() + header_crc, crc32c(std::string_view{out}.substr(header_checked)));
  return out;
}

decoded_snapshot_header decode_snapshot_header(std::string_view bytes) {
  if (bytes.size() < snapshot_header_size) return {{}, "the header is incomplete"};
  bytes = bytes.substr(0, snapshot_header_size);
  if (!bytes.starts_with(magic)) return {{}, "this is no snapshot"};
  if (crc32c(bytes.substr(header_checked)) != get<std::uint32_t>(bytes, header_crc)) {
    return {{}, "the header's checksum does not fit"};
  }
  if (get<std::uint32_t>(bytes, header_checked) != snapshot_version ||
      get<std::uint32_t>(bytes, header_codec) != codec_zstd) {
    return {{}, "a newer program wrote it"};
  }
  snapshot_header header;
  header.instance = get<std::uint64_t>(bytes, 16);
  header.zxid = {get<std::uint64_t>(bytes, 24)};
  header.tree_digest = get<std::uint64_t>(bytes, 32);
  header.history_hash = get<std::uint64_t>(bytes, 40);
  return {header, ""};
}

block_codec::block_codec(const snapshot_header& of) noexcept {
  char bytes[24];
  put(bytes, of.instance);
  put(bytes + 8, of.zxid.value);
  put(bytes + 16, of.tree_digest);
  seed_ = crc32c({bytes, sizeof bytes});
}

void block_codec::add(std::string& out, std::uint32_t number, std::string_view packed,
                      std::size_t plain_size) const {
  const auto begin = out.size();
  append(out, std::uint32_t{0});
  append(out, static_cast<std::uint32_t>(packed.size()));
  append(out, static_cast<std::uint32_t>(plain_size));
  append(out, number);
  out.append(packed);
  put(out.data() + begin, crc32c(std::string_view{out}.substr(begin + block_checked), seed_));
}

block_header block_codec::announced(std::string_view header) noexcept {
  return {get<std::uint32_t>(header, 4), get<std::uint32_t>(header, 8),
          get<std::uint32_t>(header, 12)};
}

bool block_codec::is_sound(std::string_view block) const noexcept {
  return block.size() >= block_header_size &&
         crc32c(block.substr(block_checked), seed_) == get<std::uint32_t>(block, 0);
}

}  // namespace troupe::storage
