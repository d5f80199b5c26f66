#include "actors/storage/files/segment_reader.hpp"

#include <algorithm>
#include <utility>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/core/little_endian.hpp"

namespace troupe::storage {
namespace {

constexpr std::size_t window_size = 256 * 1024;

}  // namespace

segment_reader::segment_reader(std::unique_ptr<sdk::file> file, std::uint64_t instance,
                               std::uint64_t number, std::uint64_t size)
    : file_(std::move(file)), codec_(instance, number), number_(number), size_(size) {}

sdk::io_result<segment_reader> segment_reader::open(sdk::disk& disk, std::uint64_t instance,
                                                    std::uint64_t number) {
  auto file = disk.open(segment_path(number), sdk::disk::mode::read);
  if (!file) return file.error();
  const auto size = (*file)->size();
  if (!size) return size.error();
  return segment_reader{std::move(*file), instance, number, *size};
}

sdk::io_result<std::string_view> segment_reader::bytes(std::uint64_t offset, std::size_t size) {
  if (offset >= size_) return std::string_view{};
  size = static_cast<std::size_t>(std::min<std::uint64_t>(size, size_ - offset));
  if (offset < window_begin_ || offset + size > window_begin_ + window_.size()) {
    window_.resize(static_cast<std::size_t>(
        std::min<std::uint64_t>(std::max(size, window_size), size_ - offset)));
    const auto got = file_->read_at(offset, std::as_writable_bytes(std::span{window_}));
    if (!got) return got.error();
    window_.resize(*got);
    window_begin_ = offset;
  }
  return std::string_view{window_}.substr(static_cast<std::size_t>(offset - window_begin_), size);
}

sdk::io_result<decoded_header> segment_reader::header() {
  const auto begin = bytes(0, segment_header_size);
  if (!begin) return begin.error();
  auto found = decode_header(*begin);
  if (found.header && found.header->number != number_) found.header.reset();
  return found;
}

sdk::io_result<std::optional<record>> segment_reader::record_at(std::uint64_t offset) {
  const auto header = bytes(offset, record_header_size);
  if (!header) return header.error();
  if (header->size() < record_header_size) return std::optional<record>{};
  const auto size = codec_.announced_size(*header);
  // A length beyond the file is a broken one, and must not decide how much memory is taken.
  if (!size || *size > size_ - offset) return std::optional<record>{};
  const auto all = bytes(offset, *size);
  if (!all) return all.error();
  return codec_.decode(*all);
}

sdk::io_result<std::optional<position>> segment_reader::synced_through_after(std::uint64_t offset) {
  std::optional<position> newest;
  offset = (offset + record_alignment - 1) / record_alignment * record_alignment;
  while (offset + mark_size <= size_) {
    const auto view = bytes(offset, window_size);
    if (!view) return view.error();
    if (view->size() < mark_size) break;
    std::size_t at = 0;
    for (; at + mark_size <= view->size(); at += record_alignment) {
      if (get<std::uint64_t>(*view, at + 8) != number_) continue;
      const auto found = codec_.decode(view->substr(at, mark_size));
      if (!found || found->kind != record_kind::mark) continue;
      newest = std::max(newest.value_or(position{}), synced_through_of(*found));
    }
    offset += at;
  }
  return newest;
}

}  // namespace troupe::storage
