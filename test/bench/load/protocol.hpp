/// The part of ZooKeeper's client protocol that a load needs: requests, replies, events.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "bytes.hpp"

namespace bench {

/// A failure that the user must hear about: no connection, an unexpected answer, a broken promise.
class bench_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// Opcodes on the wire.
enum class opcode : std::int32_t {
  create = 1,
  remove = 2,
  exists = 3,
  get_data = 4,
  set_data = 5,
  get_children = 8,
  sync = 9,
  ping = 11,
  multi = 14,
  add_watch = 106,
  close_session = -11,
};

/// Create flags: 0 persistent, and these.
inline constexpr std::int32_t ephemeral = 1;
inline constexpr std::int32_t persistent_sequential = 2;
inline constexpr std::int32_t ephemeral_sequential = 3;

inline constexpr std::int32_t event_xid = -1;
inline constexpr std::int32_t ping_xid = -2;
inline constexpr std::int32_t error_no_node = -101;
inline constexpr std::int32_t error_node_exists = -110;
inline constexpr std::int32_t error_not_empty = -111;

inline constexpr std::size_t stat_bytes = 68;
inline constexpr std::size_t reply_header_bytes = 16;

/// One frame of the server after the handshake. `body` is valid until the next receive.
struct reply {
  std::int32_t xid = 0;
  std::int64_t zxid = 0;
  std::int32_t error = 0;
  std::string_view body;
};

/// A watch event. `path` is valid until the next receive.
struct event {
  std::int32_t type = 0;
  std::int64_t zxid = 0;
  std::string_view path;
};

/// What the server answered to a handshake.
struct session_answer {
  std::int32_t timeout_ms = 0;
  std::int64_t session = 0;
};

/// A handshake for a new session.
void put_connect(out_bytes& out, std::int32_t timeout_ms);
/// Requests without a body: ping, close_session.
void put_bare(out_bytes& out, std::int32_t xid, opcode op);
/// exists, get_data and get_children.
void put_read(out_bytes& out, std::int32_t xid, opcode op, std::string_view path, bool watch);
void put_set_data(out_bytes& out, std::int32_t xid, std::string_view path, std::string_view data);
/// Everything is allowed to everybody.
void put_create(out_bytes& out, std::int32_t xid, std::string_view path, std::string_view data,
                std::int32_t flags);
void put_remove(out_bytes& out, std::int32_t xid, std::string_view path);
void put_sync(out_bytes& out, std::int32_t xid, std::string_view path);
/// A persistent watch.
void put_add_watch(out_bytes& out, std::int32_t xid, std::string_view path);

/// The record of a create request, as it also stands in a multi.
void put_create_record(out_bytes& out, std::string_view path, std::string_view data,
                       std::int32_t flags);
/// Header of one operation in a multi.
void put_multi_header(out_bytes& out, opcode op);
/// The end of a multi.
void put_multi_end(out_bytes& out);

/// Reads the header of a frame.
reply read_reply(std::string_view frame);
/// Reads the frame of an event (a reply with event_xid).
event read_event(const reply& frame);
session_answer read_session(std::string_view frame);
/// The data version, from the Stat at the end of a reply's body.
std::int32_t version_in_stat(std::string_view body);
/// Throws bench_error if an operation of a multi failed.
void require_multi(std::string_view body, std::size_t operations);

/// "NONODE (-101)" and the like.
std::string error_name(std::int32_t error);
std::string_view opcode_name(opcode op);

}  // namespace bench
