#include <string>
#include <utility>
#include <vector>

#include <troupe/base/check.hpp>
#include <troupe/base/prng.hpp>

#include "actors/peer/link/connection.hpp"
#include "test/fuzz/script.hpp"
#include "test/fuzz/targets.hpp"

namespace troupe::fuzz {
namespace {

using peer::connection;

constexpr std::size_t largest_message = 300;
const peer::link_limits limits{
    largest_message, 10'000, {nanoseconds{200'000'000}, nanoseconds{1'000'000'000}}};

struct open_gate final : peer::gate {
  [[nodiscard]] bool is_used(peer::channel) const override { return true; }
  [[nodiscard]] bool is_superseded(server_id, std::uint64_t) const override { return false; }
};

peer::identity identity_of(std::uint32_t id, const std::string& secret) {
  return {server_id{id}, {server_id{1}, server_id{2}, server_id{3}}, secret, 1000 + id};
}

connection made(const peer::identity& own, const open_gate& rules, peer::side end) {
  peer::hello first;
  first.from = own.self;
  if (end == peer::side::dialed) first.to = server_id{1};
  first.has_secret = !own.secret.empty();
  first.instance = own.instance;
  first.nonce = std::string(peer::nonce_bytes, static_cast<char>(own.self.value));
  return {7, own, rules, limits, end, std::move(first), {}};
}

/// What one end makes of a stream.
struct heard {
  connection::phase phase{};
  std::string why, output;
  std::vector<blob> messages;
  bool operator==(const heard&) const = default;
};

void carry(connection& from, connection& to) {
  const std::string bytes{from.output()};
  from.sent(bytes.size());
  to.receive(bytes, {});
}

/// @param known the honest other end has greeted before the stream begins.
template <class Sizes>
heard listen(std::string_view stream, peer::side end, bool known, Sizes next_size) {
  const auto dialing = identity_of(2, "secret"), accepting = identity_of(1, "secret");
  const open_gate rules;
  auto dialer = made(dialing, rules, peer::side::dialed);
  auto acceptor = made(accepting, rules, peer::side::accepted);
  if (known) {
    for (int i = 0; i < 2; ++i) {
      carry(dialer, acceptor);
      carry(acceptor, dialer);
    }
  }
  auto& subject = end == peer::side::dialed ? dialer : acceptor;
  TROUPE_CHECK(subject.was_up() == known, "an honest greeting makes a link");
  heard result;
  while (!stream.empty()) {
    const std::string piece{stream.substr(0, next_size())};
    stream.remove_prefix(piece.size());
    subject.receive(piece, {});
    for (auto& one : subject.take_messages()) {
      TROUPE_CHECK(one.size() <= largest_message, "no message is longer than allowed");
      result.messages.push_back(std::move(one));
    }
  }
  TROUPE_CHECK(known || !subject.was_up(), "nobody gets a link without the secret");
  TROUPE_CHECK(known || result.messages.empty(), "nothing is delivered without a link");
  const bool ended = subject.where() > connection::phase::up;
  TROUPE_CHECK(ended == !subject.why().empty(), "an end has a reason");
  result.phase = subject.where();
  result.why = subject.why();
  result.output = subject.output();
  return result;
}

}  // namespace

void peer_link(std::string_view input) {
  script in{input};
  const auto mode = in.u8();
  prng chance{in.u8()};
  const auto end = (mode & 1) != 0 ? peer::side::dialed : peer::side::accepted;
  const bool known = (mode & 2) != 0;
  const auto stream = in.rest();
  const auto whole = listen(stream, end, known, [&] { return stream.size(); });
  const auto bytes = listen(stream, end, known, [] { return std::size_t{1}; });
  const auto pieces = listen(stream, end, known, [&] {
    return static_cast<std::size_t>(1 + chance.below(1 + chance.below(40)));
  });
  TROUPE_CHECK(whole == bytes && whole == pieces, "a link does not depend on how bytes arrive");
}

void peer_greeting(std::string_view input) {
  if (const auto hello = peer::decode_hello(input)) {
    TROUPE_CHECK(hello->nonce.size() == peer::nonce_bytes, "a greeting has a whole nonce");
    TROUPE_CHECK(peer::decode_hello(peer::encode(*hello)) == hello, "the encoding loses nothing");
  }
  if (const auto refusal = peer::decode_refusal(input)) {
    TROUPE_CHECK(peer::decode_refusal(peer::encode(*refusal)) == refusal,
                 "the encoding loses nothing");
  }
}

}  // namespace troupe::fuzz
