/// One member alone: what it hears is played, and what it wants is told in words.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/broadcast/core/zab/member.hpp"

namespace troupe::broadcast::zab {

using namespace std::chrono_literals;

constexpr server_id one{1}, two{2}, three{3};

/// Short names for what a member wants, in order: "write 2/1" for accepted/current epochs.
inline std::string name_of(const body& said) {
  static const char* const names[] = {
      "join",     "promised",     "accepted", "durable", "tree",      "differs",
      "taken",    "forward",      "touched",  "pong",    "new epoch", "cut",
      "snapshot", "chunk",        "end",      "entries", "begins",    "commit",
      "ping",     "tree differs", "leave",    "claims",  "answers",   "moved"};
  return names[said.index()];
}

struct script {
  explicit script(server_id self, epochs on_disk = {1, 1, true, true},
                  history log = {zxid{}, 1 << 20}, nanoseconds lease = 0s,
                  std::size_t most_gathered = 0)
      : core(
            [self, lease, most_gathered] {
              settings fixed;
              fixed.self = self;
              fixed.lease = lease;
              fixed.most_gathered = most_gathered;
              const server_id all[] = {one, two, three};
              fixed.voters = quorum_system::majority(all);
              fixed.last_counter = 3;
              return fixed;
            }(),
            std::move(log), on_disk, monotonic_time{1s}) {}

  std::string does() {
    std::string all;
    last = core.take_effects();
    for (const auto& any : last) {
      std::string what;
      if (const auto* send = std::get_if<effect::send>(&any)) {
        conversation = send->message.conversation;
        if (const auto* opening = std::get_if<join>(&send->message.body))
          asked_for_snapshot = opening->wants_snapshot;
        what = name_of(send->message.body) + " to " + std::to_string(send->to.value);
      } else if (std::holds_alternative<effect::append>(any)) {
        what = "append";
      } else if (std::holds_alternative<effect::truncate>(any)) {
        what = "truncate";
      } else if (const auto* write = std::get_if<effect::write_epochs>(&any)) {
        what = "write " + std::to_string(write->epochs.accepted) + "/" +
               std::to_string(write->epochs.current);
      } else if (const auto* locate = std::get_if<effect::locate>(&any)) {
        token = locate->token;
        what = "locate";
      } else if (const auto* read = std::get_if<effect::read_snapshot>(&any)) {
        token = read->token;
        what = "read snapshot";
      } else if (std::holds_alternative<effect::next_snapshot_chunk>(any)) {
        what = "next chunk";
      } else if (std::holds_alternative<effect::release_snapshot>(any)) {
        what = "release";
      } else if (std::holds_alternative<effect::install_begin>(any)) {
        what = "install";
      } else if (std::holds_alternative<effect::install_chunk>(any)) {
        what = "install chunk";
      } else if (std::holds_alternative<effect::install_end>(any)) {
        what = "install end";
      } else if (std::holds_alternative<effect::install_abandon>(any)) {
        what = "abandon";
      } else if (std::holds_alternative<effect::alarm>(any)) {
        what = "alarm";
      } else if (const auto* asked = std::get_if<effect::session_claims>(&any)) {
        what = "asked by " + std::to_string(asked->from.value);
      } else if (std::holds_alternative<effect::session_answers>(any)) {
        what = "answered";
      } else if (std::holds_alternative<effect::sessions_moved>(any)) {
        what = "told";
      } else if (const auto* due = std::get_if<effect::deliver>(&any)) {
        for (const auto& decided : due->committed)
          if (const auto* done = std::get_if<encoded_txn>(&decided))
            delivered.push_back(done->zxid);
        what = "deliver";
      } else if (std::holds_alternative<effect::lead>(any)) {
        what = "lead";
      } else if (std::holds_alternative<effect::look>(any)) {
        what = "look";
      } else if (const auto* serving = std::get_if<effect::serving>(&any)) {
        what = serving->serves ? "serve" : "serve no more";
      } else {
        continue;
      }
      all += (all.empty() ? "" : ", ") + what;
    }
    return all;
  }
  std::string hears(server_id from, body said) {
    core.received(from, {conversation, std::move(said)});
    return does();
  }
  std::string writes(epochs written) {
    core.epochs_written(written);
    return does();
  }
  std::string persists(zxid through) {
    core.persisted(through);
    return does();
  }

  member core;
  std::string locates(zxid at, std::optional<std::uint64_t> hash) {
    core.located(token, at, hash);
    return does();
  }
  std::string reads(snapshot_part part) {
    core.snapshot_read(token, std::move(part));
    return does();
  }

  /// Of the effects that `does` has told last: the first of this kind, or null.
  template <class What>
  const What* wanted() const {
    for (const auto& any : last)
      if (const auto* found = std::get_if<What>(&any)) return found;
    return nullptr;
  }
  /// Of the messages among them: the last of this kind to `to`, or null.
  template <class Body>
  const Body* said(server_id to) const {
    const Body* found = nullptr;
    for (const auto& any : last)
      if (const auto* send = std::get_if<effect::send>(&any); send && send->to == to)
        if (const auto* match = std::get_if<Body>(&send->message.body)) found = match;
    return found;
  }

  /// Opening moves of server 2: it has promised `epoch` to server 1, and waits for its history.
  void promises(std::uint32_t epoch = 2) {
    const auto before = core.on_disk();
    core.start();
    core.link_up(one);
    core.elected(one);
    does();
    hears(one, new_epoch{epoch, false});
    writes({epoch, before.current, before.member, before.shared});
  }
  /// Opening moves of server 1: it leads epoch 2 with server 2, which had `theirs`.
  void leads(zxid theirs = {}) {
    core.start();
    core.elected(one);
    core.link_up(two);
    does();
    hears(two, join{1, 1, theirs, true, false, true});
    writes({2, 1, true, true});
    hears(two, epoch_promised{2, false, 1, theirs, {}, {}});
    writes({2, 2, true, true});
    locates({}, std::nullopt);
    hears(two, leader_accepted{2});
    hears(two, pong{1});
  }

  std::uint64_t conversation = 1, token = 0;
  bool asked_for_snapshot = false;
  effects last;
  std::vector<zxid> delivered;  ///< to the tree, since the beginning
};

inline encoded_txn txn(std::uint32_t epoch, std::uint32_t counter) {
  return {zxid::of(epoch, counter), blob{"t"}};
}

/// The zxids of some transactions.
inline std::vector<zxid> zxids(const std::vector<encoded_txn>& txns) {
  std::vector<zxid> all;
  for (const auto& each : txns)
    all.push_back(each.zxid);
  return all;
}

/// As recovered from a disk: these transactions, of which the first `committed` are known to be so.
inline history recovered(const std::vector<zxid>& all, std::size_t committed,
                         std::size_t keep_bytes = 1 << 20) {
  history log{zxid{}, keep_bytes};
  for (std::size_t i = 0; i < all.size(); ++i)
    log.recovered({all[i], blob{"t"}}, i < committed);
  return log;
}

}  // namespace troupe::broadcast::zab
