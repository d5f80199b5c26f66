/// What servers tell each other while they look for a leader.
#pragma once

#include <compare>
#include <cstdint>

#include <troupe/base/ids.hpp>

namespace troupe::election {

/// A wish: who should lead, and how far that server's history goes. Votes are ordered by the claim
/// (the epoch whose history the candidate has completely), then by its last logged zxid, then by
/// its id: whoever wins a quorum has everything that a quorum can have committed.
struct vote {
  std::uint32_t epoch = 0;
  zxid last;
  server_id leader;  ///< 0: nobody; so a server that does not stand votes for its equals or better
  constexpr auto operator<=>(const vote&) const noexcept = default;
};

/// How far the sender of a notification is.
enum class stance : std::uint8_t {
  looking,  ///< for a leader: it wants to be answered
  decided,  ///< keeps to its choice, and waits for that leader's epoch
  settled,  ///< follows or leads the choice in its epoch; the rest of the vote says nothing
};

/// One message between the election components of two servers.
struct notification {
  election::stance stance = stance::looking;
  /// The sender has no identity: it does not know what it may have promised before.
  bool blank = false;
  /// The sender made its whole history alone: others can have forgotten nothing of it.
  bool founder = false;
  std::uint64_t round = 0;
  vote choice;
  /// The sender has no transaction and never claimed an epoch, whatever it may have promised.
  bool empty = false;
  bool operator==(const notification&) const = default;
};

/// What the server brings into an election.
struct candidacy {
  std::uint32_t epoch = 0;  ///< whose history it has completely (currentEpoch)
  zxid last;                ///< newest durable transaction
  bool stands = true;       ///< it may lead
  bool blank = false;       ///< no identity: it must not vote
  bool founder = false;     ///< all that was ever committed was committed by it alone

  /// It has nothing that could be lost, or that others could lack.
  [[nodiscard]] constexpr bool empty() const noexcept { return epoch == 0 && last == zxid{}; }
};

}  // namespace troupe::election
