#include "actors/gateway/zookeeper/codec/requests.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace troupe::zk {
namespace {

// Smallest encodings, for bounding counts before anything is allocated.
constexpr std::size_t least_string_bytes = 4;
constexpr std::size_t least_acl_bytes = 12;

/// Every request type that has a name, also those that clients may not send by themselves.
constexpr std::pair<opcode, std::string_view> tags[] = {
    {opcode::create, "CREA"},
    {opcode::create2, "CREA"},
    {opcode::create_container, "CREA"},
    {opcode::create_ttl, "CREA"},
    {opcode::remove, "DELE"},
    {opcode::exists, "EXIS"},
    {opcode::get_data, "GETD"},
    {opcode::set_data, "SETD"},
    {opcode::get_acl, "GETA"},
    {opcode::set_acl, "SETA"},
    {opcode::get_children, "GETC"},
    {opcode::get_children2, "GETC"},
    {opcode::get_all_children_number, "GETACN"},
    {opcode::get_ephemerals, "GETE"},
    {opcode::sync, "SYNC"},
    {opcode::ping, "PING"},
    {opcode::check, "CHEC"},
    {opcode::multi, "MULT"},
    {opcode::multi_read, "MLTR"},
    {opcode::reconfig, "RECO"},
    {opcode::set_watches, "SETW"},
    {opcode::set_watches2, "STW2"},
    {opcode::add_watch, "ADDW"},
    {opcode::check_watches, "CHKW"},
    {opcode::remove_watches, "REMW"},
    {opcode::who_am_i, "HOMI"},
    {opcode::auth, "AUTH"},
    {opcode::sasl, "SASL"},
    {opcode::close_session, "CLOS"},
};

std::vector<std::string> decode_strings(jute_reader& in) {
  std::vector<std::string> values(in.count(least_string_bytes));
  for (auto& value : values)
    value = in.string();
  return values;
}

acl decode_acl(jute_reader& in) {
  acl entries(in.count(least_acl_bytes));
  for (auto& entry : entries) {
    entry.permissions = in.int32();
    entry.who.scheme = in.string_or_empty();
    const auto id = in.buffer();
    // ZooKeeper trips over this one instead of refusing the ACL; clients see the difference.
    if (!id && entry.who.scheme == "digest") in.fail();
    entry.who.id = std::string{id.value_or(std::string_view{})};
  }
  return entries;
}

template <class Op>
read_op decode_watched(jute_reader& in) {
  const auto path = in.buffer();
  if (!path) in.fail();
  const bool watch = in.boolean();
  return Op{std::string{path.value_or(std::string_view{})}, watch};
}

set_acl_op decode_set_acl(jute_reader& in) {
  set_acl_op op;
  op.path = in.string_or_empty();  // like any other invalid path
  op.acl = decode_acl(in);
  op.version = in.int32();
  return op;
}

get_ephemerals_op decode_get_ephemerals(jute_reader& in) {
  auto prefix = in.string_or_empty();
  const bool blank = std::all_of(prefix.begin(), prefix.end(), [](char c) { return c == ' '; });
  return {blank ? std::string{} : std::move(prefix)};
}

set_watches_op decode_set_watches(jute_reader& in, bool with_persistent) {
  set_watches_op op;
  // Signed on the wire: a negative one is before everything, like zero.
  op.relative.value = static_cast<std::uint64_t>(std::max<std::int64_t>(in.int64(), 0));
  op.data = decode_strings(in);
  op.exist = decode_strings(in);
  op.child = decode_strings(in);
  if (with_persistent) {
    op.persistent = decode_strings(in);
    op.persistent_recursive = decode_strings(in);
  }
  return op;
}

std::optional<read_op> decode_add_watch(jute_reader& in) {
  auto path = in.string();
  const auto mode = in.int32();
  if (mode != 0 && mode != 1) return std::nullopt;
  return add_watch_op{std::move(path),
                      mode == 0 ? watch_mode::persistent : watch_mode::persistent_recursive};
}

template <class Op>
std::optional<read_op> decode_selected(jute_reader& in) {
  auto path = in.string();
  const auto type = in.int32();
  if (type < 1 || type > 5) return std::nullopt;
  return Op{std::move(path), static_cast<watch_selector>(type)};
}

std::optional<write_op> decode_write(opcode op, jute_reader& in) {
  switch (op) {
  case opcode::create:
  case opcode::create2:
  case opcode::create_container:
  case opcode::create_ttl:
    return decode_create(op, in);
  case opcode::remove: {
    auto path = in.string();
    return delete_op{std::move(path), in.int32()};
  }
  case opcode::set_data:
    return decode_set_data(in);
  case opcode::set_acl:
    return decode_set_acl(in);
  case opcode::sync:
    return sync_op{in.string_or_empty()};
  case opcode::close_session:
    return close_session_op{};
  default:
    return std::nullopt;
  }
}

std::optional<read_op> decode_read(opcode op, jute_reader& in) {
  if (is_path_read(op)) return decode_path_read(op, in);
  switch (op) {
  case opcode::get_acl:
    return get_acl_op{in.string()};
  case opcode::get_all_children_number:
    return get_all_children_number_op{in.string()};
  case opcode::get_ephemerals:
    return decode_get_ephemerals(in);
  case opcode::set_watches:
  case opcode::set_watches2:
    return decode_set_watches(in, op == opcode::set_watches2);
  case opcode::add_watch:
    return decode_add_watch(in);
  case opcode::check_watches:
    return decode_selected<check_watches_op>(in);
  case opcode::remove_watches:
    return decode_selected<remove_watches_op>(in);
  default:
    return std::nullopt;
  }
}

}  // namespace

create_op decode_create(opcode op, jute_reader& in) {
  create_op create;
  create.path = in.string();
  if (const auto data = in.buffer()) create.data = blob{*data};
  create.acl = decode_acl(in);
  const auto flags = in.int32();
  const std::int64_t ttl = op == opcode::create_ttl ? in.int64() : -1;
  const bool possible = flags >= 0 && flags <= 6;
  const bool with_ttl = flags == 5 || flags == 6;
  const bool misplaced =
      (op == opcode::create_container && with_ttl) || (op == opcode::create_ttl && !with_ttl);
  if (!possible || misplaced) {
    create.path.clear();
    return create;
  }
  create.sequential = flags == 2 || flags == 3 || flags == 6;
  if (op == opcode::create_container || flags == 4) {
    create.kind = node_kind::container;
  } else if (with_ttl) {
    create.kind = node_kind::ttl;
    create.ttl_ms = ttl;
  } else if (flags == 1 || flags == 3) {
    create.kind = node_kind::ephemeral;
  }
  return create;
}

set_data_op decode_set_data(jute_reader& in) {
  set_data_op set;
  set.path = in.string_or_empty();  // like any other invalid path
  if (const auto data = in.buffer()) set.data = blob{*data};
  set.version = in.int32();
  return set;
}

std::optional<auth_request> decode_auth(jute_reader& in) {
  auth_request request;
  in.int32();  // a type that has never meant anything
  if (const auto scheme = in.buffer()) request.scheme = std::string{*scheme};
  if (const auto data = in.buffer()) request.data = std::string{*data};
  if (!in.ok()) return std::nullopt;
  return request;
}

read_op decode_path_read(opcode op, jute_reader& in) {
  if (op == opcode::get_data) return decode_watched<get_data_op>(in);
  if (op == opcode::exists) return decode_watched<exists_op>(in);
  return decode_watched<get_children_op>(in);
}

bool is_known(opcode op) noexcept {
  return op != opcode::check && std::any_of(std::begin(tags), std::end(tags),
                                            [op](const auto& one) { return one.first == op; });
}

std::optional<operation> decode_operation(opcode op, jute_reader& in) {
  if (op == opcode::multi) return decode_multi(in);
  if (op == opcode::multi_read) return decode_multi_read(in);
  std::optional<operation> decoded;
  if (auto write = decode_write(op, in)) {
    decoded.emplace(operation{std::move(*write), {}});
  } else if (auto read = decode_read(op, in)) {
    decoded.emplace(operation{std::move(*read), {}});
  }
  if (!in.ok()) decoded.reset();
  return decoded;
}

std::string_view operation_tag(opcode op) noexcept {
  for (const auto& [known, tag] : tags) {
    if (known == op) return tag;
  }
  return "NA";
}

}  // namespace troupe::zk
