#include "actors/gateway/zookeeper/codec/replies.hpp"
#include "actors/gateway/zookeeper/codec/requests.hpp"

namespace troupe::zk {

std::optional<connect_request> decode_connect(std::string_view payload) {
  jute_reader in{payload};
  connect_request request;
  in.int32();  // protocol version: always 0, and nobody has ever looked at it
  request.last_zxid_seen = in.int64();
  request.timeout_ms = in.int32();
  request.session.value = static_cast<std::uint64_t>(in.int64());
  request.password = in.string_or_empty();
  if (!in.ok()) return std::nullopt;
  request.knows_read_only = in.remaining() > 0;
  return request;
}

namespace {

void encode_connect_response(std::string& out, std::int32_t timeout_ms, session_id session,
                             std::string_view password, bool knows_read_only) {
  frame_writer frame{out};
  jute_writer to{out};
  to.int32(0);
  to.int32(timeout_ms);
  to.int64(static_cast<std::int64_t>(session.value));
  to.buffer(password);
  // Some clients take a longer answer than they asked for as a broken one (section 2.2).
  if (knows_read_only) to.boolean(false);
}

}  // namespace

void encode_connected(std::string& out, session_id session, milliseconds timeout,
                      std::string_view password, bool knows_read_only) {
  encode_connect_response(out, static_cast<std::int32_t>(timeout.count()), session, password,
                          knows_read_only);
}

void encode_expired(std::string& out, bool knows_read_only) {
  encode_connect_response(out, 0, session_id{}, std::string(password_bytes, '\0'), knows_read_only);
}

}  // namespace troupe::zk
