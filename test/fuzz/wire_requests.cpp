#include "test/fuzz/wire_requests.hpp"

#include <cstdlib>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "test/support/wire.hpp"

namespace troupe::fuzz {
namespace {

using test::wire_writer;
using zk::opcode;

void put_optional(wire_writer& to, const std::optional<std::string>& value) {
  value ? to.text(*value) : to.int32(-1);
}

void put(wire_writer& to, const blob& data) {
  data.is_null() ? to.int32(-1) : to.text(data.view());
}

void put(wire_writer& to, const acl& list) {
  to.int32(static_cast<std::int32_t>(list.size()));
  for (const auto& one : list)
    to.int32(one.permissions).text(one.who.scheme).text(one.who.id);
}

void put(wire_writer& to, const std::vector<std::string>& all) {
  to.int32(static_cast<std::int32_t>(all.size()));
  for (const auto& one : all)
    to.text(one);
}

/// What was impossible has lost its path before anything else was taken. A client may also send an
/// empty path with flags that are possible.
bool was_impossible(const create_op& create) {
  return create.path.empty() && create.kind == node_kind::persistent && !create.sequential;
}

std::int32_t flags_of(opcode op, const create_op& create) {
  switch (create.kind) {
  case node_kind::container:
    // createContainer takes flags that mean nothing, but for the suffix.
    return op == opcode::create_container ? (create.sequential ? 2 : 0) : 4;
  case node_kind::ttl:
    return create.sequential ? 6 : 5;
  case node_kind::ephemeral:
    return create.sequential ? 3 : 1;
  case node_kind::persistent:
    break;
  }
  return create.sequential ? 2 : 0;
}

void put(wire_writer& to, opcode op, const create_op& create) {
  to.text(create.path);
  put(to, create.data);
  put(to, create.acl);
  to.int32(was_impossible(create) ? 99 : flags_of(op, create));
  if (op == opcode::create_ttl) to.int64(static_cast<std::uint64_t>(create.ttl_ms));
}

void put_bare(wire_writer& to, opcode op, const create_op& one) { put(to, op, one); }
void put_bare(wire_writer& to, opcode, const delete_op& one) {
  to.text(one.path).int32(one.version);
}
void put_bare(wire_writer& to, opcode, const check_op& one) {
  to.text(one.path).int32(one.version);
}
void put_bare(wire_writer& to, opcode, const set_data_op& one) {
  to.text(one.path);
  put(to, one.data);
  to.int32(one.version);
}

opcode type_of(const multi_item& item, opcode result) {
  if (std::holds_alternative<delete_op>(item)) return opcode::remove;
  if (std::holds_alternative<set_data_op>(item)) return opcode::set_data;
  if (std::holds_alternative<check_op>(item)) return opcode::check;
  const auto& create = std::get<create_op>(item);
  if (was_impossible(create)) return result;
  if (create.kind == node_kind::ttl && create.ttl_ms != -1) return opcode::create_ttl;
  if (create.kind == node_kind::container && create.sequential) return opcode::create_container;
  return result;
}

void put(wire_writer& to, const set_watches_op& op, bool with_persistent) {
  to.int64(op.relative.value);
  put(to, op.data);
  put(to, op.exist);
  put(to, op.child);
  if (!with_persistent) return;
  put(to, op.persistent);
  put(to, op.persistent_recursive);
}

/// Everything but the multis and set_watches.
struct body_writer {
  wire_writer& to;
  opcode op;

  void operator()(const create_op& one) { put_bare(to, op, one); }
  void operator()(const delete_op& one) { put_bare(to, op, one); }
  void operator()(const set_data_op& one) { put_bare(to, op, one); }
  void operator()(const set_acl_op& one) {
    to.text(one.path);
    put(to, one.acl);
    to.int32(one.version);
  }
  void operator()(const multi_op&) {}
  void operator()(const create_session_op&) {}
  void operator()(const close_session_op&) {}
  // No request of a client of this protocol becomes one of these.
  void operator()(const script_op&) { std::abort(); }
  void operator()(const decide_op&) { std::abort(); }
  void operator()(const sync_op& one) { to.text(one.path); }
  void operator()(const exists_op& one) { to.text(one.path).boolean(one.watch); }
  void operator()(const get_data_op& one) { to.text(one.path).boolean(one.watch); }
  void operator()(const get_children_op& one) { to.text(one.path).boolean(one.watch); }
  void operator()(const get_acl_op& one) { to.text(one.path); }
  void operator()(const get_all_children_number_op& one) { to.text(one.path); }
  void operator()(const get_ephemerals_op& one) { to.text(one.prefix); }
  void operator()(const multi_read_op&) {}
  void operator()(const set_watches_op& one) { put(to, one, op == opcode::set_watches2); }
  void operator()(const add_watch_op& one) {
    to.text(one.path).int32(one.mode == watch_mode::persistent ? 0 : 1);
  }
  void operator()(const check_watches_op& one) {
    to.text(one.path).int32(static_cast<std::int32_t>(one.selector));
  }
  void operator()(const remove_watches_op& one) {
    to.text(one.path).int32(static_cast<std::int32_t>(one.selector));
  }
};

void put_header(wire_writer& to, opcode type) {
  to.int32(static_cast<std::int32_t>(type)).boolean(false).int32(-1);
}

void put_end(wire_writer& to) { to.int32(-1).boolean(true).int32(-1); }

}  // namespace

std::string encode(opcode op, const zk::operation& asked) {
  wire_writer to;
  if (const auto* write = std::get_if<write_op>(&asked.op)) {
    if (const auto* multi = std::get_if<multi_op>(write)) {
      for (std::size_t i = 0; i < multi->items.size(); ++i) {
        const auto type = type_of(multi->items[i], asked.items.at(i));
        put_header(to, type);
        std::visit([&](const auto& one) { put_bare(to, type, one); }, multi->items[i]);
      }
      put_end(to);
    } else {
      std::visit(body_writer{to, op}, *write);
    }
    return to.bytes();
  }
  const auto& read = std::get<read_op>(asked.op);
  if (const auto* multi = std::get_if<multi_read_op>(&read)) {
    for (std::size_t i = 0; i < multi->items.size(); ++i) {
      put_header(to, asked.items.at(i));
      std::visit([&](const auto& one) { to.text(one.path).boolean(false); }, multi->items[i]);
    }
    put_end(to);
  } else {
    std::visit(body_writer{to, op}, read);
  }
  return to.bytes();
}

std::string encode(const zk::connect_request& request) {
  wire_writer to;
  to.int32(0).int64(static_cast<std::uint64_t>(request.last_zxid_seen)).int32(request.timeout_ms);
  to.int64(request.session.value).text(request.password);
  if (request.knows_read_only) to.boolean(true);
  return to.bytes();
}

std::string encode(const zk::auth_request& request) {
  wire_writer to;
  to.int32(0);
  put_optional(to, request.scheme);
  put_optional(to, request.data);
  return to.bytes();
}

}  // namespace troupe::fuzz
