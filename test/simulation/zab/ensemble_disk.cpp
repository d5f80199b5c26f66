// The disk of a member, as the test plays it: a log, snapshots that the log may begin after,
// epochs.
#include <algorithm>
#include <functional>
#include <string_view>
#include <utility>

#include "test/simulation/zab/ensemble.hpp"

namespace troupe::test::zab {

namespace effect = core::effect;

namespace {

/// Of the history up to `at`; nothing if that is not in it.
std::optional<std::uint64_t> hash_of(const std::vector<encoded_txn>& history, zxid at) {
  std::uint64_t hash = 0;
  for (const auto& txn : history) {
    if (txn.zxid > at) break;
    hash = hash * 1'099'511'628'211u ^ txn.zxid.value;
    hash = hash * 1'099'511'628'211u ^ std::hash<std::string_view>{}(txn.body.view());
    if (txn.zxid == at) return hash;
  }
  return std::nullopt;
}

constexpr int chunks_of_a_snapshot = 2;

}  // namespace

/// A founder that does not know yet that its history is shared must find it in the others' logs.
bool ensemble::founded() const {
  return std::none_of(servers_.begin(), servers_.end(),
                      [](const server& s) { return s.epochs.founds(); });
}

core::history ensemble::recover(server& one, std::size_t keep_bytes) {
  core::history log{one.snapshot_at, keep_bytes};
  std::vector<zxid> older;
  one.tree.clear();
  for (const auto& txn : one.disk) {
    const bool committed =
        txn.zxid <= one.committed_mark || options_.planted == bug::applies_uncommitted;
    if (committed || txn.zxid <= one.snapshot_at) one.tree.push_back(txn);
    if (txn.zxid > one.snapshot_at) {
      log.recovered(txn, committed);
    } else if (!older.empty() && older.back().epoch() == txn.zxid.epoch()) {
      older.back() = txn.zxid;
    } else {
      older.push_back(txn.zxid);
    }
  }
  // How far back storage knows the epochs is not promised.
  if (founded())
    older.erase(older.begin(),
                older.begin() + static_cast<std::ptrdiff_t>(random_.below(older.size() + 1)));
  log.know_older_ends(older);
  return log;
}

/// As storage does now and then: a snapshot of what is applied, and the log before it goes.
void ensemble::take_snapshot(server& one) {
  if (!one.process || one.tree.empty()) return;
  const auto at = one.tree.back().zxid;
  const bool is_durable = std::any_of(one.disk.begin(), one.disk.end(),
                                      [&](const auto& txn) { return txn.zxid == at; });
  if (!is_durable || at <= one.snapshot_at) return;
  ++counts_.snapshots;
  one.snapshot_at = at;
  one.committed_mark = std::max(one.committed_mark, at);
  if (founded() && random_.chance(1, 2)) one.log_after = at;
}

void ensemble::do_disk(server& one) {
  if (one.requests.empty()) return;
  auto next = std::move(one.requests.front());
  one.requests.pop_front();
  std::visit([&](auto& wanted) { carry_out(one, wanted); }, next);
}

void ensemble::carry_out(server& one, effect::append& wanted) {
  one.disk.insert(one.disk.end(), wanted.txns.begin(), wanted.txns.end());
  if (options_.planted == bug::acknowledges_before_sync) {
    // The empty request is the premature answer to the one behind it.
    if (wanted.txns.empty() && one.process) one.process->persisted(wanted.committed);
    return;
  }
  one.committed_mark = std::max(one.committed_mark, wanted.committed);
  if (one.process && !wanted.txns.empty()) one.process->persisted(wanted.txns.back().zxid);
}

void ensemble::carry_out(server& one, effect::truncate& wanted) {
  if (options_.planted == bug::acknowledges_cut_before_sync) one.before_cut = one.disk;
  if (options_.planted != bug::cut_is_not_done)
    std::erase_if(one.disk, [&](const auto& txn) { return txn.zxid > wanted.after; });
  if (one.process) one.process->truncated();
}

void ensemble::carry_out(server& one, effect::write_epochs& wanted) {
  one.epochs = wanted.epochs;
  say(std::to_string(one.id.value) + " writes accepted " + std::to_string(one.epochs.accepted) +
      ", current " + std::to_string(one.epochs.current) + (one.epochs.member ? ", member" : "") +
      ", log ends at " + (one.disk.empty() ? "nothing" : to_string(one.disk.back().zxid)));
  if (one.process) one.process->epochs_written(one.epochs);
}

void ensemble::carry_out(server& one, effect::read_range& wanted) {
  std::vector<encoded_txn> found;
  std::size_t bytes = 0;
  const bool gone = wanted.after < one.log_after;
  for (const auto& txn : one.disk) {
    if (gone || txn.zxid <= wanted.after || bytes >= wanted.most_bytes) continue;
    bytes += txn.body.size();
    found.push_back(txn);
  }
  if (one.process) one.process->range(wanted.token, wanted.after, std::move(found), gone);
}

void ensemble::carry_out(server& one, effect::locate& wanted) {
  if (one.process) one.process->located(wanted.token, wanted.at, hash_of(one.disk, wanted.at));
}

void ensemble::carry_out(server& one, effect::read_snapshot& wanted) {
  if (!one.process) return;
  one.chunks_left[wanted.token] = chunks_of_a_snapshot;
  const bool busy = random_.chance(1, 4);
  // Storage that has none wants one as soon as it is asked.
  if (one.snapshot_at == zxid{} || one.snapshot_at < wanted.at_least) take_snapshot(one);
  if (busy || one.snapshot_at == zxid{} || one.snapshot_at < wanted.at_least)
    return one.process->snapshot_read(wanted.token, core::no_snapshot{true});
  const auto hash = hash_of(one.disk, one.snapshot_at).value_or(0);
  one.process->snapshot_read(wanted.token, core::snapshot_begin{one.snapshot_at, 0, hash});
}

void ensemble::carry_out(server& one, effect::next_snapshot_chunk& wanted) {
  if (!one.process) return;
  if (one.chunks_left[wanted.token]-- > 0)
    one.process->snapshot_read(wanted.token, core::snapshot_chunk{blob{"chunk"}});
  else
    one.process->snapshot_read(wanted.token, core::snapshot_end{});
}

void ensemble::carry_out(server& one, effect::install_begin& wanted) {
  one.installing = wanted.header;
  one.chunks_missing = chunks_of_a_snapshot;
  if (one.process) one.process->install_progress(false);
}

void ensemble::carry_out(server& one, effect::install_chunk&) {
  --one.chunks_missing;
  if (one.process) one.process->install_progress(faults_ && random_.chance(1, 50));
}

void ensemble::carry_out(server& one, effect::install_end&) {
  ++counts_.installed;
  const auto& [at, digest, hash] = one.installing;
  if (one.chunks_missing != 0) violated("a snapshot was installed without all of its chunks");
  one.disk.clear();
  for (const auto& txn : committed_)
    if (txn.zxid <= at) one.disk.push_back(txn);
  if (one.disk.empty() || one.disk.back().zxid != at || hash_of(one.disk, at) != hash)
    violated("the snapshot of " + to_string(at) + " is not of the committed history");
  one.snapshot_at = one.log_after = one.committed_mark = at;
  if (!one.process) return;
  one.tree = one.disk;
  one.process->installed(at);
}

void ensemble::carry_out(server&, effect::install_abandon&) {}

}  // namespace troupe::test::zab
