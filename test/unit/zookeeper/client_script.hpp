/// A client at the other end of a connection, for tests: writes requests, takes frames apart.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/gateway/zookeeper/codec/jute.hpp"
#include "actors/gateway/zookeeper/codec/protocol.hpp"

namespace troupe::zk::test {

inline std::string framed(std::string_view payload) {
  std::string bytes;
  jute_writer{bytes}.buffer(payload);
  return bytes;
}

inline std::string request(std::int32_t xid, opcode op, std::string_view body = {}) {
  std::string payload;
  jute_writer out{payload};
  out.int32(xid);
  out.int32(static_cast<std::int32_t>(op));
  payload.append(body);
  return framed(payload);
}

inline std::string path_body(std::string_view path) {
  std::string body;
  jute_writer{body}.buffer(path);
  return body;
}

inline std::string read_request(std::int32_t xid, opcode op, std::string_view path,
                                bool watch = false) {
  return request(xid, op, path_body(path) + (watch ? '\1' : '\0'));
}

inline std::string set_data_request(std::int32_t xid, std::string_view path,
                                    std::string_view data = "x") {
  std::string body = path_body(path);
  jute_writer out{body};
  out.buffer(data);
  out.int32(-1);
  return request(xid, opcode::set_data, body);
}

inline std::string auth_request_bytes(std::int32_t xid, std::string_view scheme,
                                      std::string_view data) {
  std::string body;
  jute_writer out{body};
  out.int32(0);
  out.buffer(scheme);
  out.buffer(data);
  return request(xid, opcode::auth, body);
}

inline std::string connect_bytes(std::uint64_t session = 0, std::int64_t last_zxid = 0,
                                 std::int32_t timeout_ms = 10'000, bool read_only_byte = true) {
  std::string payload;
  jute_writer out{payload};
  out.int32(0);
  out.int64(last_zxid);
  out.int32(timeout_ms);
  out.int64(static_cast<std::int64_t>(session));
  out.buffer(std::string(password_bytes, 'p'));
  if (read_only_byte) out.boolean(false);
  return framed(payload);
}

/// Cuts a stream of bytes into the payloads of its frames.
inline std::vector<std::string> frames_of(std::string_view bytes) {
  std::vector<std::string> result;
  jute_reader in{bytes};
  while (in.remaining() > 0 && in.ok())
    result.push_back(in.string());
  return result;
}

struct header {
  std::int32_t xid = 0;
  std::int64_t zxid = 0;
  std::int32_t error = 0;
  bool operator==(const header&) const = default;
};

inline header header_of(std::string_view payload) {
  jute_reader in{payload};
  header result;
  result.xid = in.int32();
  result.zxid = in.int64();
  result.error = in.int32();
  return result;
}

/// The xids of all replies in a stream, in order.
inline std::vector<std::int32_t> xids_of(std::string_view bytes) {
  std::vector<std::int32_t> result;
  for (const auto& payload : frames_of(bytes))
    result.push_back(header_of(payload).xid);
  return result;
}

}  // namespace troupe::zk::test
