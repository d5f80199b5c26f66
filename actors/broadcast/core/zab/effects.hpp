/// What ZAB's core wants to be done.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/txn.hpp>

#include "actors/broadcast/core/zab/messages.hpp"

namespace troupe::broadcast::zab {

using proposal = std::variant<encoded_txn, verdict>;

/// What a server knows about itself, durably when the core hears `epochs_written`.
struct epochs {
  std::uint32_t accepted = 0;  ///< the newest promise
  std::uint32_t current = 0;   ///< the newest claim: all that its leader began with is here
  /// Whether its promises count. A server whose directory was empty may have forgotten what it
  /// promised, and transactions that others count on, so it does not vote before a leader has
  /// synchronised it, or all members of the ensemble are as empty (design section 5).
  bool member = false;
  constexpr auto operator<=>(const epochs&) const noexcept = default;
};

/// What shall happen. Effects for one destination keep their order; between destinations any order
/// is safe, because the core holds back whatever depends on the disk (design section 5).
namespace effect {
struct send {
  server_id to;
  zab::message message;
};
struct append {
  std::vector<encoded_txn> txns;
  zxid committed;
};
struct truncate {
  zxid after;
};
struct write_epochs {
  zab::epochs epochs;
};
/// Answered by `member::range` with the same token: the transactions after `after`.
struct read_range {
  std::uint64_t token = 0;
  zxid after;
  std::size_t most_bytes = 0;
};
/// To the tree: committed, in order.
struct deliver {
  std::vector<proposal> committed;
};
/// To the tree: this server decides from now on.
struct lead {
  std::uint32_t epoch = 0;
};
/// To the leading tree: what a learner forwarded.
struct prepare {
  std::vector<write_request> requests;
};
/// To the leader's session component: these were heard of elsewhere.
struct touch {
  std::vector<session_id> sessions;
};
/// To the tree: it decides no more. What it had proposed may or may not be committed one day.
struct stop_leading {};
/// To the election: this server needs a leader.
struct look {
  std::uint32_t current_epoch = 0;
  zxid last;
};
/// To the election: this server has one.
struct settled {
  server_id leader;
  std::uint32_t epoch = 0;
};
/// To the gateways.
struct serving {
  bool serves = false;
  bool leads = false;
};
/// The histories of two servers contradict each other, or a message does what no correct server
/// does: this server must not go on with its history as it is.
struct diverged {
  std::string reason;
};
/// For the log of the operator.
struct note {
  std::string event;
  std::string reason;
};
}  // namespace effect

using any_effect =
    std::variant<effect::send, effect::append, effect::truncate, effect::write_epochs,
                 effect::read_range, effect::deliver, effect::lead, effect::prepare, effect::touch,
                 effect::stop_leading, effect::look, effect::settled, effect::serving,
                 effect::diverged, effect::note>;
using effects = std::vector<any_effect>;

}  // namespace troupe::broadcast::zab
