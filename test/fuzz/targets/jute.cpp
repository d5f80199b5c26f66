#include <string>

#include <troupe/base/check.hpp>

#include "test/fuzz/targets.hpp"
#include "test/fuzz/wire_requests.hpp"

namespace troupe::fuzz {
namespace {

/// What is null on the wire may come back as empty, and lengths of nothing may be written out.
constexpr std::size_t slack = 16;

void connect_requests(std::string_view input) {
  const auto request = zk::decode_connect(input);
  if (!request) return;
  const auto bytes = encode(*request);
  const auto again = zk::decode_connect(bytes);
  TROUPE_CHECK(again, "what was decoded can be encoded");
  TROUPE_CHECK(encode(*again) == bytes, "decoding loses nothing of a connect request");
  TROUPE_CHECK(bytes.size() <= input.size() + slack, "nothing is larger than its bytes");
}

void auth_packets(std::string_view input) {
  zk::jute_reader in{input};
  const auto request = zk::decode_auth(in);
  if (!request) return;
  const auto bytes = encode(*request);
  zk::jute_reader second{bytes};
  const auto again = zk::decode_auth(second);
  TROUPE_CHECK(again && second.remaining() == 0, "what was decoded can be encoded");
  TROUPE_CHECK(encode(*again) == bytes, "decoding loses nothing of an auth packet");
}

void operations(std::string_view input) {
  zk::jute_reader in{input};
  const auto op = static_cast<zk::opcode>(in.int32());
  const auto asked = zk::decode_operation(op, in);
  TROUPE_CHECK(!asked || zk::is_known(op), "only what clients may send is decoded");
  if (!asked) return;
  const auto bytes = encode(op, *asked);
  zk::jute_reader second{bytes};
  const auto again = zk::decode_operation(op, second);
  TROUPE_CHECK(again && second.remaining() == 0, "what was decoded can be encoded");
  TROUPE_CHECK(encode(op, *again) == bytes, "decoding loses nothing of an operation");
  TROUPE_CHECK(again->items == asked->items, "a multi keeps the types of its results");
  TROUPE_CHECK(bytes.size() <= input.size() + slack, "nothing is larger than its bytes");
}

}  // namespace

void jute(std::string_view input) {
  connect_requests(input);
  auth_packets(input);
  operations(input);
}

}  // namespace troupe::fuzz
