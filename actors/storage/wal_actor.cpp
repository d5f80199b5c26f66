#include "actors/storage/wal_actor.hpp"

#include <algorithm>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/wal_jobs.hpp"

namespace troupe::storage {

namespace messages = role::storage;

namespace {
/// While a larger batch is synced by another thread, this one can do as much as that costs.
constexpr std::size_t most_waited_for = 128;
/// Batches in a row without a second transaction until somebody is taken to write alone.
constexpr unsigned lone_writer_after = 16;
}  // namespace

wal_actor::wal_actor(caf::actor_config& config, sdk::reactor_unit& home, std::uint32_t number,
                     role::component::supervisor supervisor, sdk::ports& ports,
                     wal_settings settings, server_id server, std::shared_ptr<sdk::metrics> metrics)
    : sdk::pinned_actor(config, home, number, std::move(supervisor)), ports_(ports),
      settings_(settings), server_(server),
      log_lane_(ports.workers.new_lane("troupe-log", sdk::priority::normal)),
      file_lane_(ports.workers.new_lane("troupe-files", sdk::priority::low)),
      read_lane_(ports.workers.new_lane("troupe-reads", sdk::priority::low)),
      pace_(settings.reactor_sync), all_metrics_(std::move(metrics)), metrics_(*all_metrics_) {}

caf::behavior wal_actor::make_behavior() {
  return handlers<messages::actor, role::component::actor, handle<job_done>>(
      [this](messages::append& m) { append(m); }, [](job_done& m) { m.use(); },
      [this](messages::attach_log& m) { log_client_ = std::move(m.client); },
      [this](messages::attach_snapshots& m) { snapshot_client_ = std::move(m.client); },
      [this](messages::attach_history& m) { history_client_ = std::move(m.client); },
      [this](messages::recover_next&) {
        if (recovered_all_) return fail("the recovered state was asked for twice");
        piece_asked_ = true;
        give_piece();
      },
      [this](messages::write_epochs& m) { write_epochs(m.epochs); },
      [this](messages::read_range& m) { read_range(m); },
      [this](messages::locate& m) { locate(m); },
      [this](messages::describe& m) { describe(m.token); },
      [this](messages::truncate& m) { truncate(m.after); },
      [this](messages::install_begin& m) { begin_installation(m); },
      [this](messages::install_chunk& m) { add_to_installation(m); },
      [this](messages::install_end&) { end_installation(); },
      [this](messages::install_abandon&) { abandon_installation(); },
      [this](messages::read_snapshot& m) { read_snapshot(m.token, m.at_least); },
      [this](messages::next_snapshot_chunk& m) { next_snapshot_chunk(m.token); },
      [this](messages::release_snapshot& m) { release_snapshot(m.token); },
      [this](messages::snapshot_begin& m) { begin_snapshot(m); },
      [this](messages::snapshot_chunk& m) { add_to_snapshot(m); },
      [this](messages::snapshot_end&) { end_snapshot(); },
      [this](role::component::start&) { open(); }, [this](role::component::stop&) { stop(); },
      [this](role::component::report_status& m) { report(m.token); });
}

void wal_actor::on_exit() {
  quiet_timer_.reset();
  segment_timer_.reset();
  snapshot_timer_.reset();
  change_timer_.reset();
  log_client_.reset();
  snapshot_client_.reset();
  history_client_.reset();
  readings_.clear();
  lock_.reset();
}

void wal_actor::give_up(const std::string& what, const std::string& message) {
  fail(what + ": " + message +
       "; the server stops, because nobody knows what the system kept of a failed write. Nothing "
       "that was acknowledged is lost. Check the disk, then start again");
}

void wal_actor::drive(bool may_wait) {
  if (!journal_ || closing_ || changing()) return;
  if (auto next = journal_->take_batch()) write(std::move(*next), may_wait);
  if (!stopping_ || !journal_->drained()) {
    if (const auto wanted = journal_->take_preparation()) prepare(*wanted);
  }
  if (const auto available = journal_->take_space_change()) announce_space(*available);
  give_descriptions();
  if (stopping_) {
    if (journal_->drained()) close();
    return;
  }
  if (begin_change_if_due()) return;
  if (recovered_all_ && journal_->take_snapshot_wanted()) {
    snapshot_client_.send(messages::snapshot_wanted{});
  }
}

void wal_actor::append(messages::append& message) {
  if (!recovered_all_) return fail("something was appended before the recovered state was given");
  if (stopping_) return;
  if (change_ != change::none && !message.txns.empty())
    return fail("something was appended while the history was to be changed");
  if (const auto bad = journal_->append(std::move(message.txns), message.committed)) {
    return fail(bad->message);
  }
  disk_bound_ = message.disk_bound;
  alone_ = message.alone;
  if (!alone_) return drive(true);
  if (disk_bound_ && pace_.is_quick() && lone_batches_ >= lone_writer_after)
    return drive_when_quiet();
  drive();
}

void wal_actor::drive_when_quiet() {
  if (quiet_timer_) return;
  // The loop looks at its timers once nothing else is left to do.
  retry_after(nanoseconds{0}, quiet_timer_, [this] {
    quiet_timer_.reset();
    drive(true);
  });
}

bool wal_actor::worth_waiting_for(const batch& next) const noexcept {
  return disk_bound_ && pace_.is_quick() && next.txns.size() <= most_waited_for;
}

void wal_actor::write(batch next, bool may_wait) {
  lone_batches_ = next.txns.size() > 1 ? 0 : lone_batches_ + 1;
  std::size_t bytes = 0;
  for (const auto& one : next.txns)
    bytes += size_in_log(one);
  metrics_.appended_bytes.add(bytes);
  const auto commit = [writer = writer_, &clock = ports_.clock](const batch& all) {
    const auto begin = clock.now();
    auto outcome = writer->commit(all);
    return timed_batch{std::move(outcome), clock.now() - begin};
  };
  if (may_wait && worth_waiting_for(next)) {
    // Waking another thread and being woken by it can take as long as the disk. No job of the log's
    // lane uses the writer now: the journal has one batch under way, and this is it.
    ++reactor_syncs_;
    auto written = commit(next);
    return use_written(written, false);
  }
  run<timed_batch>(
      log_lane_, [commit, all = std::make_shared<batch>(std::move(next))] { return commit(*all); },
      [this](timed_batch& result) { use_written(result, true); });
}

void wal_actor::use_written(timed_batch& written, bool may_wait) {
  if (!written.outcome)
    return give_up("the log cannot be written", written.outcome.error().message);
  ++syncs_;
  pace_.took(written.took);
  slowest_sync_ = std::max(slowest_sync_, written.took);
  metrics_.sync_seconds.observe(std::chrono::duration<double>(written.took).count());
  if (const auto transactions = written.outcome->points.size(); transactions > 0) {
    metrics_.transactions.add(transactions);
    metrics_.batch_transactions.observe(static_cast<double>(transactions));
  }
  if (written.took >= settings_.slow_sync) {
    const auto took = std::chrono::duration_cast<milliseconds>(written.took).count();
    sdk::log::warning("slow_sync",
                      {{"took_ms", took}, {"path", ports_.disk.full_path(log_directory)}});
  }
  journal_->written(*written.outcome);
  log_client_.send(messages::persisted{journal_->durable()});
  finish_snapshot_if_durable();
  drive(may_wait && !alone_);
}

void wal_actor::prepare(const preparation& wanted) {
  run<sdk::io_result<prepared_segment>>(
      file_lane_, [keeper = keeper_, wanted] { return keeper->prepare(wanted); },
      [this](sdk::io_result<prepared_segment>& result) { use_prepared(result); });
}

void wal_actor::use_prepared(sdk::io_result<prepared_segment>& made) {
  if (made) {
    journal_->prepared(std::move(*made));
    lack_.clear();
    refresh_usage();
  } else if (made.error().may_pass()) {
    journal_->not_prepared();
    // Once is enough, until there was space again.
    if (lack_.empty())
      sdk::log::warning("no_space_for_segment", {{"reason", made.error().message}});
    lack_ = made.error().message;
    retry_after(settings_.space_retry, segment_timer_, [this] {
      journal_->retry();
      drive();
    });
  } else {
    return give_up("a log segment cannot be prepared", made.error().message);
  }
  drive();
  finish_if_idle();
}

void wal_actor::announce_space(bool available) {
  const auto path = ports_.disk.full_path(log_directory);
  if (available) {
    sdk::log::info("space_available", {{"path", path}});
  } else {
    sdk::log::error("no_space", {{"path", path}, {"reason", lack_}});
  }
  log_client_.send(messages::space_changed{available, path});
}

void wal_actor::retry_after(nanoseconds delay, sdk::timer& timer, std::function<void()> what) {
  timer = ports_.timers.after(
      delay, [me = self<handle<job_done>>(), what = std::move(what)] { me.send(job_done{what}); });
}

void wal_actor::write_epochs(const messages::epochs& wanted) {
  const auto before = epochs_;
  epochs_.accepted = wanted.accepted;
  epochs_.current = wanted.current;
  // A promise of one that has lost its history counts no more than the claims that it made before.
  if (wanted.member) epochs_.incomplete = false;
  epochs_.member = epochs_.member || wanted.member || (wanted.current != 0 && !epochs_.incomplete);
  epochs_.shared = wanted.shared;
  run<sdk::io_status>(
      log_lane_,
      [&disk = ports_.disk, facts = epochs_, before] {
        return storage::write_epochs(disk, facts, before);
      },
      [this, wanted, restored = before.incomplete && !epochs_.incomplete](sdk::io_status& bad) {
        if (bad) return give_up("the epochs cannot be written", bad->message);
        if (restored)
          sdk::log::info("history_restored", {{"last_zxid", to_text(journal_->durable())}});
        journal_->promised(wanted.accepted);
        log_client_.send(messages::epochs_written{wanted});
        finish_if_idle();
      });
}

void wal_actor::refresh_usage() {
  run<sdk::io_result<disk_usage>>(
      file_lane_, [keeper = keeper_] { return keeper->usage(); },
      [this](sdk::io_result<disk_usage>& found) {
        if (found) {
          usage_ = *found;
        } else if (!found.error().may_pass()) {
          return give_up("the data directory cannot be read", found.error().message);
        }
        finish_if_idle();
      });
}

void wal_actor::stop() {
  if (stopping_) return;
  stopping_ = true;
  if (change_ == change::waiting) change_ = change::none;  // not begun, so the old history stays
  if (snapshot_) give_snapshot_up("the server stops");
  abandon_installation();
  if (change_ == change::put_off) leave_change();
  drive();
  finish_if_idle();
}

void wal_actor::close() {
  closing_ = true;
  run<sdk::io_status>(
      log_lane_,
      [writer = writer_, committed = journal_->committed()] { return writer->close(committed); },
      [this](sdk::io_status& bad) {
        if (bad && !bad->no_space()) return give_up("the log cannot be closed", bad->message);
        if (bad) sdk::log::warning("unclean_shutdown", {{"reason", bad->message}});
        closed_ = true;
        finish_if_idle();
      });
}

void wal_actor::finish_if_idle() {
  // Jobs touch the directory, which the next process may use once this component has stopped.
  if (stopping_ && jobs_ == 0 && (closed_ || !journal_)) finish();
}

void wal_actor::report(std::uint64_t token) {
  role::component::status_report all{token, number_, {}};
  const auto add = [&](const char* key, std::string value) {
    all.facts.emplace_back(key, std::move(value));
  };
  if (journal_) {
    add("last_zxid", to_text(journal_->appended()));
    add("durable_zxid", to_text(journal_->durable()));
    add("committed_zxid", to_text(journal_->committed()));
    add("log_after_zxid", to_text(journal_->history().log_after()));
    add("waiting_transactions", std::to_string(journal_->waiting()));
  }
  add("segments", std::to_string(usage_.segments));
  add("log_bytes", std::to_string(usage_.log_bytes));
  add("snapshots", std::to_string(usage_.snapshots));
  add("snapshot_zxid", to_text(usage_.newest_snapshot));
  add("syncs", std::to_string(syncs_));
  add("reactor_syncs", std::to_string(reactor_syncs_));
  add("slowest_sync_us",
      std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(slowest_sync_).count()));
  add("start_number", std::to_string(epochs_.start_number));
  add("log_format", std::to_string(log_version));
  publish();
  supervisor_.send(std::move(all));
}

void wal_actor::publish() {
  metrics_.log_bytes.set(usage_.log_bytes);
  metrics_.segments.set(usage_.segments);
  metrics_.snapshot_files.set(usage_.snapshots);
  metrics_.waiting.set(journal_ ? std::uint64_t{journal_->waiting()} : std::uint64_t{0});
  if (stopping_ || free_space_asked_) return;
  // The disk is asked on a worker, like everything that may block; the next look shows it.
  free_space_asked_ = true;
  run<std::uint64_t>(
      file_lane_, [&disk = ports_.disk] { return disk.free_bytes(); },
      [this](std::uint64_t& free) {
        free_space_asked_ = false;
        metrics_.free_bytes.set(free);
        finish_if_idle();
      });
}

}  // namespace troupe::storage
