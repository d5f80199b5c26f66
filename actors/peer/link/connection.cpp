#include "actors/peer/link/connection.hpp"

#include <utility>

namespace troupe::peer {
namespace {

/// Payloads before the link is up.
constexpr std::size_t most_greeting_bytes = 1024;
/// What has been sent of the output is dropped when it is so much, and most of it.
constexpr std::size_t least_dropped_bytes = 256 * 1024;

std::string milliseconds_of(nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<milliseconds>(time).count()) + " ms";
}

}  // namespace

connection::connection(std::uint64_t number, const identity& own, const gate& rules,
                       const link_limits& limits, side end, hello first, monotonic_time now)
    : number_(number), limits_(limits), side_(end), handshake_(own, rules, end, std::move(first)),
      frames_(most_greeting_bytes), alive_(limits.periods, now), began_(now) {
  output_ = stream_magic;
  if (side_ == side::dialed) output_ += handshake_.begin();
}

void connection::receive(std::string_view bytes, monotonic_time now) {
  counts_.bytes_in += bytes.size();
  alive_.heard(now);
  if (phase_ > phase::up) return;
  frames_.push(bytes);
  while (phase_ <= phase::up) {
    const auto next = frames_.next();
    if (next.what == frame_reader::outcome::incomplete) break;
    if (next.what == frame_reader::outcome::broken) {
      if (phase_ == phase::greeting) return fail_greeting(next.why);
      return fail("it sent " + next.why);
    }
    take_frame(next.kind, next.payload);
  }
  frames_.keep_rest();
}

void connection::take_frame(frame_kind kind, std::string_view payload) {
  if (phase_ == phase::greeting) return greet(kind, payload);
  if (kind == frame_kind::message) {
    ++counts_.messages_in;
    messages_.emplace_back(payload);
  } else if (kind != frame_kind::keep_alive) {
    fail("it sent a greeting on a link that was up");
  }
}

void connection::greet(frame_kind kind, std::string_view payload) {
  output_ += handshake_.step(kind, payload);
  switch (handshake_.where()) {
  case handshake::state::going_on:
    return;
  case handshake::state::done:
    frames_.allow(limits_.frame_bytes);
    phase_ = phase::up;
    was_up_ = true;
    return;
  case handshake::state::refused:
    refused_ = handshake_.why();
    return finish(phase::closing, refused_->why);
  }
}

void connection::input_ended() {
  if (phase_ == phase::greeting) return fail_greeting("it closed the connection while greeting");
  if (phase_ == phase::up) return fail("it closed the connection");
  phase_ = phase::closed;
}

void connection::broken(std::string_view why) {
  if (phase_ == phase::greeting) {
    fail_greeting("the connection broke while greeting: " + std::string{why});
  } else {
    fail("the connection broke: " + std::string{why});
  }
}

void connection::send(std::span<const blob> messages, monotonic_time now) {
  for (const auto& one : messages) {
    if (phase_ != phase::up) return;
    if (one.size() > limits_.frame_bytes) {
      return fail("a message of " + std::to_string(one.size()) +
                  " bytes is longer than max_frame_bytes, which is " +
                  std::to_string(limits_.frame_bytes) + "; raise it on all members");
    }
    put(frame_kind::message, one.view());
    ++counts_.messages_out;
    if (output().size() > limits_.unsent_bytes) {
      return fail("it does not take its bytes: " + std::to_string(output().size()) +
                  " wait, and max_unsent_bytes is " + std::to_string(limits_.unsent_bytes));
    }
  }
  if (!messages.empty()) alive_.said(now);
}

void connection::tick(monotonic_time now, bool listens) {
  alive_.tick(now, listens);
  if (phase_ == phase::greeting && now - began_ >= alive_.silence()) {
    return fail_greeting("the greeting took longer than " + milliseconds_of(alive_.silence()));
  }
  if (phase_ != phase::up) return;
  if (alive_.is_silent(now)) {
    return fail("nothing was heard of it for " + milliseconds_of(alive_.silence()));
  }
  if (alive_.must_speak(now)) {
    // Bytes that wait already are as good.
    if (output().empty()) put(frame_kind::keep_alive, {});
    alive_.said(now);
  }
}

void connection::close(std::string why) {
  if (phase_ <= phase::up) finish(phase::closing, std::move(why));
}

void connection::put(frame_kind kind, std::string_view payload) {
  put_frame(output_, kind, payload);
}

void connection::sent(std::size_t bytes) {
  counts_.bytes_out += bytes;
  sent_ += bytes;
  if (sent_ == output_.size()) {
    output_.clear();
    if (output_.capacity() > least_dropped_bytes) std::string{}.swap(output_);
    sent_ = 0;
  } else if (sent_ >= least_dropped_bytes && sent_ > output_.size() / 2) {
    output_.erase(0, sent_);
    sent_ = 0;
  }
}

std::vector<blob> connection::take_messages() {
  // What came before the end of a link belongs to it; nothing comes behind.
  return std::exchange(messages_, {});
}

void connection::fail(std::string why) { finish(phase::closed, std::move(why)); }

void connection::fail_greeting(std::string why) {
  refused_ = handshake::failure{why, true, false};
  finish(phase::closed, std::move(why));
}

void connection::finish(phase how, std::string why) {
  if (phase_ <= phase::up) why_ = std::move(why);
  phase_ = std::max(phase_, how);
}

}  // namespace troupe::peer
