#include <algorithm>
#include <cstdint>
#include <string>

#include <troupe/base/check.hpp>

#include "test/fuzz/client_world.hpp"
#include "test/fuzz/script.hpp"
#include "test/fuzz/targets.hpp"
#include "test/support/wire.hpp"

namespace troupe::fuzz {
namespace {

using phase = zk::connection::phase;

/// Bits of the input's first byte.
constexpr std::uint8_t with_handshake = 0x80;  ///< a good one comes first
constexpr std::uint8_t with_lengths = 0x40;    ///< the stream says lengths in one byte
constexpr std::uint8_t ends_early = 0x20;      ///< the client closes its side at the end

std::string good_handshake() {
  return test::wire_writer{}
      .int32(0)
      .int64(0)
      .int32(4000)
      .int64(0)
      .text(std::string(16, '\0'))
      .boolean(false)
      .frame();
}

/// The stream: as it is, or with right lengths before its pieces, which are harder to guess.
std::string stream_of(script& in, std::uint8_t mode) {
  std::string stream = (mode & with_handshake) != 0 ? good_handshake() : std::string{};
  if ((mode & with_lengths) == 0) return stream.append(in.rest());
  while (!in.ended()) {
    const auto payload = in.take(in.u8());
    stream += test::wire_writer{}.raw(payload).frame();
  }
  return stream;
}

bool over(const zk::connection& client) { return client.state() >= phase::closing; }

/// Carries out at most `most` of what was asked for, and lets the client read and go on.
void turn(client_world& world, unsigned most) {
  for (unsigned i = 0; i < most && world.answer_one(); ++i) {
  }
  world.client().resume_input(world.now());
}

/// Every reply and event is a frame that is complete and says how long it is.
void check_frames(std::string_view output, std::uint64_t asked) {
  test::wire_reader in{output};
  std::uint64_t count = 0;
  while (in.left() > 0) {
    const auto payload = in.text();
    TROUPE_CHECK(payload.size() >= (count == 0 ? 36U : 16U), "every packet has its header");
    ++count;
  }
  // One answer for what was asked, and some that are made without asking: pings, events, auth.
  TROUPE_CHECK(asked == 0 || count > 0 || output.empty(), "there is nothing but packets");
}

}  // namespace

void connection(std::string_view input) {
  script in{input};
  const auto mode = in.u8();
  const auto pace = in.u8();
  const auto stream = stream_of(in, mode);
  const std::size_t piece = 1 + (mode & 0x1f) * 7;
  const unsigned answers_per_piece = pace & 0x07;
  const unsigned pieces_per_read = 1 + (pace >> 3 & 0x07);

  client_world world;
  auto& client = world.client();
  unsigned pieces = 0;
  bool is_word = false;
  for (std::size_t at = 0; at < stream.size() && !over(client); at += piece) {
    // A connection that does not want input is not read from, but what is read is always taken.
    if (!client.wants_input()) turn(world, 100);
    world.pass(milliseconds{1});
    const std::string bytes = stream.substr(at, piece);
    client.receive(bytes, world.now());
    is_word = is_word || client.state() == phase::reporting;
    turn(world, answers_per_piece);
    if (++pieces % pieces_per_read == 0) world.take_output();
  }
  if ((mode & ends_early) != 0) client.input_ended();
  while (!over(client) && (world.take_output(), client.resume_input(world.now()), true)) {
    if (!world.answer_one()) break;
  }
  world.take_output();
  if (!is_word) check_frames(world.output(), world.asked());
  if (!over(client)) world.check_end();
  world.pass(milliseconds{1'000'000});
  client.tick(world.now());
  TROUPE_CHECK(over(client), "no silence lasts for ever");
  const auto length = world.output().size();
  client.receive("more", world.now());
  TROUPE_CHECK(world.take_output().empty() && world.output().size() == length,
               "nothing is said after the end");
}

}  // namespace troupe::fuzz
