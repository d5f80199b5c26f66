#include "test/unit/storage/stored_server.hpp"

#include <utility>

#include "actors/storage/files/installation.hpp"
#include "actors/storage/files/log_cut.hpp"

namespace troupe::storage::test {

encoded_txn transaction(zxid at) {
  prng random{at.value};
  std::string body(random.below(random.chance(1, 20) ? 3000 : 200), '\0');
  for (auto& byte : body)
    byte = static_cast<char>(random());
  return {at, blob{std::string_view{body}}};
}

std::vector<std::string> chunks_at(zxid at) {
  prng random{~at.value};
  std::vector<std::string> chunks(random.below(4));
  for (auto& chunk : chunks) {
    chunk.resize(random.below(3000));
    for (auto& byte : chunk)
      byte = static_cast<char>('a' + random.below(20));
  }
  return chunks;
}

std::vector<std::string> paths_in(testing::sim_disk& disk, const std::string& directory) {
  auto names = disk.list(directory);
  if (!names) return {};
  for (auto& name : *names)
    name = directory + "/" + name;
  return std::move(*names);
}

journal_settings small_segments() {
  return {.first_segment_bytes = 2048,
          .segment_bytes = 8192,
          .snapshot_log_bytes = 20'000,
          .snapshot_transactions = 200};
}

stored_server::stored_server(testing::sim_disk& disk, journal_settings settings,
                             std::size_t snapshots_kept, std::uint32_t server)
    : disk_(disk), settings_(settings), kept_(snapshots_kept), server_{server} {}

void stored_server::fail(const std::string& message) {
  if (error.empty()) error = message;
  log_jobs_.clear();
  file_jobs_.clear();
}

bool stored_server::take(recovered_piece& piece) {
  if (auto* header = std::get_if<snapshot_header>(&piece)) {
    snapshot = *header;
  } else if (auto* chunk = std::get_if<blob>(&piece)) {
    snapshot_content += chunk->view();
  } else {
    auto& all = std::get<recovered_transactions>(piece);
    if (all.committed && recovered_committed < recovered.size()) {
      fail("committed transactions after uncommitted ones");
      return false;
    }
    for (auto& one : all.txns)
      recovered.push_back(std::move(one));
    if (all.committed) recovered_committed = recovered.size();
  }
  return true;
}

bool stored_server::open() {
  auto opened = recovery::open(disk_, server_, 0x1234);
  if (!opened) return fail(opened.error().message), false;
  facts = (*opened)->facts();
  while (true) {
    auto piece = (*opened)->next();
    if (!piece) return fail(piece.error().message), false;
    if (!*piece) break;
    if (!take(**piece)) return false;
  }
  const auto instance = facts.identity.instance;
  writer_.emplace(disk_, instance, facts.log.end, facts.log.last);
  keeper_.emplace(disk_, instance, kept_);
  if (facts.snapshot) keeper_->trust(*facts.snapshot);
  journal_.emplace(settings_,
                   journal_start{.committed = facts.log.committed,
                                 .end = facts.log.end,
                                 .next_segment = facts.log.highest + 1,
                                 .history = facts.log.history,
                                 .bytes_since_snapshot = facts.log.bytes,
                                 .transactions_since_snapshot = facts.log.transactions,
                                 .epoch_promised = facts.epochs.accepted},
                   7);
  persisted = facts.log.last.zxid;
  drive();
  return true;
}

bool stored_server::promise(std::uint32_t epoch) {
  facts.epochs.accepted = facts.epochs.current = epoch;
  if (const auto bad = write_epochs(disk_, facts.epochs, facts.epochs))
    return fail(bad->message), false;
  journal_->promised(epoch);
  return true;
}

void stored_server::append(std::vector<encoded_txn> txns, zxid committed) {
  if (const auto bad = journal_->append(std::move(txns), committed)) fail(bad->message);
  drive();
}

bool stored_server::come_to_rest(prng& random) {
  while (error.empty() && !(journal_->rests() && file_jobs_.empty()) && step(random)) {
  }
  return error.empty();
}

log_extent stored_server::extent_after(zxid after) const {
  return {journal_->history().segments_after(after), journal_->durable_end(), journal_->durable()};
}

bool stored_server::cut(zxid after, prng& random) {
  if (!come_to_rest(random)) return false;
  if (const auto bad = journal_->check_cut(after)) return fail(bad->message), false;
  const auto instance = facts.identity.instance;
  const auto place = log_reader{disk_, instance}.locate(extent_after(after), after);
  if (!place) return fail(place.error().message), false;
  if (!*place) return fail("the cut is not in the history"), false;
  const auto bad = cut_log(disk_, instance, **place, journal_->durable_end().segment);
  if (bad) return fail(bad->message), false;
  writer_->go_on_after((*place)->at, (*place)->point);
  journal_->cut((*place)->point, (*place)->at);
  persisted = after;
  drive();
  return true;
}

bool stored_server::install(history_point at, prng& random) {
  const auto instance = facts.identity.instance;
  snapshot_writer to{disk_, instance, at.zxid, at.zxid.value * 3, received_snapshot(at.zxid)};
  const auto receive = [&]() -> sdk::io_status {
    if (auto bad = to.begin()) return bad;
    for (const auto& chunk : chunks_at(at.zxid)) {
      step(random);
      if (auto bad = to.add(chunk)) return bad;
    }
    return to.complete(at.hash);
  };
  if (const auto bad = receive()) return fail(bad->message), false;
  if (!come_to_rest(random)) return false;
  if (const auto bad = journal_->check_installation(at.zxid)) return fail(bad->message), false;
  if (snapshot_) {
    if (const auto bad = snapshot_->abandon()) return fail(bad->message), false;
    snapshot_.reset();
    snapshot_waits_ = false;
  }
  if (const auto bad = to.publish()) return fail(bad->message), false;
  const auto place = settle_installation(disk_, instance, at);
  if (!place) return fail(place.error().message), false;
  keeper_->begin_anew(at.zxid);
  writer_->go_on_after(place->at, place->point);
  journal_->restart(place->point, place->at, to.plain_bytes());
  persisted = at.zxid;
  drive();
  return true;
}

void stored_server::drive() {
  if (!error.empty()) return;
  if (auto next = journal_->take_batch()) commit(std::move(*next));
  if (const auto wanted = journal_->take_preparation()) prepare(*wanted);
  if (const auto change = journal_->take_space_change()) {
    space = *change;
    ++space_changes;
  }
  if (journal_->take_snapshot_wanted()) ++snapshots_wanted;
}

void stored_server::commit(batch next) {
  log_jobs_.push_back([this, all = std::move(next)] {
    const auto done = writer_->commit(all);
    if (!done) return fail(done.error().message);
    journal_->written(*done);
    persisted = journal_->durable();
    end_snapshot();
    drive();
  });
}

void stored_server::prepare(const preparation& wanted) {
  file_jobs_.push_back([this, wanted] {
    const auto before = disk_.used_bytes();
    auto done = keeper_->prepare(wanted);
    if (done) {
      recycled += !wanted.grow && disk_.used_bytes() == before ? 1 : 0;
      journal_->prepared(std::move(*done));
    } else if (done.error().no_space()) {
      journal_->not_prepared();
    } else {
      return fail(done.error().message);
    }
    drive();
  });
}

void stored_server::retry() {
  journal_->retry();
  drive();
}

void stored_server::begin_snapshot(zxid at) {
  snapshot_ = std::make_unique<snapshot_writer>(disk_, facts.identity.instance, at, at.value * 3);
  chunks_ = chunks_at(at);
  journal_->snapshot_begins(at);
  snapshot_step(0);
}

void stored_server::snapshot_step(std::size_t index) {
  file_jobs_.push_back([this, index] {
    const auto bad = index == 0 ? snapshot_->begin() : snapshot_->add(chunks_[index - 1]);
    if (bad) return snapshot_error(*bad);
    if (index < chunks_.size()) return snapshot_step(index + 1);
    snapshot_waits_ = true;
    end_snapshot();
  });
}

void stored_server::snapshot_error(const sdk::io_error& bad) {
  if (!bad.no_space()) return fail(bad.message);
  journal_->snapshot_failed();
  ++snapshots_failed;
  if (const auto worse = snapshot_->abandon()) return fail(worse->message);
  snapshot_.reset();
}

void stored_server::end_snapshot() {
  if (!snapshot_waits_ || journal_->durable() < snapshot_->at()) return;
  snapshot_waits_ = false;
  file_jobs_.push_back(
      [this, hash = journal_->snapshot_hash(), segment = journal_->durable_end().segment] {
        if (!hash) return fail("no hash for the snapshot");
        if (const auto bad = snapshot_->finish(*hash)) return snapshot_error(*bad);
        keeper_->trust(snapshot_->at());
        if (const auto bad = keeper_->tidy(segment)) return fail(bad->message);
        journal_->forget_segments_before(keeper_->oldest_needed());
        journal_->snapshot_finished(snapshot_->plain_bytes());
        snapshot_.reset();
        ++snapshots_finished;
        drive();
      });
}

bool stored_server::step(prng& random) {
  if (log_jobs_.empty() && file_jobs_.empty()) return false;
  const bool of_log = file_jobs_.empty() || (!log_jobs_.empty() && random.chance(1, 2));
  auto& lane = of_log ? log_jobs_ : file_jobs_;
  const auto job = std::move(lane.front());
  lane.pop_front();
  job();
  return true;
}

void stored_server::run() {
  prng random{1};
  while (step(random)) {
  }
}

bool stored_server::stop() {
  run();
  if (!error.empty()) return false;
  if (const auto bad = writer_->close(journal_->committed())) return fail(bad->message), false;
  return true;
}

}  // namespace troupe::storage::test
