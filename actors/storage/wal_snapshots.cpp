// Snapshots: one at a time, step by step.
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/wal_jobs.hpp"

namespace troupe::storage {

namespace messages = role::storage;

namespace {

/// A snapshot that found no space or no descriptor is wanted again after so many looks for space.
constexpr int patience = 10;

}  // namespace

void wal_actor::begin_snapshot(const messages::snapshot_begin& message) {
  if (!recovered_all_) return fail("a snapshot began before the recovered state was given");
  if (snapshot_) return fail("a snapshot began before the last one was finished");
  if (stopping_) return;
  // It began before the tree heard that its state is gone. At that very zxid a sound one is there.
  if (replaced_up_to_ != zxid{} && message.zxid <= replaced_up_to_)
    return snapshot_client_.send(messages::snapshot_progress{.finished = false, .failed = true});
  snapshot_ending_ = false;
  snapshot_began_ = ports_.clock.now();
  snapshot_ =
      std::make_shared<snapshot_writer>(ports_.disk, instance_, message.zxid, message.tree_digest);
  journal_->snapshot_begins(message.zxid);
  run<sdk::io_status>(
      file_lane_, [to = snapshot_] { return to->begin(); },
      [this](sdk::io_status& status) { use_snapshot_step(status); });
}

void wal_actor::add_to_snapshot(messages::snapshot_chunk& message) {
  if (!snapshot_) return;  // given up; the tree was told
  run<sdk::io_status>(
      file_lane_, [to = snapshot_, bytes = message.bytes] { return to->add(bytes.view()); },
      [this](sdk::io_status& status) { use_snapshot_step(status); });
}

void wal_actor::use_snapshot_step(const sdk::io_status& status) {
  if (!snapshot_) return finish_if_idle();
  if (!status) return snapshot_client_.send(messages::snapshot_progress{});
  if (!status->may_pass()) return give_up("a snapshot cannot be written", status->message);
  give_snapshot_up(status->message);
}

void wal_actor::end_snapshot() {
  if (!snapshot_) return;
  snapshot_ending_ = true;
  finish_snapshot_if_durable();
}

void wal_actor::finish_snapshot_if_durable() {
  // A snapshot must never have what the log does not have yet.
  if (!snapshot_ || !snapshot_ending_ || journal_->durable() < snapshot_->at()) return;
  snapshot_ending_ = false;
  const auto hash = journal_->snapshot_hash();
  if (!hash) return give_snapshot_up("the history's hash at its transaction is not kept any more");
  const auto oldest_needed = std::make_shared<std::uint64_t>();
  run<sdk::io_status>(
      file_lane_,
      [to = snapshot_, keeper = keeper_, hash = *hash, oldest_needed,
       segment = journal_->durable_end().segment]() -> sdk::io_status {
        if (auto bad = to->finish(hash)) return bad;
        keeper->trust(to->at());
        auto bad = keeper->tidy(segment);
        *oldest_needed = keeper->oldest_needed();
        return bad;
      },
      [this, oldest_needed](sdk::io_status& status) {
        journal_->forget_segments_before(*oldest_needed);
        use_snapshot_finished(status);
      });
}

void wal_actor::use_snapshot_finished(const sdk::io_status& status) {
  if (!snapshot_) return finish_if_idle();
  if (status) return use_snapshot_step(status);
  sdk::log::info("snapshot_written",
                 {{"zxid", to_text(snapshot_->at())}, {"bytes", snapshot_->bytes()}});
  metrics_.snapshots.add();
  metrics_.snapshot_bytes.add(snapshot_->bytes());
  metrics_.snapshot_seconds.observe(
      std::chrono::duration<double>(ports_.clock.now() - snapshot_began_).count());
  journal_->snapshot_finished(snapshot_->plain_bytes());
  snapshot_.reset();
  snapshot_client_.send(messages::snapshot_progress{.finished = true});
  refresh_usage();
  drive();
}

void wal_actor::give_snapshot_up(const std::string& reason) {
  metrics_.snapshots_failed.add();
  sdk::log::warning("snapshot_given_up", {{"zxid", to_text(snapshot_->at())}, {"reason", reason}});
  journal_->snapshot_failed();
  run<sdk::io_status>(
      file_lane_, [from = std::exchange(snapshot_, nullptr)] { return from->abandon(); },
      [this](sdk::io_status& bad) {
        if (bad) return give_up("an unfinished snapshot cannot be removed", bad->message);
        snapshot_client_.send(messages::snapshot_progress{.finished = false, .failed = true});
        finish_if_idle();
      });
  retry_after(settings_.space_retry * patience, snapshot_timer_, [this] {
    journal_->retry_snapshot();
    drive();
  });
}

}  // namespace troupe::storage
