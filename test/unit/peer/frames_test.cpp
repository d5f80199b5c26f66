#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include <troupe/base/prng.hpp>

#include "actors/peer/codec/frames.hpp"
#include "actors/peer/codec/greeting.hpp"
#include "actors/peer/codec/proof.hpp"

using namespace troupe;
using peer::frame_kind;
using peer::frame_reader;

namespace {

struct taken {
  std::vector<std::pair<frame_kind, std::string>> frames;
  std::string broken;  ///< why; empty if it is not
  bool operator==(const taken&) const = default;
};

/// What comes out of a stream that arrives in pieces of these sizes.
template <class Sizes>
taken read_in_pieces(std::string_view stream, std::size_t largest, Sizes next_size) {
  frame_reader reader{largest};
  taken result;
  while (!stream.empty() && result.broken.empty()) {
    // A copy of its own, so that reading beyond a piece is found out.
    const std::string piece{stream.substr(0, next_size())};
    stream.remove_prefix(piece.size());
    reader.push(piece);
    for (auto next = reader.next(); next.what != frame_reader::outcome::incomplete;
         next = reader.next()) {
      if (next.what == frame_reader::outcome::broken) {
        result.broken = next.why;
        break;
      }
      result.frames.emplace_back(next.kind, next.payload);
    }
    reader.keep_rest();
  }
  return result;
}

std::string random_stream(prng& random, taken& expected) {
  std::string stream{peer::stream_magic};
  const auto frames = random.below(12);
  for (std::uint64_t i = 0; i < frames; ++i) {
    const auto kind = static_cast<frame_kind>(1 + random.below(6));
    std::string payload(random.below(random.chance(1, 4) ? 300 : 20), '\0');
    for (auto& c : payload)
      c = static_cast<char>(random());
    peer::put_frame(stream, kind, payload);
    expected.frames.emplace_back(kind, payload);
  }
  return stream;
}

}  // namespace

TEST_CASE("peer frames: the same come out however the bytes arrive") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    prng random{seed};
    taken expected;
    const auto stream = random_stream(random, expected);
    CHECK(read_in_pieces(stream, 300, [&] { return stream.size(); }) == expected);
    CHECK(read_in_pieces(stream, 300, [] { return std::size_t{1}; }) == expected);
    CHECK(read_in_pieces(stream, 300, [&] {
            return static_cast<std::size_t>(1 + random.below(1 + random.below(40)));
          }) == expected);
  }
}

TEST_CASE("peer frames: an altered header or magic breaks the stream, and garbage does at once") {
  std::string good{peer::stream_magic};
  peer::put_frame(good, frame_kind::message, "hello");
  const auto all_at_once = [&] { return std::size_t{1000}; };
  REQUIRE(read_in_pieces(good, 100, all_at_once).frames.size() == 1);
  for (std::size_t at = 0; at < peer::stream_magic.size(); ++at) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x20);
    CHECK(read_in_pieces(bad.substr(0, at + 1), 100, all_at_once).broken != "");
  }
  for (const std::size_t at : {12, 13, 14, 15}) {
    auto bad = good;
    bad[at] = static_cast<char>(bad[at] ^ 0x40);
    CHECK(read_in_pieces(bad, 100, all_at_once).broken != "");
  }
  CHECK(read_in_pieces("GET / HTTP/1.1", 100, all_at_once).broken ==
        "it does not speak the servers' protocol");
}

TEST_CASE("peer frames: one that is too long is refused by its header, before its bytes come") {
  std::string stream{peer::stream_magic};
  peer::put_frame(stream, frame_kind::message, std::string(101, 'x'));
  const auto header = stream.substr(0, peer::stream_magic.size() + peer::frame_header_bytes);
  CHECK(read_in_pieces(header, 100, [] { return std::size_t{3}; }).broken ==
        "a frame of 101 bytes, where 100 are allowed");
  CHECK(read_in_pieces(header, 101, [] { return std::size_t{3}; }).broken == "");
}

TEST_CASE("peer greetings: what is encoded is decoded, and nothing else") {
  peer::hello hello{1,
                    3,
                    server_id{3},
                    server_id{1},
                    peer::channel::broadcast,
                    true,
                    77,
                    std::string(peer::nonce_bytes, 'n')};
  const auto bytes = peer::encode(hello);
  CHECK(peer::decode_hello(bytes) == hello);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    CHECK_FALSE(peer::decode_hello(std::string_view{bytes}.substr(0, size)));
  hello.nonce.pop_back();
  CHECK_FALSE(peer::decode_hello(peer::encode(hello)));
  const peer::refusal refusal{peer::refusal_reason::version, 1, 2, server_id{9}};
  CHECK(peer::decode_refusal(peer::encode(refusal)) == refusal);
  const peer::refusal unknown{static_cast<peer::refusal_reason>(peer::refusal_reasons), 1, 1, {}};
  CHECK_FALSE(peer::decode_refusal(peer::encode(unknown)));
}

TEST_CASE("peer greetings: any bytes are decoded or refused") {
  const auto good =
      peer::encode(peer::hello{1, 1, server_id{3}, server_id{1}, peer::channel::election, false, 1,
                               std::string(peer::nonce_bytes, 'n')});
  prng random{5};
  for (int i = 0; i < 5000; ++i) {
    auto bytes = good;
    for (auto n = random.below(4); n > 0; --n)
      bytes[random.below(bytes.size())] = static_cast<char>(random());
    const auto hello = peer::decode_hello(bytes);
    CHECK((!hello || hello->nonce.size() == peer::nonce_bytes));
  }
}

TEST_CASE("peer proofs: they hold for one secret, one end and one pair of greetings") {
  const auto proof = peer::proof_of("secret", peer::side::dialed, "a", "b");
  CHECK(proof.size() == peer::proof_bytes);
  CHECK(peer::same_proof(proof, peer::proof_of("secret", peer::side::dialed, "a", "b")));
  CHECK_FALSE(peer::same_proof(proof, peer::proof_of("other", peer::side::dialed, "a", "b")));
  CHECK_FALSE(peer::same_proof(proof, peer::proof_of("", peer::side::dialed, "a", "b")));
  CHECK_FALSE(peer::same_proof(proof, peer::proof_of("secret", peer::side::accepted, "a", "b")));
  CHECK_FALSE(peer::same_proof(proof, peer::proof_of("secret", peer::side::dialed, "ab", "")));
  CHECK_FALSE(peer::same_proof(proof, peer::proof_of("secret", peer::side::dialed, "a", "c")));
  CHECK_FALSE(peer::same_proof(proof, ""));
}
