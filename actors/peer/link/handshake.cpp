#include "actors/peer/link/handshake.hpp"

#include <algorithm>
#include <utility>

namespace troupe::peer {
namespace {

std::string text_of(server_id id) { return std::to_string(id.value); }

std::string versions(std::uint16_t least, std::uint16_t newest) {
  if (least == newest) return "version " + std::to_string(least);
  return "versions " + std::to_string(least) + " to " + std::to_string(newest);
}

std::string text_of(const std::set<server_id>& members) {
  std::string text;
  for (const auto one : members)
    text += (text.empty() ? "" : ", ") + text_of(one);
  return text;
}

std::string frame_of(frame_kind kind, std::string_view payload) {
  std::string frame;
  put_frame(frame, kind, payload);
  return frame;
}

/// What a refusal by the other end means for whoever reads this server's log.
std::string told(const refusal& what, const identity& own) {
  const auto self = text_of(own.self);
  switch (what.reason) {
  case refusal_reason::version:
    return "it speaks " + versions(what.least_version, what.newest_version) +
           " of the servers' protocol, this server " + versions(least_version, newest_version);
  case refusal_reason::wrong_server:
    return "it is server " + text_of(what.server) + ", which was not meant";
  case refusal_reason::not_a_member:
    return "it does not know server " + self + " as a member; its members differ from " +
           text_of(own.members);
  case refusal_reason::same_id:
    return "another server has the id " + self + " of this one, or the other end has it";
  case refusal_reason::wrong_secret:
    return "its secret differs from this server's";
  case refusal_reason::secret_missing:
    return own.secret.empty() ? "it has a secret, this server has none"
                              : "it has no secret, this server has one";
  case refusal_reason::not_ready:
    return "it is not ready yet";
  }
  return {};
}

}  // namespace

handshake::handshake(const identity& own, const gate& rules, side end, hello first)
    : identity_(own), gate_(rules), side_(end), own_(std::move(first)) {}

server_id handshake::server() const noexcept {
  return side_ == side::dialed ? own_.to : other_.from;
}

std::string handshake::begin() {
  dialers_hello_ = encode(own_);
  return frame_of(frame_kind::hello, dialers_hello_);
}

std::string handshake::step(frame_kind kind, std::string_view payload) {
  if (state_ != state::going_on) return {};
  if (kind == frame_kind::hello && expects_ == expects::hello) return on_hello(payload);
  if (kind == frame_kind::proof && expects_ == expects::proof) return on_proof(payload);
  if (kind == frame_kind::welcome && expects_ == expects::welcome) {
    on_welcome(payload);
  } else if (kind == frame_kind::refusal) {
    on_refusal(payload);
  } else {
    malformed("a frame came that has no place in the greeting");
  }
  return {};
}

std::string handshake::on_hello(std::string_view payload) {
  const auto greeting = decode_hello(payload);
  if (!greeting) {
    malformed("the greeting cannot be understood");
    return {};
  }
  other_ = *greeting;
  if (side_ == side::accepted) own_.channel = other_.channel;
  if (auto found = objection_to(other_)) return refuse(found->reason, std::move(found->why));
  if (side_ == side::dialed) {
    acceptors_hello_ = payload;
    expects_ = expects::welcome;
    return frame_of(frame_kind::proof, own_proof(side::dialed));
  }
  own_.to = other_.from;
  dialers_hello_ = payload;
  acceptors_hello_ = encode(own_);
  expects_ = expects::proof;
  return frame_of(frame_kind::hello, acceptors_hello_);
}

std::string handshake::on_proof(std::string_view payload) {
  if (!same_proof(payload, own_proof(side::dialed))) {
    return refuse(refusal_reason::wrong_secret, "its secret differs from this server's");
  }
  if (auto found = last_objection()) return refuse(found->reason, std::move(found->why));
  state_ = state::done;
  return frame_of(frame_kind::welcome, own_proof(side::accepted));
}

void handshake::on_welcome(std::string_view payload) {
  // Nobody who could be told why is there if the proof does not hold.
  if (!same_proof(payload, own_proof(side::accepted))) {
    refuse(refusal_reason::wrong_secret, "its secret differs from this server's");
  } else if (auto found = last_objection()) {
    refuse(found->reason, std::move(found->why));
  } else {
    state_ = state::done;
  }
}

void handshake::on_refusal(std::string_view payload) {
  const auto what = decode_refusal(payload);
  if (!what) return malformed("the refusal cannot be understood");
  state_ = state::refused;
  failure_ = {told(*what, identity_), what->reason != refusal_reason::not_ready, true};
}

std::string handshake::own_proof(side who) const {
  return proof_of(identity_.secret, who, dialers_hello_, acceptors_hello_);
}

std::optional<handshake::objection> handshake::objection_to(const hello& greeting) const {
  using reason = refusal_reason;
  const bool common = greeting.least_version <= greeting.newest_version &&
                      greeting.least_version <= own_.newest_version &&
                      greeting.newest_version >= own_.least_version;
  if (!common) {
    return objection{reason::version,
                     "it speaks " + versions(greeting.least_version, greeting.newest_version) +
                         " of the servers' protocol, this server " +
                         versions(own_.least_version, own_.newest_version)};
  }
  const auto self = identity_.self;
  if (greeting.from == self) {
    return objection{reason::same_id, "it has the id " + text_of(self) + ", as this server has"};
  }
  if (side_ == side::dialed && greeting.from != own_.to) {
    return objection{reason::wrong_server,
                     "it is server " + text_of(greeting.from) + ", not server " + text_of(own_.to)};
  }
  if (greeting.to != self) {
    return objection{reason::wrong_server, "it means to reach server " + text_of(greeting.to) +
                                               ", this is server " + text_of(self)};
  }
  if (!identity_.members.contains(greeting.from)) {
    return objection{reason::not_a_member, "it is server " + text_of(greeting.from) +
                                               ", and the members are " +
                                               text_of(identity_.members)};
  }
  // The larger id dials; so the two of a pair never dial each other at once.
  const bool may_dial = side_ == side::dialed || greeting.from > self;
  if (!may_dial || greeting.channel != own_.channel) {
    return objection{reason::wrong_server, "it greets as no server " + text_of(greeting.from) +
                                               " does that this server expects"};
  }
  const bool has_secret = !identity_.secret.empty();
  if (greeting.has_secret != has_secret) {
    return objection{reason::secret_missing, has_secret ? "it has no secret, this server has one"
                                                        : "it has a secret, this server has none"};
  }
  if (!gate_.is_used(greeting.channel)) {
    return objection{reason::not_ready, "the channel is not in use here yet"};
  }
  return std::nullopt;
}

std::optional<handshake::objection> handshake::last_objection() const {
  if (!gate_.is_superseded(other_.from, other_.instance)) return std::nullopt;
  return objection{refusal_reason::same_id,
                   "two servers have the id " + text_of(other_.from) +
                       ": this process of it was followed by another one, and is still there"};
}

std::string handshake::refuse(refusal_reason reason, std::string why) {
  state_ = state::refused;
  failure_ = {std::move(why), reason != refusal_reason::not_ready, false};
  return frame_of(frame_kind::refusal,
                  encode(refusal{reason, own_.least_version, own_.newest_version, identity_.self}));
}

void handshake::malformed(std::string why) {
  state_ = state::refused;
  failure_ = {std::move(why), true, false};
}

}  // namespace troupe::peer
