#include "actors/tree/codec/snapshot_codec.hpp"

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>

namespace troupe::tree::codec {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are copied as they are");

constexpr std::uint32_t format = 1;
/// No record is longer: data is limited by the size of a client's packet.
constexpr std::size_t max_record_bytes = std::size_t{1} << 30;
enum class type : std::uint8_t { header = 1, secret, session, access_list, znode, end, request };

// ---------------------------------------------------------------- writing

template <class T>
void put(std::string& out, T number) {
  static_assert(std::is_integral_v<T>);
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}
void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

void fields(std::string& out, const snapshot::header& r) {
  put(out, format);
  put(out, r.zxid.value);
  put(out, r.nodes);
}
void fields(std::string& out, const snapshot::secret& r) { put_text(out, r.key); }
void fields(std::string& out, const snapshot::session& r) {
  put(out, r.id.value);
  put(out, std::int64_t{r.timeout.count()});
  put(out, r.newest.server.value);
  put(out, r.newest.at.value);
}
void fields(std::string& out, const snapshot::access_list& r) {
  put(out, r.number);
  put(out, static_cast<std::uint32_t>(r.list.size()));
  for (const auto& entry : r.list) {
    put(out, entry.permissions);
    put_text(out, entry.who.scheme);
    put_text(out, entry.who.id);
  }
}
/// The fields of fixed size between a node's path and its data, in the order of the format.
struct [[gnu::packed]] znode_numbers {
  std::uint8_t kind = 0;
  std::uint64_t owner_or_ttl = 0;
  std::uint64_t czxid = 0, mzxid = 0, pzxid = 0;
  std::int64_t ctime_ms = 0, mtime_ms = 0;
  std::int32_t version = 0, children_created = 0, aversion = 0;
  std::uint32_t acl = 0;
  std::uint8_t null_data = 0;
};

void fields(std::string& out, const snapshot::znode& r) {
  const znode_numbers numbers{static_cast<std::uint8_t>(r.kind),
                              r.owner_or_ttl,
                              r.czxid.value,
                              r.mzxid.value,
                              r.pzxid.value,
                              r.ctime_ms,
                              r.mtime_ms,
                              r.version,
                              r.children_created,
                              r.aversion,
                              r.acl,
                              static_cast<std::uint8_t>(r.has_data ? 0 : 1)};
  put_text(out, r.path);
  out.append(reinterpret_cast<const char*>(&numbers), sizeof numbers);
  put_text(out, r.data);
}
void fields(std::string& out, const snapshot::end& r) {
  put(out, r.nodes);
  put(out, r.sessions);
  put(out, r.digest);
}

/// The fields of a result beside its path, in the order of the format.
struct [[gnu::packed]] result_numbers {
  std::int32_t error = 0;
  std::int64_t number = 0;
  std::uint64_t czxid = 0, mzxid = 0, pzxid = 0;
  std::int64_t ctime_ms = 0, mtime_ms = 0;
  std::int32_t version = 0, cversion = 0, aversion = 0, data_length = 0, num_children = 0;
  std::uint64_t ephemeral_owner = 0;
};

void fields(std::string& out, const snapshot::request& r) {
  put(out, r.session.value);
  put(out, r.what.id);
  put(out, r.what.at.value);
  put(out, static_cast<std::uint8_t>(r.what.is_multi ? 1 : 0));
  put(out, std::uint64_t{r.what.weight});
  put(out, static_cast<std::uint32_t>(r.what.results.size()));
  for (const auto& one : r.what.results) {
    const auto& s = one.stat;
    const result_numbers numbers{static_cast<std::int32_t>(one.error),
                                 one.number,
                                 s.czxid.value,
                                 s.mzxid.value,
                                 s.pzxid.value,
                                 s.ctime_ms,
                                 s.mtime_ms,
                                 s.version,
                                 s.cversion,
                                 s.aversion,
                                 s.data_length,
                                 s.num_children,
                                 s.ephemeral_owner.value};
    out.append(reinterpret_cast<const char*>(&numbers), sizeof numbers);
    put_text(out, one.path);
  }
}

// ---------------------------------------------------------------- reading

/// Reads fields one after another; once something is missing, everything after it is too.
class cursor {
public:
  explicit cursor(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  void get(T& number) {
    if (const auto from = take(sizeof number)) std::memcpy(&number, from->data(), sizeof number);
  }
  std::string_view text() {
    std::uint32_t size = 0;
    get(size);
    return take(size).value_or(std::string_view{});
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

private:
  std::optional<std::string_view> take(std::size_t size) {
    if (!ok_ || size > bytes_.size()) {
      ok_ = false;
      return std::nullopt;
    }
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

snapshot::access_list read_list(cursor& in) {
  snapshot::access_list r;
  std::uint32_t count = 0;
  in.get(r.number);
  in.get(count);
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) {
    acl_entry entry;
    in.get(entry.permissions);
    entry.who.scheme = in.text();
    entry.who.id = in.text();
    r.list.push_back(std::move(entry));
  }
  return r;
}

snapshot::znode read_znode(cursor& in, std::uint8_t& kind) {
  snapshot::znode r;
  znode_numbers numbers;
  r.path = in.text();
  in.get(numbers);
  kind = numbers.kind;
  r.kind = static_cast<node_kind>(kind);
  r.owner_or_ttl = numbers.owner_or_ttl;
  r.czxid = {numbers.czxid};
  r.mzxid = {numbers.mzxid};
  r.pzxid = {numbers.pzxid};
  r.ctime_ms = numbers.ctime_ms;
  r.mtime_ms = numbers.mtime_ms;
  r.version = numbers.version;
  r.children_created = numbers.children_created;
  r.aversion = numbers.aversion;
  r.acl = numbers.acl;
  r.has_data = numbers.null_data == 0;
  const auto data = in.text();
  if (r.has_data) r.data = data;
  return r;
}

write_result read_result_of_request(cursor& in) {
  result_numbers numbers;
  in.get(numbers);
  write_result r;
  r.error = static_cast<error_code>(numbers.error);
  r.number = numbers.number;
  r.stat.czxid = {numbers.czxid};
  r.stat.mzxid = {numbers.mzxid};
  r.stat.pzxid = {numbers.pzxid};
  r.stat.ctime_ms = numbers.ctime_ms;
  r.stat.mtime_ms = numbers.mtime_ms;
  r.stat.version = numbers.version;
  r.stat.cversion = numbers.cversion;
  r.stat.aversion = numbers.aversion;
  r.stat.data_length = numbers.data_length;
  r.stat.num_children = numbers.num_children;
  r.stat.ephemeral_owner = {numbers.ephemeral_owner};
  r.path = in.text();
  return r;
}

snapshot::request read_request(cursor& in) {
  snapshot::request r;
  std::uint8_t is_multi = 0;
  std::uint64_t weight = 0;
  std::uint32_t count = 0;
  in.get(r.session.value);
  in.get(r.what.id);
  in.get(r.what.at.value);
  in.get(is_multi);
  in.get(weight);
  in.get(count);
  r.what.is_multi = is_multi != 0;
  r.what.weight = weight;
  for (std::uint32_t i = 0; i < count && in.ok(); ++i)
    r.what.results.push_back(read_result_of_request(in));
  return r;
}

/// Decodes one record into `out`; empty, or what is wrong.
std::string read(std::string_view bytes, snapshot::record& out) {
  cursor in{bytes};
  std::uint8_t which = 0, kind = 0;
  in.get(which);
  switch (static_cast<type>(which)) {
  case type::header: {
    std::uint32_t version = 0;
    snapshot::header r;
    in.get(version);
    in.get(r.zxid.value);
    // Snapshots written before version 0.1.0 was complete end here.
    if (in.left() >= sizeof r.nodes) in.get(r.nodes);
    if (version != format)
      return "the snapshot has format " + std::to_string(version) + ", and this version reads 1";
    out = r;
    break;
  }
  case type::secret:
    out = snapshot::secret{std::string{in.text()}};
    break;
  case type::session: {
    snapshot::session r;
    std::int64_t timeout_ms = 0;
    in.get(r.id.value);
    in.get(timeout_ms);
    // Snapshots of version 0.1.0 end here.
    if (in.left() > 0) {
      in.get(r.newest.server.value);
      in.get(r.newest.at.value);
    }
    r.timeout = milliseconds{timeout_ms};
    out = r;
    break;
  }
  case type::access_list:
    out = read_list(in);
    break;
  case type::znode:
    out = read_znode(in, kind);
    break;
  case type::request:
    out = read_request(in);
    break;
  case type::end: {
    snapshot::end r;
    in.get(r.nodes);
    in.get(r.sessions);
    in.get(r.digest);
    out = r;
    break;
  }
  default:
    return "the snapshot has a record of the unknown type " + std::to_string(which);
  }
  if (!in.ok()) return "the snapshot has a record that is too short";
  if (kind > static_cast<std::uint8_t>(node_kind::ttl))
    return "the snapshot has a node of the unknown kind " + std::to_string(kind);
  return {};
}

}  // namespace

void append(std::string& out, const snapshot::record& record) {
  const auto start = out.size();
  put(out, std::uint32_t{0});
  put(out, static_cast<std::uint8_t>(record.index() + 1));
  std::visit([&](const auto& r) { fields(out, r); }, record);
  const auto length = static_cast<std::uint32_t>(out.size() - start - sizeof(std::uint32_t));
  std::memcpy(out.data() + start, &length, sizeof length);
}

std::string snapshot_decoder::feed(std::string_view bytes) {
  // Whole records are read where they are; only one that is cut is copied, once.
  if (rest_.empty()) {
    rest_ = bytes.substr(take_whole(bytes));
  } else {
    rest_.append(bytes);
    rest_.erase(0, take_whole(rest_));
  }
  return failure_;
}

std::size_t snapshot_decoder::take_whole(std::string_view bytes) {
  const auto all = bytes.size();
  snapshot::record record;
  while (failure_.empty() && bytes.size() >= sizeof(std::uint32_t)) {
    std::uint32_t length = 0;
    std::memcpy(&length, bytes.data(), sizeof length);
    if (length == 0 || length > max_record_bytes) {
      failure_ = "the snapshot has a record of an impossible length";
      break;
    }
    if (bytes.size() - sizeof length < length) break;
    failure_ = read(bytes.substr(sizeof length, length), record);
    if (failure_.empty()) failure_ = take_(record);
    bytes.remove_prefix(sizeof length + length);
  }
  return all - bytes.size();
}

}  // namespace troupe::tree::codec
