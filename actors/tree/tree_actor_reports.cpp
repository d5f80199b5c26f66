// Snapshots and what the room tells about itself.
#include <utility>

#include <troupe/sdk/log.hpp>

#include "actors/tree/change_reader.hpp"
#include "actors/tree/tree_actor.hpp"

namespace troupe::tree {

namespace storage = role::storage;

/// Storage asks once. It counts what is logged, which may be ahead of what is applied here, so a
/// wish that cannot be met now is kept.
void tree_actor::begin_snapshot_if_wanted() {
  const auto applied = tree_.committed().applied();
  if (!snapshot_wanted_ || !ready_ || snapshot_ || snapshot_forgotten_) return;
  if (applied <= last_snapshot_) return;
  snapshot_wanted_ = false;
  snapshot_.emplace(tree_.committed());
  snapshot_ending_ = false;
  ++snapshots_begun_;
  storage_.send(storage::snapshot_begin{applied, snapshot_->source().digest()});
}

void tree_actor::snapshot_progress(const storage::snapshot_progress& message) {
  if (snapshot_forgotten_) {
    // What replaces a state makes storage give up the snapshot of it; until then, that one is
    // under way.
    snapshot_forgotten_ = !message.failed && !message.finished;
    return begin_snapshot_if_wanted();
  }
  if (!snapshot_) return;
  if (message.failed) {
    sdk::log::warning("snapshot_given_up", {{"zxid", to_string(snapshot_->source().at())}});
    snapshot_.reset();
  } else if (snapshot_ending_ || message.finished) {
    last_snapshot_ = snapshot_->source().at();
    last_snapshot_at_ = clock_.wall();
    snapshot_.reset();
  } else {
    write_snapshot();
  }
}

void tree_actor::write_snapshot() {
  auto chunk = snapshot_->next_chunk();
  if (chunk.is_null()) {
    snapshot_ending_ = true;
    storage_.send(storage::snapshot_end{});
  } else if (chunk.size() == 0) {
    // Others come first; storage must not get an empty chunk.
    self<handle<snapshot_step>>().send(snapshot_step{snapshots_begun_});
  } else {
    storage_.send(storage::snapshot_chunk{std::move(chunk)});
  }
}

void tree_actor::tell_changes(const role::tree::read_changes& asked) {
  std::string wrong;
  asked.to.send(read_changes(ring_, asked, wrong));
  if (!wrong.empty()) sdk::log::error("changes_unreadable", {{"reason", wrong}});
}

/// Recipes and their callers can cause these as often as they like.
void tree_actor::tell_complaints() {
  for (const auto& one : tree_.preparing().guards().take_complaints()) {
    const auto left_out = complaints_.take(clock_.now());
    if (!left_out) continue;
    switch (one.what) {
    case complaint::kind::decision_failed:
      sdk::log::error("decision_failed", {{"decision", one.name},
                                          {"session", to_string(one.session)},
                                          {"reason", one.reason},
                                          {"not_told", *left_out}});
      break;
    case complaint::kind::guard_failed:
      sdk::log::error("mount_guard_failed", {{"guard", one.name},
                                             {"session", to_string(one.session)},
                                             {"path", one.path},
                                             {"reason", one.reason},
                                             {"not_told", *left_out}});
      break;
    case complaint::kind::guard_objected:
      sdk::log::warning("write_refused_by_mount", {{"guard", one.name},
                                                   {"session", to_string(one.session)},
                                                   {"path", one.path},
                                                   {"reason", one.reason},
                                                   {"not_told", *left_out}});
      break;
    }
  }
}

void tree_actor::inspect(const role::tree::inspect& message) {
  const auto lane = lanes_.find(message.lane);
  if (lane == lanes_.end()) return;
  const auto& state = tree_.committed();
  role::tree::inspection answer;
  answer.token = message.token;
  answer.applied = state.applied();
  answer.node_count = state.nodes().size() + 1;
  answer.ephemeral_count = state.ephemeral_count();
  answer.approximate_data_bytes = state.approximate_bytes();
  answer.watch_count = tree_.watches().size();
  answer.watched_paths = tree_.watches().path_count();
  answer.watching_connections = tree_.watches().watcher_count();
  answer.session_count = state.sessions().size();
  answer.digest = state.digest();
  answer.last_snapshot = last_snapshot_;
  answer.last_snapshot_at = last_snapshot_at_;
  if (message.lists) {
    list_ephemerals(answer, message.most);
    answer.watches = tree_.watches().data_watches(message.most);
    answer.truncated = answer.truncated || answer.watch_count > message.most;
  }
  lane->second.send(std::move(answer));
}

/// Whoever asks for lists of everything must not hold up everybody else, so both what is shown and
/// what is looked at is bounded.
void tree_actor::list_ephemerals(role::tree::inspection& into, std::size_t most) const {
  std::size_t sessions = 0, paths = 0;
  for (const auto& [id, session] : tree_.committed().sessions().all()) {
    into.truncated = ++sessions > most || paths > most;
    if (into.truncated) return;
    if (session.ephemerals.empty()) continue;
    auto& mine = into.ephemerals.emplace_back(id, std::vector<std::string>{}).second;
    for (const auto& path : session.ephemerals) {
      into.truncated = ++paths > most;
      if (into.truncated) return;
      mine.push_back(path);
    }
  }
}

void tree_actor::report_status(std::uint64_t token) {
  const auto& state = tree_.committed();
  const auto& preparing = tree_.preparing();
  metrics_.znodes.set(std::uint64_t{state.nodes().size()});
  metrics_.ephemerals.set(std::uint64_t{state.ephemeral_count()});
  metrics_.watches.set(std::uint64_t{tree_.watches().size()});
  metrics_.data_bytes.set(std::uint64_t{state.approximate_bytes()});
  metrics_.sessions.set(std::uint64_t{state.sessions().size()});
  metrics_.applied_zxid.set(state.applied().value);
  metrics_.parked_reads.set(std::uint64_t{tree_.parked_reads()});
  metrics_.unfinished_lists.set(std::uint64_t{tree_.unfinished_lists()});
  supervisor_.send(role::component::status_report{
      token,
      number_,
      {{"applied_zxid", to_string(state.applied())},
       {"nodes", std::to_string(state.nodes().size())},
       {"ephemerals", std::to_string(state.ephemeral_count())},
       {"sessions", std::to_string(state.sessions().size())},
       {"watches", std::to_string(tree_.watches().size())},
       {"parked_reads", std::to_string(tree_.parked_reads())},
       {"unfinished_lists", std::to_string(tree_.unfinished_lists())},
       {"digest", std::to_string(state.digest())},
       {"leading", preparing.leading() ? "true" : "false"},
       {"epoch_exhausted", preparing.exhausted() ? "true" : "false"},
       {"proposals_in_flight", std::to_string(own_.size())},
       {"snapshot_in_progress", snapshot_ ? "true" : "false"},
       {"last_snapshot_zxid", to_string(last_snapshot_)}}});
}

}  // namespace troupe::tree
