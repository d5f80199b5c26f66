/// The client protocol: frames, requests, replies, events.

#include <stdexcept>

#include "actors/gateway/zookeeper/codec/jute.hpp"
#include "actors/gateway/zookeeper/codec/replies.hpp"
#include "actors/gateway/zookeeper/codec/requests.hpp"
#include "actors/gateway/zookeeper/core/frame_splitter.hpp"
#include "harness.hpp"
#include "test/support/wire.hpp"

namespace micro {

namespace {

using namespace troupe;
using test::wire_writer;

std::string request(std::int32_t op, const std::string& record) {
  return wire_writer{}.int32(1).int32(op).raw(record).bytes();
}

std::string read_request(std::int32_t op) {
  return request(op, wire_writer{}.text("/bench/k00000017").boolean(false).bytes());
}

std::string set_request() {
  return request(
      5, wire_writer{}.text("/bench/k00000017").text(std::string(128, 'v')).int32(-1).bytes());
}

std::string create_request() {
  return request(1, wire_writer{}
                        .text("/bench/k00000017")
                        .text(std::string(128, 'v'))
                        .open_acl()
                        .int32(0)
                        .bytes());
}

piece decode(const std::string& name, const std::string& bytes) {
  return {name, [bytes](std::uint64_t n) {
            for (std::uint64_t i = 0; i < n; ++i) {
              zk::jute_reader in{bytes};
              in.int32();
              const auto op = static_cast<zk::opcode>(in.int32());
              const auto decoded = zk::decode_operation(op, in);
              if (!decoded) {
                throw std::runtime_error{"a sound request does not decode"};
              }
              keep(*decoded);
            }
          }};
}

void split_frames(std::uint64_t n) {
  constexpr int frames = 16;
  std::string bytes;
  for (int i = 0; i < frames; ++i) {
    bytes += wire_writer{}.text(read_request(4)).bytes();
  }
  zk::frame_splitter splitter{1 << 20};
  for (std::uint64_t i = 0; i < n; i += frames) {
    splitter.push(bytes);
    for (auto next = splitter.next(); next.what == zk::frame_splitter::outcome::frame;
         next = splitter.next()) {
      keep(next);
    }
    splitter.keep_rest();
  }
}

void encode_get_data_reply(std::uint64_t n) {
  read_result result;
  result.data = blob{std::string(128, 'v')};
  std::string out;
  for (std::uint64_t i = 0; i < n; ++i) {
    out.clear();
    zk::encode_read(out, {1, zk::opcode::get_data, 17}, {}, result);
    keep(out);
  }
}

void encode_set_data_reply(std::uint64_t n) {
  const std::vector<write_result> results(1);
  std::string out;
  for (std::uint64_t i = 0; i < n; ++i) {
    out.clear();
    zk::encode_write(out, {1, zk::opcode::set_data, 17}, {}, results);
    keep(out);
  }
}

void encode_one_event(std::uint64_t n) {
  std::string out;
  for (std::uint64_t i = 0; i < n; ++i) {
    out.clear();
    zk::encode_event(out, event_kind::node_data_changed, "/bench/k00000017", zxid::of(1, 17));
    keep(out);
  }
}

}  // namespace

std::vector<piece> wire_pieces() {
  return {{"wire: split a frame (16 at a time)", split_frames},
          decode("wire: decode getData", read_request(4)),
          decode("wire: decode exists", read_request(3)),
          decode("wire: decode setData, 128 bytes", set_request()),
          decode("wire: decode create, 128 bytes", create_request()),
          {"wire: encode a getData reply, 128 bytes", encode_get_data_reply},
          {"wire: encode a setData reply", encode_set_data_reply},
          {"wire: encode an event", encode_one_event}};
}

}  // namespace micro
