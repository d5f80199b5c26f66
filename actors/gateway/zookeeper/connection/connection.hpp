/// One client connection, as a pure state machine: bytes and outcomes in, requests and bytes out.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <troupe/base/identity_set.hpp>

#include "actors/gateway/zookeeper/codec/replies.hpp"
#include "actors/gateway/zookeeper/connection/connection_host.hpp"
#include "actors/gateway/zookeeper/core/fifo.hpp"
#include "actors/gateway/zookeeper/core/frame_splitter.hpp"
#include "actors/gateway/zookeeper/core/outbox.hpp"

namespace troupe::zk {

class socket_stream;

/// Bounds of one connection, shared by all of a gateway.
struct connection_limits {
  std::size_t packet_bytes = 0xfffff;
  /// Over one of these five the connection is not read from, until it is below half of it.
  std::size_t outstanding_requests = 1000;
  /// How large the reply to a read is shows only when it is here. So its room cannot be counted in
  /// advance, but the number of replies that may come at once can: at most this, and no more than
  /// have room in `unsent_bytes` if they are as large as the largest of the last ones.
  std::size_t outstanding_reads = 64;
  /// Of these, reads whose replies may be as large as the tree: lists of children and the like.
  std::size_t outstanding_listings = 4;
  std::size_t outstanding_bytes = 16 << 20;
  std::size_t unsent_bytes = 4 << 20;
  /// A client that lets more than this pile up does not read its events, and is closed.
  std::size_t unsent_event_bytes = 32 << 20;
  /// What all connections of the gateway may hold together. From half of it on, each has a
  /// sixteenth of the limits above; over it, the one that holds most is closed.
  std::size_t held_bytes = 512 << 20;
  nanoseconds handshake_timeout = std::chrono::seconds{10};
  std::string super_digest;
};

/// Why the event order holds. The tree sends replies and events to this gateway in one stream, in
/// which an event stands before every reply that shows what it announces; so it is enough that this
/// connection writes in the order of that stream. Events are appended when they come. A reply is
/// too, because it never has to wait here for an earlier one:
/// - Replies from the tree come in request order. A read carries the newest unfinished write of its
///   connection and is parked behind it; a write is submitted after the reads before it were handed
///   to the tree, so those run, or are parked behind an earlier write, before it can be applied.
/// - Replies made here (auth, refusals) stand between them, and leave together with the reply
///   before. They carry no state: what needs a zxid asks the tree, by a *probe*.
/// - Of a long list of children the names come later, in pieces. Its reply stands where it came,
///   and what comes behind it waits in the outbox for the rest.
/// So nothing overtakes an event, and no event overtakes a reply. Pings alone are answered out of
/// turn, which clients allow, with a zxid whose events have all been appended before.
///
/// Protocol sections 1 to 4, 8 and 16.
class connection {
public:
  enum class phase : std::uint8_t {
    greeting,    ///< nothing of the client is known yet
    connecting,  ///< the first packet is being answered
    serving,
    reporting,  ///< a four-letter word is being answered
    closing,    ///< takes nothing more; closed when the output has left
    closed,     ///< to be dropped at once
  };

  /// `peer` is the address with port, as text; `address` without, the first identity.
  connection(std::uint64_t number, std::string peer, std::string address,
             const connection_limits& limits, connection_host& host, monotonic_time now);

  // ---------------------------------------------------------------- input
  void receive(std::string_view bytes, monotonic_time now);
  /// The client will send nothing more.
  void input_ended();
  /// Goes on with requests that back-pressure held up, if there is room again.
  void resume_input(monotonic_time now);
  /// Whether bytes should be read from the client.
  [[nodiscard]] bool wants_input() const noexcept;

  // ------------------------------------------------------------- outcomes
  void connected(session_id session, milliseconds timeout, std::string_view password,
                 monotonic_time now);
  /// The session is gone or the password is wrong: says so, and closes.
  void expired();
  void write_done(std::uint64_t sequence, zxid at, std::span<const write_result> results,
                  monotonic_time now);
  void read_done(std::uint64_t sequence, zxid at, const read_result& result, monotonic_time now);
  /// More names for the oldest reply to a read that waits for some.
  void names_arrived(name_list names);
  /// A watch event, encoded: it is the same for all who hear of it.
  void event(std::string_view frame);
  void report(std::string_view text);
  /// The session ended, or went to another connection. If this client asked for the end itself, the
  /// reply to that comes first.
  void session_gone(std::string_view why);

  // ---------------------------------------------------------------- output
  /// Bytes to send; they count as unsent until `sent` takes them away.
  [[nodiscard]] std::string_view output() const noexcept { return output_.sendable(); }
  /// The first `bytes` of the output have left.
  void sent(std::size_t bytes) noexcept { output_.sent(bytes); }
  /// Whether a turn is needed when output has left: for input that it held up.
  [[nodiscard]] bool wants_turn_after_sending() const noexcept { return paused_; }
  [[nodiscard]] bool has_output() const noexcept { return !output_.sendable().empty(); }
  /// Whether a turn is needed after input arrived.
  [[nodiscard]] bool wants_turn() const noexcept {
    return phase_ != phase::serving || paused_ || has_output();
  }
  /// Whether all output has left, and no reply waits for the rest of it.
  [[nodiscard]] bool all_sent() const noexcept { return output_.empty(); }

  // ------------------------------------------------------------------- end
  /// Closes after the output has left; `why` is for the log, `warn` if an operator should see it.
  void close(std::string_view why, bool warn = false);
  /// Closes without waiting for anything.
  void abort(std::string_view why, bool warn = false);
  /// Takes no more requests; closes when those taken are answered.
  void drain();
  /// Whether the client asked for the end, and everything that came from it before was taken. It
  /// sends nothing more.
  [[nodiscard]] bool said_goodbye() const noexcept {
    return said_goodbye_ && frames_.rest().empty();
  }
  /// Looks at the deadlines of handshake and silence.
  void tick(monotonic_time now);

  // ----------------------------------------------------------------- facts
  [[nodiscard]] phase state() const noexcept { return phase_; }
  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  [[nodiscard]] session_id session() const noexcept { return session_; }
  [[nodiscard]] milliseconds timeout() const noexcept { return timeout_; }
  /// What this server had applied when the session came to this connection.
  [[nodiscard]] zxid since() const noexcept { return since_; }
  [[nodiscard]] const identities& who() const noexcept { return identities_.current(); }
  [[nodiscard]] const std::string& address() const noexcept { return who()->front().id; }
  [[nodiscard]] const std::string& peer() const noexcept { return peer_; }
  [[nodiscard]] std::size_t outstanding() const noexcept { return slots_.size(); }
  /// Bytes held for the client: requests not answered, output not taken, the half of a packet.
  [[nodiscard]] std::size_t held() const noexcept {
    return phase_ == phase::closed ? 0
                                   : outstanding_bytes_ + output_.size() + frames_.rest().size();
  }
  [[nodiscard]] std::string_view why() const noexcept { return why_; }
  [[nodiscard]] bool warns() const noexcept { return warns_; }
  /// Calls `take` with the number of every request that is still expected from outside.
  template <class F>
  void each_outstanding(F take) {
    for (auto& one : slots_) {
      if (one.sequence != 0) take(one.sequence);
    }
  }

  struct history {
    traffic packets;
    opcode last_op{};  ///< zero before the first
    std::int64_t last_cxid = -1;
    std::int64_t last_zxid = -1;
    std::uint64_t last_latency_ms = 0;
    monotonic_time accepted;
    monotonic_time last_reply;
  };
  /// When it will be closed for its silence.
  [[nodiscard]] monotonic_time silence_deadline() const noexcept { return last_heard_ + timeout_; }
  [[nodiscard]] const history& past() const noexcept { return past_; }
  void reset_statistics() noexcept;

  // Notes of the host.
  std::size_t counted_held = 0;     ///< its part of what all connections are known to hold
  bool marked = false;              ///< it is in the list of connections with something to do
  std::uint64_t handshake = 0;      ///< request number of its first packet, while unanswered
  session_id resumes;               ///< the session that its first packet asked for, if any
  socket_stream* stream = nullptr;  ///< its bytes' way; the host's

private:
  /// What a reply needs beyond its header; few requests have it.
  struct details {
    result_types items;  ///< of a multi
    identities who;      ///< of whoAmI
  };
  /// A reply that is owed, in the order of the requests.
  struct slot {
    std::uint64_t sequence = 0;  ///< of the outcome; zero if the reply is made here
    monotonic_time received;
    std::int32_t xid = 0;
    opcode op{};
    error_code refusal = error_code::ok;  ///< decided here, whatever the outcome
    std::int32_t zxid = 0;                ///< of a reply made here
    std::uint32_t bytes = 0;
    bool probe = false;      ///< the outcome only gives the zxid
    bool closes = false;     ///< the last reply of the connection
    bool null_path = false;  ///< of a sync
    std::unique_ptr<details> more;
  };

  void give_buffers_back();
  void process(monotonic_time now);
  bool process_greeting();
  void process_request(std::string_view payload, monotonic_time now);
  void pong(monotonic_time now);
  void authenticate(slot&& reply, jute_reader& in);
  void send_to_tree(slot&& reply, operation&& asked);
  void read(slot&& reply, read_op&& op);
  void probe(slot&& reply);
  void write(slot&& reply, write_op&& op);
  void expect(slot&& reply);
  [[nodiscard]] static bool is_listing(const slot& reply) noexcept;
  slot take_slot(std::uint64_t sequence);
  void add_parts(reply_parts parts, zxid at);
  void answered(const slot& reply, std::int64_t at, monotonic_time now);
  void answer_own(monotonic_time now);
  /// Whether a limit, shifted right by `shift`, is reached.
  [[nodiscard]] bool over_limits(unsigned shift) const noexcept;

  const std::uint64_t number_;
  const connection_limits& limits_;
  connection_host& host_;
  gateway_counters& counters_;
  const std::string peer_;

  phase phase_ = phase::greeting;
  bool paused_ = false;      ///< by back-pressure
  bool takes_input_ = true;  ///< false once a request ends the conversation
  bool knows_read_only_ = false;
  bool warns_ = false;
  bool said_goodbye_ = false;

  frame_splitter frames_;
  identity_set identities_;
  session_id session_;
  milliseconds timeout_{0};
  zxid since_;
  monotonic_time last_heard_;

  fifo<slot> slots_;
  std::size_t outstanding_reads_ = 0;
  std::size_t outstanding_listings_ = 0;
  std::size_t expected_reply_bytes_;  ///< of a read, as those before it were
  std::size_t outstanding_bytes_ = 0;
  std::uint64_t newest_write_ = 0;  ///< unfinished; zero if none

  outbox output_;
  std::string_view last_words_;  ///< why the slot that closes does; a constant
  std::string why_;
  history past_;
};

}  // namespace troupe::zk
