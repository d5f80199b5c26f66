/// What every part of ZAB's core shares.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/quorum.hpp>
#include <troupe/base/time.hpp>

#include "actors/broadcast/core/zab/effects.hpp"
#include "actors/broadcast/core/zab/history.hpp"
#include "actors/broadcast/core/zab/lease.hpp"

namespace troupe::broadcast::zab {

struct settings {
  server_id self;
  quorum_system voters;
  /// A leader that has no quorum after so long gives up, and so does a learner whose leader says
  /// nothing for so long before it serves.
  nanoseconds init_limit = std::chrono::seconds{10};
  /// Silence after which a leader or learner is given up. In discovery also how long a leader waits
  /// for a quorum to join.
  nanoseconds sync_limit = std::chrono::seconds{4};
  nanoseconds ping_interval = std::chrono::milliseconds{500};
  /// For so long a learner that answered a ping helps no other leader, and less long a leader that
  /// a quorum has answered knows that there is no other. Zero: it asks each time. The same on all
  /// members, and shorter than the other limits.
  nanoseconds lease{0};
  /// A leader whose transactions have reached this counter gives up, so that a new epoch begins
  /// long before the counter would run over into it (ZOOKEEPER-1277).
  std::uint32_t last_counter = 0xfff00000;
  /// Transactions that a leader keeps at most until its disk, or a quorum, has those before them.
  /// Zero: each leaves at once.
  std::size_t most_gathered = 0;
  /// Of the newest transactions, for learners that come back.
  std::size_t keep_bytes = 16 * 1024 * 1024;
  /// Of older ones that are read from the log for one learner at a time.
  std::size_t range_bytes = 1024 * 1024;
};

/// Whether a server believes what it has.
enum class doubt {
  none,
  tree,  ///< its history is right, its tree is not: it votes, must not lead, and needs a snapshot
  history,  ///< a quorum has another one: it counts as if its directory had been lost
};

/// What the roles work on. Lives in the core, which outlives them.
struct common {
  const settings& fixed;
  history& log;
  zab::epochs& epochs;  ///< as they are on the disk
  effects& out;
  const monotonic_time& now;
  std::uint64_t& last_token;  ///< of questions to storage; never used twice
  const doubt& doubts;
  grant& granted;  ///< by this server to a leader

  void send(server_id to, std::uint64_t conversation, body&& what) const {
    out.emplace_back(effect::send{to, message{conversation, std::move(what)}});
  }
  void note(std::string event, std::string reason) const {
    out.emplace_back(effect::note{std::move(event), std::move(reason)});
  }
};

/// Whether a role goes on, or the server looks for a leader again.
enum class outcome { goes_on, over };

}  // namespace troupe::broadcast::zab
