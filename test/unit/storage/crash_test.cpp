// Crashes at every disk operation, many seeds: nothing acknowledged is lost, what comes back is a
// prefix of what was appended, in order.
#include <algorithm>
#include <optional>
#include <utility>

#include <catch2/catch.hpp>

#include "test/unit/storage/stored_server.hpp"

namespace troupe::storage::test {
namespace {

/// All that was ever appended and still counts, and what was promised about it.
struct model {
  std::vector<zxid> history;  ///< appended, after what the last recovery gave
  zxid persisted;             ///< acknowledged as durable
  zxid committed;             ///< told to the log
  /// The history may have become this one, by a cut or by the snapshot of another server at its
  /// end; nobody was told.
  std::optional<std::vector<zxid>> changed;
  bool installed = false;   ///< it was a snapshot
  std::uint32_t epoch = 0;  ///< acknowledged
  std::uint32_t epoch_tried = 0;
  std::uint32_t start_number = 0;
  zxid snapshot;  ///< newest that was finished
};

/// What the runs have gone through, lest they all pass because nothing happens.
struct coverage {
  int recoveries = 0, with_snapshot = 0, clean = 0, lost_tails = 0, segments = 0, recycled = 0;
  int cuts = 0, installations = 0;
  int changes_after_crash[2] = {0, 0}, changes_not_made[2] = {0, 0};  ///< cuts, installations
};

void take_change(model& all) {
  all.history = *std::exchange(all.changed, std::nullopt);
  all.persisted = all.history.back();
  if (!std::exchange(all.installed, false)) return;
  all.snapshot = all.committed = all.persisted;
}

/// Empty if the recovered state is one that the model allows.
std::string compare(const model& expected, const stored_server& server) {
  std::vector<zxid> found;
  const auto base = server.snapshot ? server.snapshot->zxid : zxid{};
  for (const auto at : expected.history) {
    if (at <= base) found.push_back(at);
  }
  if (base != zxid{} && (found.empty() || found.back() != base)) return "snapshot of the unknown";
  for (const auto& one : server.recovered) {
    if (!(one.body == transaction(one.zxid).body)) return "a body differs";
    found.push_back(one.zxid);
  }
  if (found.size() > expected.history.size()) return "more than was appended";
  if (!std::equal(found.begin(), found.end(), expected.history.begin())) return "not a prefix";
  const auto last = found.empty() ? zxid{} : found.back();
  if (last < expected.persisted) return "an acknowledged transaction is lost";
  if (last != server.facts.log.last.zxid) return "the last zxid differs";
  if (base < expected.snapshot) return "a finished snapshot is lost";
  history_point point;
  for (const auto at : found)
    point = extend(point, at, transaction(at).body.view());
  if (point.hash != server.facts.log.last.hash) return "the history's hash differs";
  if (server.facts.log.committed > last) return "more is committed than there is";
  if (server.snapshot) {
    std::string content;
    for (const auto& chunk : chunks_at(base))
      content += chunk;
    if (content != server.snapshot_content) return "the snapshot's content differs";
    if (server.snapshot->tree_digest != base.value * 3) return "the digest differs";
  }
  if (server.facts.epochs.start_number <= expected.start_number) return "start number repeated";
  const auto accepted = server.facts.epochs.accepted;
  if (accepted < expected.epoch || accepted > expected.epoch_tried) return "epochs differ";
  return {};
}

void note(coverage& seen, const model& expected, const stored_server& server) {
  ++seen.recoveries;
  seen.with_snapshot += server.snapshot ? 1 : 0;
  seen.clean += server.facts.clean ? 1 : 0;
  seen.segments += static_cast<int>(server.facts.log.segments.size());
  if (!expected.history.empty() && server.facts.log.last.zxid < expected.history.back()) {
    ++seen.lost_tails;
  }
}

/// Empty if the recovered state is what a change has left that nobody was told of, or what was
/// before.
std::string settle_change(model& all, const stored_server& server, coverage& seen) {
  const auto without = compare(all, server);
  if (!all.changed) return without;
  const int kind = all.installed ? 1 : 0;
  if (without.empty()) {
    ++seen.changes_not_made[kind];
    all.changed.reset();
    all.installed = false;
    return {};
  }
  ++seen.changes_after_crash[kind];
  take_change(all);
  return compare(all, server);
}

/// Takes over what was recovered as the new truth.
void adopt(model& all, const stored_server& server) {
  const auto last = server.facts.log.last.zxid;
  std::erase_if(all.history, [&](zxid at) { return at > last; });
  all.persisted = last;
  all.committed = server.facts.log.committed;
  all.epoch = all.epoch_tried = server.facts.epochs.accepted;
  all.start_number = server.facts.epochs.start_number;
  if (server.snapshot) all.snapshot = server.snapshot->zxid;
}

/// Transactions of a new epoch are appended from here on. Gives the first.
zxid next_epoch(model& all, stored_server& server) {
  all.epoch_tried = all.epoch + 1;
  if (server.promise(all.epoch_tried)) all.epoch = all.epoch_tried;
  return zxid::of(all.epoch, 1);
}

/// A place in the history, at or after what is committed.
std::optional<zxid> some_place(const model& all, prng& random) {
  std::vector<zxid> places;
  for (const auto at : all.history) {
    if (at >= all.committed) places.push_back(at);
  }
  if (places.empty()) return {};
  return places[random.below(places.size())];
}

/// Cuts the history somewhere after what is committed, and goes on in another epoch. Gives the next
/// transaction.
zxid cut_somewhere(model& all, stored_server& server, prng& random, coverage& seen, zxid next) {
  const auto after = some_place(all, random);
  if (!after) return next;
  all.changed = all.history;
  std::erase_if(*all.changed, [&](zxid at) { return at > *after; });
  const bool done = server.cut(*after, random);
  all.persisted = std::max(all.persisted, server.persisted);
  if (!done) return next;
  ++seen.cuts;
  take_change(all);
  // Without a promise nothing else makes the names in the data directory durable.
  const bool same_epoch = after->epoch() == all.epoch && random.chance(1, 2);
  return same_epoch ? after->next() : next_epoch(all, server);
}

/// Another server's history parts from this one's somewhere after what is committed; its snapshot
/// becomes the history.
zxid install_something(model& all, stored_server& server, prng& random, coverage& seen, zxid next) {
  const auto parts = some_place(all, random);
  next = next_epoch(all, server);
  if (!server.error.empty()) return next;
  auto theirs = all.history;
  std::erase_if(theirs, [&](zxid at) { return !parts || at > *parts; });
  for (auto n = 1 + random.below(20); n > 0; --n, next = next.next())
    theirs.push_back(next);
  history_point end;
  for (const auto at : theirs)
    end = extend(end, at, transaction(at).body.view());
  all.changed = std::move(theirs);
  all.installed = true;
  const bool done = server.install(end, random);
  all.persisted = std::max(all.persisted, server.persisted);
  if (!done) return next;
  ++seen.installations;
  take_change(all);
  return next;
}

/// One life of a server: some appends, some jobs, perhaps a snapshot, perhaps a clean stop.
void live(model& all, stored_server& server, prng& random, coverage& seen) {
  all.epoch_tried = all.epoch + 1;
  if (!server.promise(all.epoch_tried)) return;
  all.epoch = all.epoch_tried;
  auto next = zxid::of(all.epoch, 1);
  zxid snapshot;
  for (int i = 0; i < 60 && server.error.empty(); ++i) {
    std::vector<encoded_txn> txns;
    for (auto n = random.below(4); n > 0; --n, next = next.next()) {
      all.history.push_back(next);
      txns.push_back(transaction(next));
    }
    if (random.chance(1, 4)) all.committed = std::max(all.committed, all.persisted);
    server.append(std::move(txns), all.committed);
    if (snapshot == zxid{} && random.chance(1, 8) && !all.history.empty()) {
      snapshot = all.history.back();
      all.committed = snapshot;
      server.begin_snapshot(snapshot);
    }
    for (auto n = random.below(6); n > 0; --n) {
      const auto finished = server.snapshots_finished;
      server.step(random);
      if (server.snapshots_finished > finished) all.snapshot = std::exchange(snapshot, zxid{});
      all.persisted = std::max(all.persisted, server.persisted);
    }
    if (random.chance(1, 20)) {
      const auto finished = server.snapshots_finished;
      const bool cut = random.chance(2, 3);
      next = cut ? cut_somewhere(all, server, random, seen, next)
                 : install_something(all, server, random, seen, next);
      if (server.snapshots_finished > finished) {
        all.snapshot = std::max(all.snapshot, std::exchange(snapshot, zxid{}));
      }
      if (!cut) snapshot = {};
    }
  }
  if (random.chance(1, 3)) server.stop();
  all.persisted = std::max(all.persisted, server.persisted);
}

/// Lives and crashes until the disk has seen `crash_at` operations in one of the lives; then a last
/// recovery without faults. Empty if all went well.
std::string run(std::uint64_t seed, std::uint64_t crash_at, coverage& seen) {
  testing::sim_disk disk{seed};
  prng random{seed * 31 + crash_at};
  model all;
  for (int life = 0; life < 4; ++life) {
    const bool last = life == 3;
    if (!last) disk.crash_after_writes(life == 0 ? crash_at : random.below(400));
    stored_server server{disk};
    const bool opened = server.open();
    if (opened) {
      if (auto bad = settle_change(all, server, seen); !bad.empty()) return bad;
      note(seen, all, server);
      adopt(all, server);
      live(all, server, random, seen);
      seen.recycled += server.recycled;
    }
    if (!server.error.empty() && !disk.process_is_gone()) return "unexpected: " + server.error;
    random.chance(1, 4) ? disk.kill() : disk.crash();
  }
  return {};
}

}  // namespace

TEST_CASE("a crash at any disk operation loses nothing that was acknowledged", "[storage]") {
  coverage seen;
  // Longer than most first lives of the script.
  constexpr std::uint64_t operations = 350;
  for (std::uint64_t crash_at = 0; crash_at < operations; ++crash_at) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      INFO("seed " << seed << ", crash at operation " << crash_at);
      const auto problem = run(seed, crash_at, seen);
      if (!problem.empty()) FAIL(problem);
    }
  }
  CHECK(seen.with_snapshot > 100);
  CHECK(seen.lost_tails > 100);
  INFO("cuts " << seen.cuts << ", found after a crash " << seen.changes_after_crash[0]
               << ", not found " << seen.changes_not_made[0] << "; installations "
               << seen.installations << ", found " << seen.changes_after_crash[1] << ", not found "
               << seen.changes_not_made[1]);
  CHECK(seen.cuts > 500);
  CHECK(seen.installations > 300);
  for (const int kind : {0, 1}) {
    CHECK(seen.changes_after_crash[kind] > 20);
    CHECK(seen.changes_not_made[kind] > 20);
  }
}

TEST_CASE("lives and crashes of many seeds recover", "[storage]") {
  coverage seen;
  constexpr std::uint64_t first_seed = 1000, seeds = 500;
  for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
    INFO("seed " << seed);
    const auto problem = run(seed, prng{seed}.below(500), seen);
    if (!problem.empty()) FAIL(problem);
  }
  INFO("recoveries " << seen.recoveries << ", with snapshot " << seen.with_snapshot << ", clean "
                     << seen.clean << ", lost tails " << seen.lost_tails << ", segments "
                     << seen.segments << ", recycled " << seen.recycled);
  CHECK(seen.recoveries > 1500);
  CHECK(seen.with_snapshot > 200);
  CHECK(seen.clean > 100);
  CHECK(seen.lost_tails > 200);
  CHECK(seen.segments > 2000);
  CHECK(seen.recycled > 50);
}

}  // namespace troupe::storage::test
