/// Numbers of ZooKeeper's client protocol.
#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::zk {

/// Request types (protocol section 4.1). Only those that a client may send are named.
enum class opcode : std::int32_t {
  create = 1,
  remove = 2,
  exists = 3,
  get_data = 4,
  set_data = 5,
  get_acl = 6,
  set_acl = 7,
  get_children = 8,
  sync = 9,
  ping = 11,
  get_children2 = 12,
  check = 13,  ///< only inside a multi
  multi = 14,
  create2 = 15,
  reconfig = 16,
  check_watches = 17,
  remove_watches = 18,
  create_container = 19,
  create_ttl = 21,
  multi_read = 22,
  auth = 100,
  set_watches = 101,
  sasl = 102,
  get_ephemerals = 103,
  get_all_children_number = 104,
  set_watches2 = 105,
  add_watch = 106,
  who_am_i = 107,
  close_session = -11,
};

/// Type of an error result inside a multi, and of the header that ends a multi.
inline constexpr std::int32_t multi_error = -1;
/// Header of a frame that no request asked for: a watch event.
inline constexpr std::int32_t event_xid = -1;
inline constexpr std::int32_t ping_xid = -2;

/// Bytes of a request's header, without which nothing can be answered.
inline constexpr std::size_t request_header_bytes = 8;
/// Bytes of a session password on the wire.
inline constexpr std::size_t password_bytes = 16;

/// The name in the `lop` field of the four-letter word `cons`; "NA" for other numbers.
std::string_view operation_tag(opcode op) noexcept;

}  // namespace troupe::zk
