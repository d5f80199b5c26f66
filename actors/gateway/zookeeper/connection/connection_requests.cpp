// Requests of an established connection, and the replies to them.
#include <algorithm>
#include <optional>
#include <utility>

#include <troupe/base/check.hpp>

#include "actors/gateway/zookeeper/connection/connection.hpp"

namespace troupe::zk {
namespace {

/// On the wire for requests that no server knows.
constexpr std::int32_t no_zxid = -1;

const result_types no_items;

constexpr std::string_view not_authenticated = "authentication failed";
constexpr std::string_view too_many_identities =
    "authentication failed: a connection has at most 64 identities of 16384 bytes in all";
static_assert(identity_set::most == 64 && identity_set::most_bytes == 16384, "the text says so");

bool is_empty_multi(const operation& asked) {
  if (const auto* write = std::get_if<write_op>(&asked.op)) {
    const auto* multi = std::get_if<multi_op>(write);
    return multi && multi->items.empty();
  }
  const auto* multi = std::get_if<multi_read_op>(&std::get<read_op>(asked.op));
  return multi && multi->items.empty();
}

}  // namespace

// ------------------------------------------------------------------ requests

void connection::process_request(std::string_view payload, monotonic_time now) {
  if (payload.size() < request_header_bytes) return close("a packet without a request header");
  jute_reader in{payload};
  slot reply;
  reply.xid = in.int32();
  reply.op = static_cast<opcode>(in.int32());
  reply.bytes = static_cast<std::uint32_t>(payload.size());
  reply.received = now;
  past_.last_op = reply.op;
  if (reply.xid >= 0) past_.last_cxid = reply.xid;
  if (!is_known(reply.op)) {
    reply.refusal = error_code::unimplemented;
    reply.zxid = no_zxid;
    reply.closes = true;
    last_words_ = "an unknown request type";
    expect(std::move(reply));
    return answer_own(now);
  }
  counters_.requests.add(static_cast<std::int32_t>(reply.op));
  switch (reply.op) {
  case opcode::ping:
    return pong(now);
  case opcode::auth:
    authenticate(std::move(reply), in);
    return answer_own(now);
  case opcode::sasl:
    expect(std::move(reply));
    return answer_own(now);
  case opcode::reconfig:
    reply.refusal = error_code::reconfig_disabled;
    return probe(std::move(reply));
  case opcode::who_am_i:
    reply.more = std::make_unique<details>();
    reply.more->who = identities_.current();
    return probe(std::move(reply));
  case opcode::close_session:
    reply.closes = true;
    return write(std::move(reply), close_session_op{});
  default:
    break;
  }
  if (is_path_read(reply.op)) {
    auto asked = decode_path_read(reply.op, in);
    if (in.ok()) return read(std::move(reply), std::move(asked));
    reply.refusal = error_code::marshalling_error;
    return probe(std::move(reply));
  }
  if (reply.op == opcode::sync) {
    auto copy = in;
    reply.null_path = !copy.buffer() && copy.ok();
  }
  auto asked = decode_operation(reply.op, in);
  if (!asked) {
    reply.refusal = error_code::marshalling_error;
    return probe(std::move(reply));
  }
  send_to_tree(std::move(reply), std::move(*asked));
}

void connection::pong(monotonic_time now) {
  const auto applied = static_cast<std::int64_t>(host_.applied().value);
  if (const auto at = output_.waits_for()) {
    // Events of what came since wait behind that reply.
    std::string frame;
    encode_bare(frame, {ping_xid, opcode::ping, *at}, error_code::ok);
    output_.overtake(std::move(frame));
  } else {
    encode_bare(output_.end(), {ping_xid, opcode::ping, applied}, error_code::ok);
  }
  slot reply;
  reply.received = now;
  answered(reply, applied, now);
}

void connection::authenticate(slot&& reply, jute_reader& in) {
  const auto request = decode_auth(in);
  if (!request) return close("an auth packet that does not decode");
  const auto outcome =
      identities_.authenticate(request->scheme, request->data, limits_.super_digest);
  if (outcome == identity_set::outcome::accepted) {
    host_.identities_changed(*this);
  } else {
    ++counters_.auth_failures;
    reply.refusal = error_code::auth_failed;
    reply.closes = true;
    last_words_ =
        outcome == identity_set::outcome::too_many ? too_many_identities : not_authenticated;
  }
  expect(std::move(reply));
}

void connection::send_to_tree(slot&& reply, operation&& asked) {
  // Nothing to decide, so nothing for the log: only the state is asked for.
  if (is_empty_multi(asked)) return probe(std::move(reply));
  if (!asked.items.empty()) {
    reply.more = std::make_unique<details>();
    reply.more->items = std::move(asked.items);
  }
  if (auto* op = std::get_if<write_op>(&asked.op)) return write(std::move(reply), std::move(*op));
  read(std::move(reply), std::move(std::get<read_op>(asked.op)));
}

void connection::read(slot&& reply, read_op&& op) {
  reply.sequence = host_.read(*this, newest_write_, std::move(op));
  ++outstanding_reads_;
  if (is_listing(reply)) ++outstanding_listings_;
  expect(std::move(reply));
}

void connection::write(slot&& reply, write_op&& op) {
  reply.sequence = host_.write(*this, std::move(op));
  newest_write_ = reply.sequence;
  expect(std::move(reply));
}

/// Asks the tree for nothing but the zxid that belongs to this place in the stream.
void connection::probe(slot&& reply) {
  reply.probe = true;
  read(std::move(reply), exists_op{"/", false});
}

/// Whether the reply may be as large as the tree.
bool connection::is_listing(const slot& reply) noexcept {
  if (reply.probe) return false;
  return reply.op == opcode::get_children || reply.op == opcode::get_children2 ||
         reply.op == opcode::get_ephemerals || reply.op == opcode::multi_read;
}

void connection::expect(slot&& reply) {
  if (reply.closes) takes_input_ = false;
  outstanding_bytes_ += reply.bytes;
  ++counters_.outstanding;
  slots_.push(std::move(reply));
}

// ------------------------------------------------------------------- replies

connection::slot connection::take_slot(std::uint64_t sequence) {
  TROUPE_CHECK(!slots_.empty() && slots_.front().sequence == sequence,
               "outcomes of one connection come in the order of its requests");
  auto reply = slots_.pop();
  outstanding_bytes_ -= reply.bytes;
  --counters_.outstanding;
  return reply;
}

void connection::write_done(std::uint64_t sequence, zxid at, std::span<const write_result> results,
                            monotonic_time now) {
  if (phase_ != phase::serving) return;
  const auto reply = take_slot(sequence);
  if (newest_write_ == sequence) newest_write_ = 0;
  for (const auto& one : results) {
    // The client has a newer connection elsewhere; an answer here would only confuse it.
    if (one.error == error_code::session_moved) return close("session moved to another server");
  }
  const auto wire_zxid = static_cast<std::int64_t>(at.value);
  const reply_to to{reply.xid, reply.op, wire_zxid};
  if (reply.null_path && !results.empty() && results.front().error == error_code::ok) {
    encode_null_path(output_.end(), to);
  } else {
    encode_write(output_.end(), to, reply.more ? reply.more->items : no_items, results);
  }
  answered(reply, wire_zxid, now);
  if (reply.closes) {
    said_goodbye_ = true;
    return close("session closed by the client");
  }
  answer_own(now);
}

void connection::read_done(std::uint64_t sequence, zxid at, const read_result& result,
                           monotonic_time now) {
  if (phase_ != phase::serving) return;
  const auto reply = take_slot(sequence);
  --outstanding_reads_;
  const bool listing = is_listing(reply);
  if (listing) --outstanding_listings_;
  const auto wire_zxid = static_cast<std::int64_t>(at.value);
  const reply_to to{reply.xid, reply.op, wire_zxid};
  const auto output_before = output_.size() + output_.missing();
  if (reply.refusal != error_code::ok) {
    encode_bare(output_.end(), to, reply.refusal);
  } else if (reply.op == opcode::who_am_i) {
    encode_who_am_i(output_.end(), to, reply.more->who);
  } else if (reply.probe) {
    encode_read(output_.end(), to, no_items, {});
  } else if (listing && names_to_come(result) > 0) {
    add_parts(encode_read_parts(to, reply.more ? reply.more->items : no_items, result), at);
  } else {
    encode_read(output_.end(), to, reply.more ? reply.more->items : no_items, result);
  }
  expected_reply_bytes_ =
      std::max(output_.size() + static_cast<std::size_t>(output_.missing()) - output_before,
               expected_reply_bytes_ - expected_reply_bytes_ / 8);
  answered(reply, wire_zxid, now);
  answer_own(now);
}

void connection::add_parts(reply_parts parts, zxid at) {
  std::optional<std::int64_t> begins{static_cast<std::int64_t>(at.value)};
  for (std::size_t i = 0; i < parts.gaps.size(); ++i) {
    output_.add_gap(std::move(parts.texts[i]), parts.gaps[i], begins);
    begins.reset();
  }
  output_.end().append(parts.texts.back());
}

void connection::names_arrived(name_list names) {
  // At the end of the conversation the replies before it still go out.
  if (phase_ != phase::serving && phase_ != phase::closing) return;
  output_.fill(std::move(names).take_bytes());
}

/// Lets go the replies made here that wait for nothing any more.
void connection::answer_own(monotonic_time now) {
  while (phase_ == phase::serving && !slots_.empty() && slots_.front().sequence == 0) {
    const auto reply = take_slot(0);
    const reply_to to{reply.xid, reply.op, reply.zxid};
    if (reply.op == opcode::sasl) {
      encode_no_sasl(output_.end(), to);
    } else {
      encode_bare(output_.end(), to, reply.refusal);
    }
    answered(reply, reply.zxid, now);
    if (reply.closes) close(last_words_);
  }
  if (phase_ == phase::serving && !takes_input_ && slots_.empty()) close("the server stops");
}

void connection::answered(const slot& reply, std::int64_t at, monotonic_time now) {
  const auto elapsed = now - reply.received;
  const auto elapsed_ms = whole_milliseconds(elapsed);
  past_.last_zxid = at;
  past_.last_reply = now;
  past_.last_latency_ms = elapsed_ms;
  for (auto* one : {&past_.packets, &counters_.all}) {
    ++one->packets_sent;
    one->latency.add(elapsed_ms);
  }
  counters_.latency.add(elapsed);
}

void connection::event(std::string_view frame) {
  if (phase_ != phase::serving) return;
  // A burst is not yet a client that does not read.
  if (output_.size() > limits_.unsent_event_bytes) host_.flush(*this);
  if (phase_ != phase::serving) return;
  if (output_.size() > limits_.unsent_event_bytes) {
    return abort("does not read its events: more than max_unsent_event_bytes (" +
                     std::to_string(limits_.unsent_event_bytes) + ") wait for it",
                 true);
  }
  output_.end().append(frame);
  ++past_.packets.packets_sent;
  ++counters_.all.packets_sent;
}

}  // namespace troupe::zk
