#include "actors/storage/files/snapshot_reader.hpp"

#include <zstd.h>

#include "actors/storage/core/file_names.hpp"

namespace troupe::storage {

struct snapshot_reader::decompressor {
  std::unique_ptr<ZSTD_DCtx, std::size_t (*)(ZSTD_DCtx*)> context{ZSTD_createDCtx(),
                                                                  &ZSTD_freeDCtx};
};

snapshot_reader::snapshot_reader(std::unique_ptr<sdk::file> file, std::string path,
                                 const snapshot_header& header, std::uint64_t size)
    : file_(std::move(file)), path_(std::move(path)), header_(header), size_(size), codec_(header),
      decompressor_(std::make_unique<decompressor>()) {}

snapshot_reader::~snapshot_reader() = default;

failure snapshot_reader::broken(const std::string& what) const {
  return {path_ + ": the snapshot is damaged at offset " + std::to_string(offset_) + ": " + what};
}

result<std::unique_ptr<snapshot_reader>> snapshot_reader::open(sdk::disk& disk,
                                                               std::uint64_t instance, zxid at) {
  return open(disk, instance, at, snapshot_path(at));
}

result<std::unique_ptr<snapshot_reader>>
snapshot_reader::open(sdk::disk& disk, std::uint64_t instance, zxid at, const std::string& name) {
  const auto path = disk.full_path(name);
  auto file = disk.open(name, sdk::disk::mode::read);
  if (!file) return failure{file.error().message};
  const auto size = (*file)->size();
  if (!size) return failure{size.error().message};
  std::string bytes(snapshot_header_size, '\0');
  const auto got = (*file)->read_at(0, std::as_writable_bytes(std::span{bytes}));
  if (!got) return failure{got.error().message};
  bytes.resize(*got);
  const auto found = decode_snapshot_header(bytes);
  if (!found.header) return failure{path + ": " + found.problem};
  if (found.header->zxid != at) {
    return failure{path + ": this is the snapshot of " + to_text(found.header->zxid)};
  }
  if (found.header->instance != instance) {
    return failure{path + ": this snapshot belongs to another data directory"};
  }
  return std::unique_ptr<snapshot_reader>{
      new snapshot_reader{std::move(*file), path, *found.header, *size}};
}

result<std::optional<std::string_view>> snapshot_reader::next_block() {
  if (size_ - offset_ < block_header_size) return broken("it ends without a trailer");
  block_.resize(block_header_size);
  auto got = file_->read_at(offset_, std::as_writable_bytes(std::span{block_}));
  if (!got) return failure{got.error().message};
  if (*got < block_header_size) return broken("it became shorter");
  const auto header = block_codec::announced(block_);
  if (header.packed_size > size_ - offset_ - block_header_size) return broken("a block is cut off");
  block_.resize(block_header_size + header.packed_size);
  got = file_->read_at(offset_, std::as_writable_bytes(std::span{block_}));
  if (!got) return failure{got.error().message};
  if (*got < block_.size()) return broken("it became shorter");
  if (!codec_.is_sound(block_)) return broken("a block's checksum does not fit");
  if (header.number != blocks_) return broken("a block is out of order");
  offset_ += block_.size();
  if (header.packed_size > 0) {
    ++blocks_;
    plain_bytes_ += header.plain_size;
    return std::optional{std::string_view{block_}};
  }
  if (offset_ != size_) return broken("something follows the trailer");
  return std::optional<std::string_view>{};
}

result<std::optional<blob>> snapshot_reader::next() {
  const auto block = next_block();
  if (!block) return block.error();
  if (!*block) return std::optional<blob>{};
  const auto header = block_codec::announced(**block);
  if (header.plain_size > 2 * largest_chunk) return broken("a block is larger than any can be");
  std::string plain(header.plain_size, '\0');
  const auto packed = (*block)->substr(block_header_size);
  const auto size = ZSTD_decompressDCtx(decompressor_->context.get(), plain.data(), plain.size(),
                                        packed.data(), packed.size());
  if (ZSTD_isError(size) != 0 || size != plain.size()) return broken("a block does not unpack");
  return std::optional{blob{std::string_view{plain}}};
}

std::optional<failure> snapshot_reader::verify() {
  while (true) {
    const auto block = next_block();
    if (!block) return block.error();
    if (!*block) return {};
  }
}

}  // namespace troupe::storage
