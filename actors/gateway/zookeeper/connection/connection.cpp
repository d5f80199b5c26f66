#include "actors/gateway/zookeeper/connection/connection.hpp"

#include <algorithm>
#include <utility>

#include "actors/gateway/zookeeper/words/four_letter_word.hpp"

namespace troupe::zk {
namespace {

/// The first packet is small. Before it nothing is known of the client, so nothing is kept for it.
constexpr std::int32_t largest_first_packet = 4096;
/// Reads that may be under way while nobody knows how large the replies are.
constexpr std::size_t reads_at_first = 8;
/// A connection has this power of two as the part of its limits while all together hold too much.
constexpr unsigned shift_under_pressure = 4;
/// A client that is silent for so long does not need its buffers.
constexpr auto idle_time = std::chrono::seconds{1};

}  // namespace

connection::connection(std::uint64_t number, std::string peer, std::string address,
                       const connection_limits& limits, connection_host& host, monotonic_time now)
    : number_(number), limits_(limits), host_(host), counters_(host.counters()),
      peer_(std::move(peer)), frames_(limits.packet_bytes), identities_(std::move(address)),
      last_heard_(now), expected_reply_bytes_(limits.unsent_bytes / reads_at_first) {
  past_.accepted = now;
  past_.last_reply = now;
}

// --------------------------------------------------------------------- input

void connection::receive(std::string_view bytes, monotonic_time now) {
  counters_.bytes_received += bytes.size();
  last_heard_ = now;
  if (!takes_input_) return;  // drained, so that the last answer is not lost to a reset
  frames_.push(bytes);
  process(now);
  frames_.keep_rest();
}

void connection::resume_input(monotonic_time now) {
  if (paused_ && host_.takes_requests() && !over_limits(1)) paused_ = false;
  if (phase_ != phase::serving || paused_ || !takes_input_ || frames_.rest().empty()) return;
  process(now);
  frames_.keep_rest();
}

bool connection::wants_input() const noexcept {
  if (phase_ == phase::closing) return true;
  return takes_input_ && !paused_ && (phase_ == phase::greeting || phase_ == phase::serving);
}

bool connection::over_limits(unsigned shift) const noexcept {
  if (counters_.held_bytes > limits_.held_bytes / 2) shift += shift_under_pressure;
  // However small the share, one may always be under way, or nobody would ever go on.
  const auto reached = [shift](std::size_t value, std::size_t limit) {
    return value >= std::max<std::size_t>(limit >> shift, 1);
  };
  return reached(slots_.size(), limits_.outstanding_requests) ||
         reached(outstanding_reads_, limits_.outstanding_reads) ||
         reached(outstanding_reads_ * expected_reply_bytes_, limits_.unsent_bytes) ||
         reached(outstanding_listings_, limits_.outstanding_listings) ||
         reached(outstanding_bytes_, limits_.outstanding_bytes) ||
         reached(output_.size() + output_.missing(), limits_.unsent_bytes);
}

void connection::process(monotonic_time now) {
  while (takes_input_ && (phase_ == phase::greeting || phase_ == phase::serving)) {
    if (phase_ == phase::serving && (over_limits(0) || !host_.takes_requests())) {
      paused_ = true;
      return;
    }
    if (phase_ == phase::greeting && process_greeting()) return;
    const auto next = frames_.next();
    if (next.what == frame_splitter::outcome::bad_length) {
      close("a packet of " + std::to_string(next.length) + " bytes; max_packet_bytes is " +
                std::to_string(limits_.packet_bytes),
            true);
      return;
    }
    if (phase_ == phase::greeting && next.length > largest_first_packet) {
      close("a first packet of " + std::to_string(next.length) + " bytes; at most " +
                std::to_string(largest_first_packet) + " are taken before there is a session",
            true);
      return;
    }
    if (next.what == frame_splitter::outcome::incomplete) return;
    ++past_.packets.packets_received;
    ++counters_.all.packets_received;
    if (phase_ == phase::serving) {
      process_request(next.payload, now);
      continue;
    }
    auto request = decode_connect(next.payload);
    if (!request) return close("the first packet is no connect request");
    phase_ = phase::connecting;
    knows_read_only_ = request->knows_read_only;
    host_.connect(*this, std::move(*request));
  }
}

/// Takes a four-letter word if there is one. True if there is nothing more to do for now.
bool connection::process_greeting() {
  const auto bytes = frames_.rest();
  const auto word = find_word(bytes);
  if (!word) return false;
  const auto argument = bytes.substr(4);
  if (*word == "stmk" && argument.size() < trace_mask_bytes) return true;
  phase_ = phase::reporting;
  takes_input_ = false;
  ++past_.packets.packets_received;
  ++counters_.all.packets_received;
  host_.command(*this, *word, argument.substr(0, trace_mask_bytes));
  return true;
}

void connection::input_ended() {
  switch (phase_) {
  case phase::greeting:
  case phase::connecting:
    return abort("closed by the client before a session");
  case phase::serving:
    // The reply that ends the conversation still goes out: the client may only have half-closed.
    if (takes_input_ || slots_.empty()) abort("closed by the client");
    return;
  case phase::reporting:
  case phase::closing:
  case phase::closed:
    return;
  }
}

// ------------------------------------------------------------------ handshake

void connection::connected(session_id session, milliseconds timeout, std::string_view password,
                           monotonic_time now) {
  if (phase_ != phase::connecting) return;
  phase_ = phase::serving;
  session_ = session;
  timeout_ = timeout;
  // Zero would mean that it is not known.
  since_ = std::max(host_.applied(), zxid{1});
  last_heard_ = now;
  past_.last_reply = now;
  encode_connected(output_.end(), session, timeout, password, knows_read_only_);
  ++past_.packets.packets_sent;
  ++counters_.all.packets_sent;
  process(now);
  frames_.keep_rest();
}

void connection::expired() {
  if (phase_ != phase::connecting) return;
  encode_expired(output_.end(), knows_read_only_);
  close("session expired or password wrong");
}

void connection::report(std::string_view text) {
  if (phase_ != phase::reporting) return;
  output_.end().append(text);
  close("four-letter word answered");
}

// ----------------------------------------------------------------------- end

void connection::session_gone(std::string_view why) {
  const bool own_wish = phase_ == phase::serving && !takes_input_ && !slots_.empty();
  if (!own_wish) close(why);
}

void connection::close(std::string_view why, bool warn) {
  if (phase_ == phase::closing || phase_ == phase::closed) return;
  phase_ = phase::closing;
  takes_input_ = false;
  why_ = why;
  warns_ = warn;
}

void connection::abort(std::string_view why, bool warn) {
  if (phase_ == phase::closed) return;
  close(why, warn);
  phase_ = phase::closed;
}

void connection::drain() {
  takes_input_ = false;
  if (slots_.empty() && phase_ != phase::reporting) close("the server stops");
}

void connection::tick(monotonic_time now) {
  switch (phase_) {
  case phase::greeting:
  case phase::connecting:
  case phase::reporting:
    if (now - past_.accepted > limits_.handshake_timeout) {
      ++counters_.handshake_timeouts;
      abort("no session within handshake_timeout (" +
                std::to_string(limits_.handshake_timeout / milliseconds{1}) + " ms)",
            true);
    }
    return;
  case phase::serving:
    // While back-pressure holds the client up, its silence is ours.
    if (wants_input() && now - last_heard_ > timeout_) {
      close("silent for its session timeout");
    }
    if (now - last_heard_ > idle_time) give_buffers_back();
    return;
  case phase::closing:
  case phase::closed:
    return;
  }
}

void connection::give_buffers_back() {
  output_.release();
  slots_.release();
}

void connection::reset_statistics() noexcept {
  past_.packets = {};
  past_.last_op = {};
  past_.last_cxid = -1;
  past_.last_zxid = -1;
  past_.last_latency_ms = 0;
}

}  // namespace troupe::zk
