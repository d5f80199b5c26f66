/// From outcomes to the bytes of replies and events. Every function appends one complete frame.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/operation.hpp>

#include "actors/gateway/zookeeper/codec/protocol.hpp"
#include "actors/gateway/zookeeper/codec/requests.hpp"

namespace troupe::zk {

/// A ConnectResponse; `knows_read_only` says whether the request had the readOnly byte.
void encode_connected(std::string& out, session_id session, milliseconds timeout,
                      std::string_view password, bool knows_read_only);
/// The answer to a session that does not exist, or not for this password.
void encode_expired(std::string& out, bool knows_read_only);

/// Whom and what a reply answers. `zxid` as on the wire: some refusals carry -1.
struct reply_to {
  std::int32_t xid = 0;
  opcode op{};
  std::int64_t zxid = 0;
};

/// A header and nothing else: an error, or an operation whose success has no body.
void encode_bare(std::string& out, const reply_to& to, error_code error);

/// The outcome of a write. A multi answers with one result for each entry of `items`.
void encode_write(std::string& out, const reply_to& to, const result_types& items,
                  std::span<const write_result> results);
/// The reply to a sync without a path: the path comes back as it was given.
void encode_null_path(std::string& out, const reply_to& to);
void encode_read(std::string& out, const reply_to& to, const result_types& items,
                 const read_result& result);
/// How many bytes of names the reply to a read has to wait for.
std::uint64_t names_to_come(const read_result& result) noexcept;
/// One frame in parts: between two texts are as many bytes that come later as stand in `gaps`.
struct reply_parts {
  std::vector<std::string> texts;
  std::vector<std::uint64_t> gaps;  ///< one less
};
/// The reply to a read that has to wait for names.
reply_parts encode_read_parts(const reply_to& to, const result_types& items,
                              const read_result& result);
/// The identities of the connection, with the secret part of digests left out.
void encode_who_am_i(std::string& out, const reply_to& to, const identities& who);
/// SASL is not offered: an empty token, which clients take as the end of the exchange.
void encode_no_sasl(std::string& out, const reply_to& to);

/// A watch event. A zero zxid (events made up by setWatches) becomes -1 on the wire.
void encode_event(std::string& out, event_kind kind, std::string_view path, zxid cause);

}  // namespace troupe::zk
