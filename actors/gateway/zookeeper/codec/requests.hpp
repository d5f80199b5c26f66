/// From the bytes of a request to the operation that it asks for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/operation.hpp>

#include "actors/gateway/zookeeper/codec/jute.hpp"
#include "actors/gateway/zookeeper/codec/protocol.hpp"

namespace troupe::zk {

/// The first packet of a connection (protocol section 2.2).
struct connect_request {
  std::int64_t last_zxid_seen = 0;
  std::int32_t timeout_ms = 0;
  session_id session;
  std::string password;          ///< as sent, of any length
  bool knows_read_only = false;  ///< the record ended with the readOnly byte
};
std::optional<connect_request> decode_connect(std::string_view payload);

struct request_header {
  std::int32_t xid = 0;
  opcode op{};
};

/// What an auth packet carries; a missing scheme or a null buffer is kept apart from an empty one.
struct auth_request {
  std::optional<std::string> scheme;
  std::optional<std::string> data;
};
std::optional<auth_request> decode_auth(jute_reader& in);

/// How each operation of a multi or multiRead is answered: the type of its result.
using result_types = std::vector<opcode>;

/// An operation for the tree, and, for the two multis, the types of its results.
struct operation {
  std::variant<write_op, read_op> op;
  result_types items;
};

/// Whether clients may send this opcode. Others are refused and end the connection (section 4.2).
bool is_known(opcode op) noexcept;

/// Whether this is one of the reads that clients mostly send: one path, and whether to watch it.
constexpr bool is_path_read(opcode op) noexcept {
  return op == opcode::get_data || op == opcode::exists || op == opcode::get_children2 ||
         op == opcode::get_children;
}
/// Decodes the body of one of these; what it gives is of use if `in` is `ok` then.
read_op decode_path_read(opcode op, jute_reader& in);

/// Decodes the body of a request that goes to the tree. Nothing if it does not decode, which is
/// answered with MARSHALLINGERROR. Bytes behind the record are ignored.
std::optional<operation> decode_operation(opcode op, jute_reader& in);

/// The record of one create request; shared with multi. An impossible mode becomes a create of the
/// empty path, because both are refused alike (BADARGUMENTS), and inside a multi the refusal must
/// take its turn among the other operations.
create_op decode_create(opcode op, jute_reader& in);
set_data_op decode_set_data(jute_reader& in);

/// The framing of multi and multiRead (section 4.7).
std::optional<operation> decode_multi(jute_reader& in);
std::optional<operation> decode_multi_read(jute_reader& in);

}  // namespace troupe::zk
