// Snapshots: this server's for learners, and the leader's for this server.
#include <string>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/broadcast/zab_actor.hpp"

namespace troupe::broadcast {

namespace effect = zab::effect;
namespace storage = role::storage;
namespace recovery = role::storage::recovery;

namespace {

/// The core's numbers are below this, those of reloads above.
constexpr std::uint64_t own_tokens = std::uint64_t{1} << 63;

}  // namespace

// --------------------------------------------------------- for learners

void zab_actor::carry_out(effect::locate& wanted) {
  storage_.send(storage::locate{wanted.token, wanted.at});
}

void zab_actor::located(const storage::located& message) {
  step([&](zab::member& core) { core.located(message.token, message.zxid, message.hash); });
}

void zab_actor::carry_out(effect::read_snapshot& wanted) {
  readings_[wanted.token] = wanted.at_least;
  storage_.send(storage::read_snapshot{wanted.token, wanted.at_least});
}

void zab_actor::carry_out(effect::next_snapshot_chunk& wanted) {
  storage_.send(storage::next_snapshot_chunk{wanted.token});
}

void zab_actor::carry_out(effect::release_snapshot& wanted) {
  readings_.erase(wanted.token);
  storage_.send(storage::release_snapshot{wanted.token});
}

void zab_actor::snapshot_piece(storage::snapshot_piece& message) {
  if (reloading_ && message.token == reloading_->token) return reload_piece(message);
  const auto known = readings_.find(message.token);
  if (known == readings_.end()) return;
  zab::snapshot_part part;
  if (const auto* begin = std::get_if<recovery::snapshot_begin>(&message.piece)) {
    part = zab::snapshot_begin{begin->zxid, begin->tree_digest, begin->history_hash};
    if (begin->zxid < known->second) {
      // One that somebody else waited for.
      storage_.send(storage::release_snapshot{message.token});
      part = zab::no_snapshot{true};
    }
  } else if (auto* chunk = std::get_if<recovery::snapshot_chunk>(&message.piece)) {
    part = zab::snapshot_chunk{std::move(chunk->bytes)};
  } else if (const auto* none = std::get_if<storage::reading::none>(&message.piece)) {
    part = zab::no_snapshot{none->busy};
  } else {
    part = zab::snapshot_end{};
  }
  if (std::holds_alternative<zab::no_snapshot>(part)) readings_.erase(known);
  step([&](zab::member& core) { core.snapshot_read(message.token, std::move(part)); });
}

// ------------------------------------------------------ for this server

void zab_actor::carry_out(effect::install_begin& wanted) {
  if (truncating_) return behind_truncation_.push_back(wanted);
  const auto& [at, digest, hash] = wanted.header;
  sdk::log::info("snapshot_received", {{"zxid", to_string(at)}});
  storage_.send(storage::install_begin{at, digest, hash});
}

void zab_actor::carry_out(effect::install_chunk& wanted) {
  storage_.send(storage::install_chunk{std::move(wanted.bytes)});
}

void zab_actor::carry_out(effect::install_end&) {
  completing_ = true;
  storage_.send(storage::install_end{});
}

void zab_actor::carry_out(effect::install_abandon&) {
  std::erase_if(behind_truncation_,
                [](const auto& one) { return std::holds_alternative<effect::install_begin>(one); });
  storage_.send(storage::install_abandon{});
}

void zab_actor::install_progress(const storage::install_progress& message) {
  if (completing_)
    return fail("no space to complete the leader's snapshot: make room, then start this server "
                "again; it catches up by itself");
  step([&](zab::member& core) { core.install_progress(message.failed); });
}

void zab_actor::reload(zxid base) {
  completing_ = false;
  reloading_ = reloading{own_tokens + ++reloads_, base};
  storage_.send(storage::read_snapshot{reloading_->token, base});
}

void zab_actor::reload_piece(storage::snapshot_piece& message) {
  if (auto* begin = std::get_if<recovery::snapshot_begin>(&message.piece))
    return tree_.send(role::tree::load{*begin});
  if (auto* chunk = std::get_if<recovery::snapshot_chunk>(&message.piece))
    return tree_.send(role::tree::load{std::move(*chunk)});
  if (std::holds_alternative<storage::reading::none>(message.piece))
    return fail("the snapshot that the leader has sent cannot be read back");
  const auto base = std::exchange(reloading_, std::nullopt)->base;
  storage_.send(storage::release_snapshot{message.token});
  tree_.send(role::tree::load_finished{server_, recovered_end_->start_number});
  // What became of these, nobody can say: their outcome may be part of the snapshot.
  unresolved_.clear();
  last_delivered_ = base;
  replaced_ = true;
  step([&](zab::member& core) { core.installed(base); });
}

}  // namespace troupe::broadcast
