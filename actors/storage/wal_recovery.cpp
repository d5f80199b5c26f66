// The start: opening the data directory and giving out what is in it.
#include <span>
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/storage/core/file_names.hpp"
#include "actors/storage/wal_jobs.hpp"

namespace troupe::storage {

namespace messages = role::storage;

namespace {

journal_start start_of(const recovered_facts& facts) {
  return {.committed = facts.log.committed,
          .end = facts.log.end,
          .next_segment = facts.log.highest + 1,
          .history = facts.log.history,
          .bytes_since_snapshot = facts.log.bytes,
          .transactions_since_snapshot = facts.log.transactions,
          .snapshot_bytes = facts.snapshot_bytes,
          .epoch_promised = facts.epochs.accepted};
}

void log_recovered(const recovered_facts& facts) {
  for (const auto& warning : facts.warnings) {
    sdk::log::warning("snapshot_unusable", {{"reason", warning}});
  }
  if (!facts.replaced.empty()) {
    sdk::log::error("history_damaged",
                    {{"reason", facts.replaced},
                     {"evidence", facts.evidence},
                     {"do", "nothing: this server gets everything from its ensemble, and does not "
                            "vote until then. Check the disk; remove the evidence when you need "
                            "it no more"}});
  } else if (facts.epochs.incomplete) {
    sdk::log::warning("history_incomplete", {{"evidence", facts.evidence}});
  }
  sdk::log::info("storage_opened", {{"last_zxid", to_text(facts.log.last.zxid)},
                                    {"committed_zxid", to_text(facts.log.committed)},
                                    {"snapshot_zxid", to_text(facts.snapshot.value_or(zxid{}))},
                                    {"transactions", facts.log.transactions},
                                    {"start_number", facts.epochs.start_number},
                                    {"clean_shutdown", facts.clean}});
}

constexpr std::size_t probe_step = 4096;

/// A start on a full disk would change what it finds and then end. There is no telling but to try:
/// `free_bytes` knows no quotas, and is 0 where nothing is known.
sdk::io_status find_space(sdk::disk& disk, std::uint64_t needed) {
  if (disk.free_bytes() >= 2 * needed) return {};
  const auto write = [&]() -> sdk::io_status {
    auto file = disk.open(space_probe, sdk::disk::mode::create);
    if (!file) return file.error();
    const std::string zeros(probe_step, '\0');
    for (std::uint64_t at = 0; at < needed; at += probe_step) {
      if (auto bad = (*file)->write_at(at, std::as_bytes(std::span{zeros}))) return bad;
    }
    return (*file)->sync();
  };
  auto bad = write();
  if (auto worse = disk.remove(space_probe); worse && !bad) return worse;
  return bad;
}

/// What a piece is called in the role's messages.
struct to_message {
  messages::recovered operator()(const snapshot_header& header) const {
    return {
        messages::recovery::snapshot_begin{header.zxid, header.tree_digest, header.history_hash}};
  }
  messages::recovered operator()(blob& chunk) const {
    return {messages::recovery::snapshot_chunk{std::move(chunk)}};
  }
  messages::recovered operator()(recovered_transactions& all) const {
    if (all.committed) return {messages::recovery::committed{std::move(all.txns)}};
    return {messages::recovery::uncommitted{std::move(all.txns)}};
  }
};

}  // namespace

void wal_actor::open() {
  // Before anything is read: two servers on one log would overwrite each other's history.
  if (const auto status = ports_.disk.make_directory("")) return fail(status->message);
  auto lock = ports_.disk.lock();
  if (!lock) return fail(lock.error().message);
  lock_ = std::move(*lock);
  open_when_possible(ports_.entropy.number());
}

void wal_actor::open_when_possible(std::uint64_t instance) {
  if (stopping_) return;
  run<opening>(
      log_lane_,
      [&disk = ports_.disk, server = server_, instance, policy = settings_.damage,
       needed = settings_.journal.first_segment_bytes]() -> opening {
        // A server that is alone may find space in what its recovery frees.
        if (policy == on_damage::replace) {
          if (auto lack = find_space(disk, needed)) return *lack;
        }
        return recovery::open(disk, server, instance, policy);
      },
      [this, instance](opening& tried) {
        if (auto* found = std::get_if<opened>(&tried)) return use_opened(*found);
        const auto& lack = std::get<sdk::io_error>(tried);
        if (!lack.may_pass()) return fail(lack.message);
        if (lack_.empty())
          sdk::log::warning("waiting_for_space", {{"path", ports_.disk.full_path(log_directory)},
                                                  {"reason", lack.message}});
        lack_ = lack.message;
        retry_after(settings_.space_retry, segment_timer_,
                    [this, instance] { open_when_possible(instance); });
        finish_if_idle();
      });
}

void wal_actor::use_opened(opened& found) {
  if (!found) return fail(found.error().message);
  lack_.clear();
  recovery_ = std::move(*found);
  const auto& facts = recovery_->facts();
  log_recovered(facts);
  instance_ = facts.identity.instance;
  epochs_ = facts.epochs;
  writer_ = std::make_shared<log_writer>(ports_.disk, instance_, facts.log.end, facts.log.last);
  keeper_ = std::make_shared<housekeeper>(ports_.disk, instance_, settings_.snapshots_kept);
  reader_ = std::make_shared<log_reader>(ports_.disk, instance_);
  if (facts.snapshot) keeper_->trust(*facts.snapshot);
  journal_.emplace(settings_.journal, start_of(facts), ports_.entropy.number());
  report_ready();
  if (!stopping_) read_piece();
  refresh_usage();
  drive();
}

void wal_actor::read_piece() {
  run<piece>(
      log_lane_, [from = recovery_] { return from->next(); },
      [this](piece& found) { use_piece(found); });
}

void wal_actor::use_piece(piece& found) {
  if (!found) return fail(found.error().message);
  ready_piece_ = std::move(found);
  give_piece();
  finish_if_idle();
}

void wal_actor::give_piece() {
  if (!piece_asked_ || !ready_piece_) return;
  piece_asked_ = false;
  auto next = std::exchange(ready_piece_, std::nullopt);
  if (**next) {
    log_client_.send(std::visit(to_message{}, ***next));
    if (!stopping_) read_piece();  // one piece ahead, while the tree loads this one
    return;
  }
  recovered_all_ = true;
  recovery_.reset();
  const auto& history = journal_->history();
  messages::recovery::end end{
      .epochs = {epochs_.accepted, epochs_.current, epochs_.member, epochs_.shared},
      .last = history.last().zxid,
      .start_number = epochs_.start_number,
      .history_hash = history.last().hash,
      .log_after = history.log_after(),
      .epoch_ends = {},
      .blank = !epochs_.member};
  for (const auto& point : history.epoch_ends())
    end.epoch_ends.push_back({point.zxid, point.hash});
  log_client_.send(messages::recovered{std::move(end)});
}

}  // namespace troupe::storage
