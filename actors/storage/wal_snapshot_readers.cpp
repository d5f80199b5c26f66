// Reading the newest snapshot, to be sent to another server.
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/storage/wal_jobs.hpp"

namespace troupe::storage {

namespace messages = role::storage;

namespace {

constexpr std::size_t most_readings = 4;

}  // namespace

void wal_actor::give_none(std::uint64_t token, bool busy) {
  history_client_.send(messages::snapshot_piece{token, messages::reading::none{busy}});
}

void wal_actor::read_snapshot(std::uint64_t token, zxid at_least) {
  if (!recovered_all_)
    return fail("a snapshot was to be read before the recovered state was given");
  if (stopping_) return;
  if (readings_.contains(token)) return fail("a snapshot was to be read twice under one token");
  if (changing() || readings_.size() == most_readings) return give_none(token, true);
  const auto one = readings_[token] = std::make_shared<reading>();
  using outcome = sdk::io_result<std::unique_ptr<snapshot_reader>>;
  // On the files' lane, where nobody removes it before it is held.
  run<outcome>(
      file_lane_, [keeper = keeper_] { return keeper->hold_newest(); },
      [this, token, one, at_least](outcome& found) {
        if (found) {
          one->file = std::move(*found);
        } else {
          sdk::log::warning("snapshot_not_readable", {{"reason", found.error().message}});
        }
        use_opened(token, one, at_least);
        finish_if_idle();
      });
}

void wal_actor::use_opened(std::uint64_t token, const std::shared_ptr<reading>& one,
                           zxid at_least) {
  one->busy = false;
  if (one->released) return let_go(*one, true);
  if (one->gone || !one->file) {
    readings_.erase(token);
    // There is none yet, or none that can be read; the next one can be.
    const bool makes_one = !one->gone && journal_->durable() != zxid{};
    if (makes_one) snapshot_client_.send(messages::snapshot_wanted{});
    return give_none(token, makes_one);
  }
  const auto& header = one->file->header();
  if (header.zxid < at_least) {
    readings_.erase(token);
    let_go(*one, true);
    snapshot_client_.send(messages::snapshot_wanted{});
    return give_none(token, true);
  }
  history_client_.send(messages::snapshot_piece{
      token,
      messages::recovery::snapshot_begin{header.zxid, header.tree_digest, header.history_hash}});
}

void wal_actor::next_snapshot_chunk(std::uint64_t token) {
  if (stopping_) return;
  const auto found = readings_.find(token);
  if (found == readings_.end()) return give_none(token);
  const auto one = found->second;
  if (one->busy) return fail("a chunk of a snapshot was asked for before the last one was given");
  one->busy = true;
  using outcome = result<std::optional<blob>>;
  run<outcome>(
      read_lane_, [one] { return one->file->next(); },
      [this, token, one](outcome& read) {
        use_chunk(token, one, read);
        finish_if_idle();
      });
}

void wal_actor::use_chunk(std::uint64_t token, const std::shared_ptr<reading>& one,
                          result<std::optional<blob>>& read) {
  one->busy = false;
  if (one->released) return let_go(*one, read.ok());
  if (one->gone) return give_none(token);
  if (!read) {
    sdk::log::warning("snapshot_not_readable", {{"reason", read.error().message}});
    readings_.erase(token);
    let_go(*one, false);
    snapshot_client_.send(messages::snapshot_wanted{});
    return give_none(token);
  }
  if (!*read)
    return history_client_.send(messages::snapshot_piece{token, messages::reading::end{}});
  history_client_.send(
      messages::snapshot_piece{token, messages::recovery::snapshot_chunk{std::move(**read)}});
}

void wal_actor::release_snapshot(std::uint64_t token) {
  const auto found = readings_.find(token);
  if (found == readings_.end()) return;
  const auto one = found->second;
  readings_.erase(found);
  one->released = true;
  if (!one->busy) let_go(*one, true);
}

void wal_actor::let_go(reading& one, bool sound) {
  const auto file = std::exchange(one.file, nullptr);
  if (!file || one.gone || stopping_) return;
  run<bool>(
      file_lane_,
      [keeper = keeper_, at = file->header().zxid, sound] {
        keeper->release(at, sound);
        return true;
      },
      [this](bool&) { finish_if_idle(); });
}

void wal_actor::void_readings() {
  for (const auto& [token, one] : readings_)
    one->gone = true;
  readings_.clear();
}

}  // namespace troupe::storage
