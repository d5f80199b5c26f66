#include "actors/storage/files/snapshot_writer.hpp"

#include <utility>

#include <zstd.h>

#include <troupe/base/check.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/files/removal.hpp"

namespace troupe::storage {
namespace {

constexpr std::size_t block_target = 256 * 1024;
constexpr int compression_level = 1;

}  // namespace

struct snapshot_writer::compressor {
  std::unique_ptr<ZSTD_CCtx, std::size_t (*)(ZSTD_CCtx*)> context{ZSTD_createCCtx(),
                                                                  &ZSTD_freeCCtx};
};

snapshot_names own_snapshot(zxid at) { return {unfinished_snapshot_path(at), snapshot_path(at)}; }

snapshot_names received_snapshot(zxid at) {
  return {unfinished_received_path(at), received_snapshot_path(at)};
}

snapshot_writer::snapshot_writer(sdk::disk& disk, std::uint64_t instance, zxid at,
                                 std::uint64_t tree_digest)
    : snapshot_writer(disk, instance, at, tree_digest, own_snapshot(at)) {}

snapshot_writer::snapshot_writer(sdk::disk& disk, std::uint64_t instance, zxid at,
                                 std::uint64_t tree_digest, snapshot_names names)
    : disk_(disk), header_{instance, at, tree_digest, 0}, names_(std::move(names)), codec_(header_),
      compressor_(std::make_unique<compressor>()) {}

snapshot_writer::~snapshot_writer() = default;

sdk::io_status snapshot_writer::begin() {
  auto file = disk_.open(names_.unfinished, sdk::disk::mode::create);
  if (!file) return file.error();
  file_ = std::move(*file);
  // Its place is kept; a file without a header is no snapshot.
  return write(std::string(snapshot_header_size, '\0'));
}

sdk::io_status snapshot_writer::add(std::string_view chunk) {
  TROUPE_CHECK(chunk.size() <= largest_chunk, "a chunk of a snapshot is within its limit");
  if (!plain_.empty() && plain_.size() + chunk.size() > block_target) {
    if (auto bad = write_block()) return bad;
  }
  plain_.append(chunk);
  plain_bytes_ += chunk.size();
  return plain_.size() >= block_target ? write_block() : sdk::io_status{};
}

sdk::io_status snapshot_writer::write_block() {
  std::string block(ZSTD_compressBound(plain_.size()), '\0');
  const auto size = ZSTD_compressCCtx(compressor_->context.get(), block.data(), block.size(),
                                      plain_.data(), plain_.size(), compression_level);
  TROUPE_CHECK(ZSTD_isError(size) == 0, "there is room for a compressed block");
  packed_.clear();
  codec_.add(packed_, blocks_++, std::string_view{block}.substr(0, size), plain_.size());
  plain_.clear();
  return write(packed_);
}

sdk::io_status snapshot_writer::write(std::string_view bytes) {
  if (auto bad = file_->write_at(offset_, std::as_bytes(std::span{bytes}))) return bad;
  const auto begin = std::exchange(offset_, offset_ + bytes.size());
  // Block by block: many dirty pages at once would hold up the log's syncs.
  return file_->write_back(begin, bytes.size());
}

sdk::io_status snapshot_writer::finish(std::uint64_t history_hash) {
  if (auto bad = complete(history_hash)) return bad;
  return publish();
}

sdk::io_status snapshot_writer::complete(std::uint64_t history_hash) {
  if (complete_) return {};
  if (!plain_.empty()) {
    if (auto bad = write_block()) return bad;
  }
  packed_.clear();
  codec_.add(packed_, blocks_, {}, 0);
  if (auto bad = write(packed_)) return bad;
  header_.history_hash = history_hash;
  const auto header = encode(header_);
  if (auto bad = file_->write_at(0, std::as_bytes(std::span{header}))) return bad;
  if (auto bad = file_->sync()) return bad;
  file_.reset();
  complete_ = true;
  return {};
}

sdk::io_status snapshot_writer::publish() {
  TROUPE_CHECK(complete_, "only what is complete gets its name");
  if (!named_) {
    if (auto bad = disk_.rename(names_.unfinished, names_.finished)) return bad;
    named_ = true;
  }
  return disk_.sync_directory(snapshot_directory);
}

sdk::io_status snapshot_writer::abandon() {
  file_.reset();
  return remove_in_steps(disk_, names_.unfinished);
}

}  // namespace troupe::storage
