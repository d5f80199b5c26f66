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
enum class type : std::uint8_t { header = 1, secret, session, access_list, znode, end };

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
}
void fields(std::string& out, const snapshot::secret& r) { put_text(out, r.key); }
void fields(std::string& out, const snapshot::session& r) {
  put(out, r.id.value);
  put(out, std::int64_t{r.timeout.count()});
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
void fields(std::string& out, const snapshot::znode& r) {
  put_text(out, r.path);
  put(out, static_cast<std::uint8_t>(r.kind));
  put(out, r.owner_or_ttl);
  put(out, r.czxid.value);
  put(out, r.mzxid.value);
  put(out, r.pzxid.value);
  put(out, r.ctime_ms);
  put(out, r.mtime_ms);
  put(out, r.version);
  put(out, r.children_created);
  put(out, r.aversion);
  put(out, r.acl);
  put(out, static_cast<std::uint8_t>(r.data.is_null() ? 1 : 0));
  put_text(out, r.data.view());
}
void fields(std::string& out, const snapshot::end& r) {
  put(out, r.nodes);
  put(out, r.sessions);
  put(out, r.digest);
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
  std::uint8_t null_data = 0;
  r.path = in.text();
  in.get(kind);
  in.get(r.owner_or_ttl);
  in.get(r.czxid.value);
  in.get(r.mzxid.value);
  in.get(r.pzxid.value);
  in.get(r.ctime_ms);
  in.get(r.mtime_ms);
  in.get(r.version);
  in.get(r.children_created);
  in.get(r.aversion);
  in.get(r.acl);
  in.get(null_data);
  const auto data = in.text();
  r.kind = static_cast<node_kind>(kind);
  if (null_data == 0) r.data = blob{data};
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
