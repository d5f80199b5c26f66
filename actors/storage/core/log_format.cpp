#include "actors/storage/core/log_format.hpp"

#include <troupe/base/check.hpp>

#include "actors/storage/core/crc32c.hpp"
#include "actors/storage/core/little_endian.hpp"

namespace troupe::storage {
namespace {

constexpr std::string_view magic = "troupelg";

// Offsets in the segment's header.
constexpr std::size_t header_crc = 8, header_checked = 12;
// Offsets in a record's header.
constexpr std::size_t record_checked = 4, record_segment = 8, record_zxid = 16, record_kind_at = 24,
                      record_reserved = 28;

std::uint32_t seed_of(std::uint64_t instance) noexcept {
  char bytes[8];
  put(bytes, instance);
  return crc32c({bytes, sizeof bytes});
}

}  // namespace

std::string encode(const segment_header& header) {
  std::string out{magic};
  append(out, std::uint32_t{0});
  append(out, log_version);
  append(out, header.number);
  append(out, header.instance);
  append(out, header.previous_end.segment);
  append(out, header.previous_end.offset);
  append(out, header.previous.value);
  append(out, header.history_hash);
  put(out.data() + header_crc, crc32c(std::string_view{out}.substr(header_checked)));
  return out;
}

decoded_header decode_header(std::string_view bytes) {
  if (bytes.size() < segment_header_size || !bytes.starts_with(magic)) return {};
  bytes = bytes.substr(0, segment_header_size);
  if (crc32c(bytes.substr(header_checked)) != get<std::uint32_t>(bytes, header_crc)) return {};
  if (get<std::uint32_t>(bytes, header_checked) != log_version) {
    return {std::nullopt, header_problem::newer};
  }
  segment_header header;
  header.number = get<std::uint64_t>(bytes, 16);
  header.instance = get<std::uint64_t>(bytes, 24);
  header.previous_end = {get<std::uint64_t>(bytes, 32), get<std::uint64_t>(bytes, 40)};
  header.previous = {get<std::uint64_t>(bytes, 48)};
  header.history_hash = get<std::uint64_t>(bytes, 56);
  return {header, {}};
}

record_codec::record_codec(std::uint64_t instance, std::uint64_t segment) noexcept
    : segment_(segment), seed_(seed_of(instance)) {}

void record_codec::add(std::string& out, record_kind kind, zxid at, std::string_view body) const {
  char header[record_header_size] = {};
  put(header + record_checked, static_cast<std::uint32_t>(body.size()));
  put(header + record_segment, segment_);
  put(header + record_zxid, at.value);
  put(header + record_kind_at, static_cast<std::uint32_t>(kind));
  const auto begin = out.size();
  out.append(header, sizeof header);
  out.append(body);
  out.resize(begin + record_size(body.size()), '\0');
  put(out.data() + begin, crc32c(std::string_view{out}.substr(begin + record_checked), seed_));
}

void record_codec::add_mark(std::string& out, position synced_through, zxid committed) const {
  char body[16];
  put(body, synced_through.segment);
  put(body + 8, synced_through.offset);
  add(out, record_kind::mark, committed, {body, sizeof body});
}

void record_codec::add_transaction(std::string& out, zxid at, std::string_view body) const {
  add(out, record_kind::transaction, at, body);
}

void record_codec::add_end(std::string& out, zxid last) const {
  add(out, record_kind::end, last, {});
}

std::optional<std::size_t> record_codec::announced_size(std::string_view bytes) const {
  if (get<std::uint64_t>(bytes, record_segment) != segment_) return {};
  const auto kind = get<std::uint32_t>(bytes, record_kind_at);
  const auto length = get<std::uint32_t>(bytes, record_checked);
  if (get<std::uint32_t>(bytes, record_reserved) != 0) return {};
  if (kind == static_cast<std::uint32_t>(record_kind::transaction)) return record_size(length);
  if (kind == static_cast<std::uint32_t>(record_kind::mark) && length == 16) return mark_size;
  if (kind == static_cast<std::uint32_t>(record_kind::end) && length == 0) return end_size;
  return {};
}

std::optional<record> record_codec::decode(std::string_view bytes) const {
  if (bytes.size() < record_header_size) return {};
  const auto size = announced_size(bytes);
  if (!size || *size > bytes.size()) return {};
  const auto checked = bytes.substr(record_checked, *size - record_checked);
  if (crc32c(checked, seed_) != get<std::uint32_t>(bytes, 0)) return {};
  record found;
  found.kind = static_cast<record_kind>(get<std::uint32_t>(bytes, record_kind_at));
  found.zxid = {get<std::uint64_t>(bytes, record_zxid)};
  found.body = bytes.substr(record_header_size, get<std::uint32_t>(bytes, record_checked));
  found.size = *size;
  return found;
}

position synced_through_of(const record& mark) {
  TROUPE_CHECK(mark.kind == record_kind::mark && mark.body.size() == 16, "this is a batch's mark");
  return {get<std::uint64_t>(mark.body, 0), get<std::uint64_t>(mark.body, 8)};
}

}  // namespace troupe::storage
