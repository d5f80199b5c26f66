#include "actors/storage/memory_actor.hpp"

#include <algorithm>
#include <utility>

#include "actors/storage/core/file_names.hpp"

namespace troupe::storage {

namespace messages = role::storage;

caf::behavior memory_actor::make_behavior() {
  return handlers<messages::actor, role::component::actor>(
      [this](messages::append& m) { append(m); },
      [this](messages::attach_log& m) { log_client_ = std::move(m.client); },
      [this](messages::attach_snapshots& m) { snapshot_client_ = std::move(m.client); },
      [this](messages::attach_history& m) { history_client_ = std::move(m.client); },
      [this](messages::recover_next&) {
        messages::recovery::end end;
        end.start_number = 1;
        log_client_.send(messages::recovered{std::move(end)});
      },
      [this](messages::write_epochs& m) { log_client_.send(messages::epochs_written{m.epochs}); },
      [this](messages::read_range& m) { give_range(m); },
      [this](messages::locate& m) {
        history_client_.send(messages::located{m.token, m.zxid, log_.hash_at(m.zxid)});
      },
      [this](messages::describe& m) { describe(m.token); },
      [this](messages::truncate& m) { truncate(m.after); },
      [this](messages::install_begin& m) {
        incoming_ = {m.zxid, m.history_hash};
        history_client_.send(messages::install_progress{});
      },
      [this](messages::install_chunk&) { history_client_.send(messages::install_progress{}); },
      [this](messages::install_end&) { install(); },
      [this](messages::install_abandon&) { incoming_ = {}; },
      [this](messages::read_snapshot& m) { read_snapshot(m.token); },
      [this](messages::next_snapshot_chunk& m) { give_chunk(m.token); },
      [this](messages::release_snapshot& m) { snapshots_.release(m.token); },
      [this](messages::snapshot_begin& m) { begin_snapshot(m); },
      [this](messages::snapshot_chunk& m) {
        snapshots_.add_chunk(std::move(m.bytes));
        snapshot_client_.send(messages::snapshot_progress{});
      },
      [this](messages::snapshot_end&) { end_snapshot(); },
      [this](role::component::start&) { report_ready(); },
      [this](role::component::stop&) { finish(); },
      [this](role::component::report_status& m) {
        supervisor_.send(role::component::status_report{
            m.token, number_, {{"last_zxid", to_text(log_.last().zxid)}, {"durable", "false"}}});
      });
}

void memory_actor::append(messages::append& message) {
  log_.append(message.txns);
  committed_ = std::max(committed_, std::min(message.committed, log_.last().zxid));
  if (!message.txns.empty()) log_client_.send(messages::persisted{log_.last().zxid});
}

void memory_actor::give_range(const messages::read_range& asked) {
  auto found = log_.read(asked.after, asked.most_bytes);
  messages::range answer{asked.token, {}, {asked.after, 0}, false, !found, log_.log_after()};
  if (found) {
    answer.txns = std::move(found->txns);
    answer.after.hash = found->after.hash;
    answer.more = found->more;
  }
  history_client_.send(std::move(answer));
}

void memory_actor::describe(std::uint64_t token) {
  messages::described answer{token, {log_.last().zxid, log_.last().hash}, log_.log_after(), {}};
  for (const auto& point : log_.epoch_ends())
    answer.epoch_ends.push_back({point.zxid, point.hash});
  history_client_.send(std::move(answer));
}

void memory_actor::truncate(zxid after) {
  if (after < committed_) {
    return fail("the history was to be cut after " + to_text(after) + ", although " +
                to_text(committed_) + " is committed; this is a mistake in the program");
  }
  if (after < log_.last().zxid && !log_.cut(after)) {
    return fail("the history was to be cut after " + to_text(after) +
                ", which is not in it; this is a mistake in the program");
  }
  history_client_.send(messages::truncated{{log_.last().zxid, log_.last().hash}});
}

void memory_actor::begin_snapshot(const messages::snapshot_begin& message) {
  // It began before the tree heard that its state is gone. At that very zxid a sound one is there.
  if (replaced_up_to_ != zxid{} && message.zxid <= replaced_up_to_)
    return snapshot_client_.send(messages::snapshot_progress{.finished = false, .failed = true});
  if (const auto hash = log_.hash_at(message.zxid))
    snapshots_.begin({message.zxid, *hash}, message.tree_digest);
  snapshot_client_.send(messages::snapshot_progress{});
}

void memory_actor::end_snapshot() {
  snapshot_client_.send(messages::snapshot_progress{.finished = true});
  for (const auto token : snapshots_.finish()) {
    const auto made = snapshots_.of(token);
    history_client_.send(messages::snapshot_piece{
        token,
        messages::recovery::snapshot_begin{made->at.zxid, made->tree_digest, made->at.hash}});
  }
  // The log has moved on from that one before it was finished.
  if (snapshots_.take_wanted()) snapshot_client_.send(messages::snapshot_wanted{});
}

void memory_actor::give_none(std::uint64_t token, bool busy) {
  history_client_.send(messages::snapshot_piece{token, messages::reading::none{busy}});
}

void memory_actor::read_snapshot(std::uint64_t token) {
  if (log_.last().zxid == zxid{} || !snapshot_client_) return give_none(token, false);
  if (!snapshots_.add(token)) return give_none(token, true);
  if (snapshots_.take_wanted()) snapshot_client_.send(messages::snapshot_wanted{});
}

void memory_actor::give_chunk(std::uint64_t token) {
  if (!snapshots_.of(token)) return give_none(token, false);
  if (auto chunk = snapshots_.next(token)) {
    return history_client_.send(
        messages::snapshot_piece{token, messages::recovery::snapshot_chunk{std::move(*chunk)}});
  }
  history_client_.send(messages::snapshot_piece{token, messages::reading::end{}});
}

void memory_actor::install() {
  if (incoming_.zxid == zxid{} || incoming_.zxid < committed_) {
    return fail("the snapshot of another server at " + to_text(incoming_.zxid) +
                " was to replace the history, although " + to_text(committed_) +
                " is committed; this is a mistake in the program");
  }
  log_.restart(incoming_);
  committed_ = replaced_up_to_ = incoming_.zxid;
  incoming_ = {};
  if (snapshots_.grows())
    snapshot_client_.send(messages::snapshot_progress{.finished = false, .failed = true});
  snapshots_.clear();
  history_client_.send(messages::installed{{log_.last().zxid, log_.last().hash}});
}

void memory_actor::on_exit() {
  log_client_.reset();
  snapshot_client_.reset();
  history_client_.reset();
}

}  // namespace troupe::storage
