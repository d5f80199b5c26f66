/// Role `election`, version 1: who should lead. The answer is a hint: that there is one leader per
/// epoch, and that it has everything committed, is ensured by the broadcast's own first phase.
#pragma once

#include <cstdint>

#include <troupe/base/ids.hpp>
#include <troupe/roles/handle.hpp>

namespace troupe::role::election {

/// The answer to `look`: `leader` should lead, this server or another one, which could be reached
/// when it was elected. Until `settled` it may come again and then replaces the former one: if that
/// leader is heard to look again, or to prefer another. One that crosses with `settled` is left;
/// one that crosses with `look` is replaced soon. There is no answer while no quorum can be
/// reached.
struct elected {
  server_id leader;
  std::uint64_t round = 0;  ///< of the election; for people
};
using client = handle<elected>;

/// Once, before everything else.
struct attach {
  election::client client;
};

/// This server has no leader, or no longer: begin an election. Again after every `elected` that led
/// nowhere within the broadcast's own time, and when what it says has changed.
struct look {
  /// The epoch whose history this server has completely: what is on disk, never what was promised.
  std::uint32_t current_epoch = 0;
  /// The newest transaction that is durable here, committed or not.
  zxid last;
  /// False: this server votes for others, but must not lead, for example because its disk is
  /// unhealthy, its log is damaged, or a plugin is missing that its configuration requires. It
  /// votes only for those who have at least what it has.
  bool eligible = true;
  /// False: its directory holds no identity, so that nobody knows what it promised before; it has
  /// no vote until a leader has synchronised it. If all members, with identity or without, have
  /// nothing (epoch 0 and no transaction), they vote all the same: that is the first start. And
  /// they may vote for a founder.
  bool votes = true;
  /// True: all that was ever committed was committed by this server alone, which is so until an
  /// ensemble has been led for the first time. Members without identity may vote for it, because
  /// they can have forgotten nothing: so a single server grows into an ensemble.
  bool founder = false;
};

/// This server follows or leads now, in this epoch. Those who look are told, until the next `look`.
struct settled {
  server_id leader;
  std::uint32_t epoch = 0;
};

inline constexpr const char* name = "election";
inline constexpr int version = 1;

/// A component with role election.
using actor = handle<attach, look, settled>;

}  // namespace troupe::role::election

TROUPE_MESSAGE(troupe::role::election::elected)
TROUPE_MESSAGE(troupe::role::election::attach)
TROUPE_MESSAGE(troupe::role::election::look)
TROUPE_MESSAGE(troupe::role::election::settled)
