/// Role `peer`, version 1: links to the other servers, by id. A link is one connection of one
/// channel with one server, authenticated at both ends.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/blob.hpp>
#include <troupe/base/ids.hpp>
#include <troupe/base/quorum.hpp>
#include <troupe/roles/handle.hpp>

namespace troupe::role::peer {

/// What a link is for. Each has connections of its own, so that a large transfer on one never
/// delays the other.
enum class channel : std::uint8_t { election, broadcast };
inline constexpr std::size_t channels = 2;

/// Who the servers are. Told on `attach`, before everything else; it never changes.
struct membership {
  server_id self;
  quorum_system voters;
  std::vector<server_id> observers;
  /// Where the servers expect each other, by id, this one included. For people.
  std::vector<std::pair<server_id, std::string>> addresses = {};
};

/// There is a link. `link` is a number that is never used again on this server; the other end has
/// another one. A server has at most one link of a channel: `link_down` of the last comes before.
struct link_up {
  server_id peer;
  std::uint64_t link = 0;
};

/// Nothing of that link is delivered after this. What was sent and not seen to be answered may have
/// arrived or not. `reason` is for people.
struct link_down {
  server_id peer;
  std::uint64_t link = 0;
  std::string reason;
};

/// Messages in the order sent, each exactly once, from the first one after the link came up.
struct received {
  server_id from;
  std::uint64_t link = 0;
  std::vector<blob> messages;
  /// Back-pressure: while a copy of it is held, these messages count as not taken, and a link with
  /// too many bytes of such messages is not read. Whoever ignores it has taken them when the
  /// message is destroyed.
  std::shared_ptr<const void> untaken = {};
};

using client = handle<membership, link_up, link_down, received>;

/// One client per channel. Links of the channel exist only while it has a client; a new one gets
/// links of its own, because it knows nothing of what came before.
struct attach {
  peer::channel channel = peer::channel::election;
  peer::client client;
};

/// Dropped if the link is not that one any more. All that is sent in one turn of the loop leaves
/// together. Each message is at most as long as the component's `max_frame_bytes`; a longer one,
/// and more unsent bytes than its `max_unsent_bytes`, end the link.
struct send {
  peer::channel channel = peer::channel::election;
  server_id to;
  std::uint64_t link = 0;
  std::vector<blob> messages;
};

inline constexpr const char* name = "peer";
inline constexpr int version = 1;

/// A component with role peer.
using actor = handle<attach, send>;

}  // namespace troupe::role::peer

TROUPE_MESSAGE(troupe::role::peer::membership)
TROUPE_MESSAGE(troupe::role::peer::link_up)
TROUPE_MESSAGE(troupe::role::peer::link_down)
TROUPE_MESSAGE(troupe::role::peer::received)
TROUPE_MESSAGE(troupe::role::peer::attach)
TROUPE_MESSAGE(troupe::role::peer::send)
