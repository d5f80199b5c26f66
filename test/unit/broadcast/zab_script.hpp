/// One member alone: what it hears is played, and what it wants is told in words.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

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
  explicit script(server_id self, epochs on_disk = {1, 1, true, true}, nanoseconds lease = 0s)
      : core(
            [self, lease] {
              settings fixed;
              fixed.self = self;
              fixed.lease = lease;
              const server_id all[] = {one, two, three};
              fixed.voters = quorum_system::majority(all);
              fixed.last_counter = 3;
              return fixed;
            }(),
            history{zxid{}, 1 << 20}, on_disk, monotonic_time{1s}) {}

  std::string does() {
    std::string all;
    for (const auto& any : core.take_effects()) {
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
      } else if (std::holds_alternative<effect::deliver>(any)) {
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

  std::uint64_t conversation = 1, token = 0;
  bool asked_for_snapshot = false;
};

inline encoded_txn txn(std::uint32_t epoch, std::uint32_t counter) {
  return {zxid::of(epoch, counter), blob{"t"}};
}

}  // namespace troupe::broadcast::zab
