#include "actors/gateway/zookeeper/codec/replies.hpp"

#include <algorithm>

namespace troupe::zk {
namespace {

/// State of a connected client, the only one that a server ever reports.
constexpr std::int32_t sync_connected = 3;

void header(jute_writer& to, std::int32_t xid, std::int64_t zxid, error_code error) {
  to.raw(fixed_bytes<16>{xid, zxid, static_cast<std::int32_t>(error)}.view());
}

/// A place in a reply, as offset, where so many bytes of names belong that come later.
struct names_gap {
  std::size_t place = 0;
  std::uint64_t bytes = 0;
};
using names_gaps = std::vector<names_gap>;

void strings(jute_writer& to, const read_result& result, names_gaps* gaps) {
  if (gaps && result.names_to_come > 0) {
    to.int32(result.stat.num_children);
    gaps->push_back({to.size(), result.names_to_come});
    return;
  }
  to.int32(static_cast<std::int32_t>(result.names.size()));
  to.raw(result.names.bytes());
}

void data(jute_writer& to, const blob& value) {
  value.is_null() ? to.null_buffer() : to.buffer(value.view());
}

void write_body(jute_writer& to, opcode op, const write_result& result) {
  switch (op) {
  case opcode::create:
  case opcode::sync:
    to.buffer(result.path);
    break;
  case opcode::create2:
  case opcode::create_container:
  case opcode::create_ttl:
    to.buffer(result.path);
    to.stat(result.stat);
    break;
  case opcode::set_data:
  case opcode::set_acl:
    to.stat(result.stat);
    break;
  default:
    break;
  }
}

void read_body(jute_writer& to, opcode op, const read_result& result, names_gaps* gaps) {
  switch (op) {
  case opcode::exists:
    to.stat(result.stat);
    break;
  case opcode::get_data:
    data(to, result.data);
    to.stat(result.stat);
    break;
  case opcode::get_acl:
    to.acl(result.acl);
    to.stat(result.stat);
    break;
  case opcode::get_children2:
    strings(to, result, gaps);
    to.stat(result.stat);
    break;
  case opcode::get_children:
  case opcode::get_ephemerals:
    strings(to, result, gaps);
    break;
  case opcode::get_all_children_number:
    to.int32(result.number);
    break;
  case opcode::add_watch:
    to.error(error_code::ok);
    break;
  default:
    break;
  }
}

void multi_header(jute_writer& to, std::int32_t type, bool done, error_code error) {
  to.int32(type);
  to.boolean(done);
  to.error(error);
}

void multi_end(jute_writer& to) { multi_header(to, multi_error, true, error_code{-1}); }

void multi_failure(jute_writer& to, error_code error) {
  multi_header(to, multi_error, false, error);
  to.error(error);
}

void multi_results(jute_writer& to, const result_types& items,
                   std::span<const write_result> results) {
  // All or nothing: if one failed, every entry is an error result, also those before it.
  const bool failed = std::any_of(results.begin(), results.end(),
                                  [](const auto& one) { return one.error != error_code::ok; });
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto& result = results[std::min(i, results.size() - 1)];
    if (failed) {
      multi_failure(to, i < results.size() ? result.error : error_code::runtime_inconsistency);
    } else {
      multi_header(to, static_cast<std::int32_t>(items[i]), false, error_code::ok);
      write_body(to, items[i], result);
    }
  }
  multi_end(to);
}

void multi_read_results(jute_writer& to, const result_types& items, const read_result& result,
                        names_gaps* gaps) {
  for (std::size_t i = 0; i < items.size() && i < result.items.size(); ++i) {
    const auto& one = result.items[i];
    if (one.error != error_code::ok) {
      multi_failure(to, one.error);
    } else {
      multi_header(to, static_cast<std::int32_t>(items[i]), false, error_code::ok);
      read_body(to, items[i], one, gaps);
    }
  }
  multi_end(to);
}

void read_reply(std::string& out, const reply_to& to, const result_types& items,
                const read_result& result, names_gaps* gaps) {
  frame_writer frame{out};
  jute_writer writer{out};
  header(writer, to.xid, to.zxid, error_code::ok);
  if (to.op == opcode::multi || to.op == opcode::multi_read) {
    multi_read_results(writer, items, result, gaps);
  } else {
    read_body(writer, to.op, result, gaps);
  }
}

}  // namespace

void encode_bare(std::string& out, const reply_to& to, error_code error) {
  frame_writer frame{out};
  jute_writer writer{out};
  header(writer, to.xid, to.zxid, error);
}

void encode_write(std::string& out, const reply_to& to, const result_types& items,
                  std::span<const write_result> results) {
  if (results.empty()) return encode_bare(out, to, error_code::ok);
  const bool is_multi = to.op == opcode::multi;
  if (!is_multi && results.front().error != error_code::ok) {
    return encode_bare(out, to, results.front().error);
  }
  frame_writer frame{out};
  jute_writer writer{out};
  header(writer, to.xid, to.zxid, error_code::ok);
  if (is_multi) {
    multi_results(writer, items, results);
  } else {
    write_body(writer, to.op, results.front());
  }
}

void encode_read(std::string& out, const reply_to& to, const result_types& items,
                 const read_result& result) {
  if (result.error != error_code::ok) return encode_bare(out, to, result.error);
  read_reply(out, to, items, result, nullptr);
}

std::uint64_t names_to_come(const read_result& result) noexcept {
  auto sum = result.names_to_come;
  for (const auto& one : result.items)
    sum += one.names_to_come;
  return sum;
}

reply_parts encode_read_parts(const reply_to& to, const result_types& items,
                              const read_result& result) {
  std::string all;
  names_gaps gaps;
  read_reply(all, to, items, result, &gaps);
  store_big_endian(all.data(), static_cast<std::uint32_t>(all.size() - 4 + names_to_come(result)));
  reply_parts parts;
  std::size_t from = 0;
  for (const auto& gap : gaps) {
    parts.texts.push_back(all.substr(from, gap.place - from));
    parts.gaps.push_back(gap.bytes);
    from = gap.place;
  }
  parts.texts.push_back(all.substr(from));
  return parts;
}

void encode_who_am_i(std::string& out, const reply_to& to, const identities& who) {
  frame_writer frame{out};
  jute_writer writer{out};
  header(writer, to.xid, to.zxid, error_code::ok);
  writer.int32(who ? static_cast<std::int32_t>(who->size()) : 0);
  if (!who) return;
  for (const auto& one : *who) {
    writer.buffer(one.scheme);
    const std::string_view id = one.id;
    writer.buffer(one.scheme == "digest" ? id.substr(0, id.find(':')) : id);
  }
}

void encode_null_path(std::string& out, const reply_to& to) { encode_no_sasl(out, to); }

void encode_no_sasl(std::string& out, const reply_to& to) {
  frame_writer frame{out};
  jute_writer writer{out};
  header(writer, to.xid, to.zxid, error_code::ok);
  writer.null_buffer();
}

void encode_event(std::string& out, event_kind kind, std::string_view path, zxid cause) {
  frame_writer frame{out};
  jute_writer writer{out};
  header(writer, event_xid, cause.value == 0 ? -1 : static_cast<std::int64_t>(cause.value),
         error_code::ok);
  writer.int32(static_cast<std::int32_t>(kind));
  writer.int32(sync_connected);
  writer.buffer(path);
}

}  // namespace troupe::zk
