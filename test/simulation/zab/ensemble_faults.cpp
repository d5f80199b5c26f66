// What can happen to members and to the links between them.
#include <algorithm>
#include <utility>

#include "test/simulation/zab/ensemble.hpp"

namespace troupe::test::zab {

void ensemble::crash(server& one) {
  if (!one.process) return;
  say("crash " + std::to_string(one.id.value));
  ++counts_.crashes;
  one.process.reset();
  // What is on its way to the disk is lost from some point on.
  while (!one.requests.empty() && random_.chance(1, 2))
    do_disk(one);
  one.requests.clear();
  if (!one.before_cut.empty()) one.disk = std::exchange(one.before_cut, {});
  one.looks = false;
  one.leads = 0;
  if (options_.planted == bug::forgets_current_epoch && one.epochs.current > 0)
    --one.epochs.current;
  if (options_.planted == bug::forgets_accepted_epoch) one.epochs.accepted = one.epochs.current;
  for (auto& other : servers_)
    if (other.id != one.id) set_link(one.id, other.id, false);
}

void ensemble::wipe(server& one) {
  crash(one);
  say("wipe " + std::to_string(one.id.value));
  ++counts_.wipes;
  one.lost = std::exchange(one.disk, {});
  one.committed_mark = one.snapshot_at = one.log_after = {};
  one.epochs = {};
}

/// One at a time, and never while another member has not come back from that: what a majority loses
/// is lost. Nor while somebody must not lead, who may be the only other one that has claimed the
/// newest epoch, nor while a founder does not know that others have its history.
bool ensemble::may_lose_directory() const {
  return options_.wipes_disks && founded() &&
         std::all_of(servers_.begin(), servers_.end(),
                     [](const server& s) { return s.epochs.member && s.eligible; });
}

void ensemble::hand_over(server& one) {
  if (!one.process || one.leads == 0) return;
  say("hand over " + std::to_string(one.id.value));
  ++counts_.handed_over;
  one.process->hand_over("the test wants it");
  act(one);
}

/// A refusal shows the state after what was proposed before it.
/// One at a time, and only if the others have what it has: it must not lead until it is repaired.
void ensemble::distrust(server& one) {
  if (!one.process || distrusted_ || committed_.empty() || one.tree.size() > committed_.size())
    return;
  for (const auto& other : servers_)
    if (other.disk.size() < one.disk.size() || other.epochs.current == 0 || !other.epochs.shared)
      return;
  say("distrust " + std::to_string(one.id.value));
  distrusted_ = true;
  ++counts_.distrusted;
  // What the trees of all come to, after the newest that is committed.
  for (auto& other : servers_) {
    if (!other.process) continue;
    other.process->digested(committed_.back().zxid, other.id == one.id ? 1 : 0);
    act(other);
  }
}

/// Nothing arrives, and nobody is told so: one way between two of them, or all that concerns one.
void ensemble::stall(server& one, server& other) {
  ++counts_.stalls;
  const bool all = one.id == other.id || random_.chance(1, 2), stalls = random_.chance(1, 2);
  for (auto& [ends, way] : links_) {
    if (all ? ends.first == one.id || ends.second == one.id : ends == std::pair{one.id, other.id})
      way.stalls = stalls;
  }
}

/// What all have is changed at one of them, in place of what a disk may do in spite of checksums.
void ensemble::flip(server& one) {
  if (one.process || flipped_ || one.disk.empty()) return;
  auto& txn = one.disk[random_.below(one.disk.size())];
  for (const auto& other : servers_)
    if (other.epochs.current == 0 ||
        std::none_of(other.disk.begin(), other.disk.end(),
                     [&](const auto& its) { return is_same(its, txn); }))
      return;
  say("flip " + to_string(txn.zxid) + " at " + std::to_string(one.id.value));
  txn.body = blob{"another body"};
  flipped_ = true;
  ++counts_.flips;
}

void ensemble::fault() {
  auto& one = any();
  auto& other = any();
  if (undisturbed_ > 0) return;
  if (options_.leases && random_.chance(1, 3)) return isolate(one);
  switch (random_.below(9)) {
  case 8:
    stall(one, other);
    break;
  case 6:
    hand_over(one);
    break;
  case 7:
    if (options_.flips) {
      flip(one);
    } else {
      take_snapshot(one);
      if (random_.chance(1, 6)) distrust(one);
    }
    break;
  case 0:
    crash(one);
    break;
  case 1:
  case 2:
    if (!one.process) start(one);
    break;
  case 3:
    if (one.id == other.id) break;
    ++counts_.cuts;
    set_link(one.id, other.id, false);
    break;
  case 4:
    for (auto& peer : servers_)
      if (peer.id != one.id) set_link(one.id, peer.id, true);
    break;
  default:
    if (random_.chance(1, 6) && may_lose_directory()) wipe(one);
  }
}

}  // namespace troupe::test::zab
