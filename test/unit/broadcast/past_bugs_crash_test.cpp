// Bugs that ZooKeeper has had (docs/zookeeper-bugs.md): the power goes between any two steps of a
// synchronisation. Every order in which messages and the disk can come is played.
#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>

#include "test/unit/broadcast/zab_script.hpp"

namespace troupe::broadcast::zab {
namespace {

const std::vector<zxid> leaders_history{zxid::of(1, 1), zxid::of(1, 2), zxid::of(2, 1),
                                        zxid::of(2, 2)};

/// Server 2, whose third transaction no quorum has, joins server 1, which leads epoch 3. Its disk
/// does one thing after another, when it is told to.
class synchronisation {
public:
  synchronisation()
      : it_{two, disk_epochs_, recovered({zxid::of(1, 1), zxid::of(1, 2), zxid::of(1, 3)}, 1)} {
    it_.core.start();
    it_.core.link_up(one);
    it_.core.elected(one);
    it_.does();
    messages_.emplace_back(new_epoch{3, false});
  }

  [[nodiscard]] bool can_hear() const { return !messages_.empty(); }
  [[nodiscard]] bool can_write() const { return !writes_.empty(); }

  void hear() {
    auto next = std::move(messages_.front());
    messages_.pop_front();
    it_.hears(one, std::move(next));
    note_effects();
  }
  /// The disk has what it was told first.
  void write() {
    const auto next = std::move(writes_.front());
    writes_.pop_front();
    if (const auto* more = std::get_if<effect::append>(&next)) {
      for (const auto at : zxids(more->txns))
        disk_.push_back(at);
      it_.persists(disk_.back());
    } else if (const auto* end = std::get_if<effect::truncate>(&next)) {
      while (disk_.back() > end->after)
        disk_.pop_back();
      it_.core.truncated();
      it_.does();
    } else {
      disk_epochs_ = std::get<effect::write_epochs>(next).epochs;
      it_.writes(disk_epochs_);
    }
    note_effects();
  }

  /// The power goes now: what others were told, or the disk claims, that is not true; or nothing.
  [[nodiscard]] std::string untrue() const {
    const auto& all = leaders_history;
    const bool has_history =
        disk_.size() >= all.size() && std::equal(all.begin(), all.end(), disk_.begin());
    const bool has_durable = std::find(disk_.begin(), disk_.end(), durable_) != disk_.end();
    if (disk_epochs_.current == 3 && !has_history) return "a claim of what is not there";
    if (promised_ && disk_epochs_.accepted != 3) return "a promise that can be forgotten";
    if (accepted_ && disk_epochs_.current != 3) return "an acceptance that can be forgotten";
    if (durable_ != zxid{} && !has_durable) return "an acknowledgement of what can be lost";
    if (!it_.delivered.empty() && !accepted_) return "the tree has what may not be committed";
    return {};
  }
  [[nodiscard]] bool serves() const { return it_.core.serves(); }
  [[nodiscard]] const std::vector<zxid>& delivered() const { return it_.delivered; }

private:
  void note_effects() {
    for (const auto& any : it_.last) {
      if (const auto* send = std::get_if<effect::send>(&any)) {
        answer(send->message.body);
      } else if (std::holds_alternative<effect::append>(any) ||
                 std::holds_alternative<effect::truncate>(any) ||
                 std::holds_alternative<effect::write_epochs>(any)) {
        writes_.push_back(any);
      }
    }
  }
  /// What server 1 says to that.
  void answer(const body& said) {
    if (std::holds_alternative<epoch_promised>(said)) {
      promised_ = true;
      messages_.emplace_back(cut{zxid::of(1, 2)});
      messages_.emplace_back(entries{{txn(2, 1)}});
      messages_.emplace_back(entries{{txn(2, 2)}});
      messages_.emplace_back(new_leader{3, {}, 0});
      messages_.emplace_back(entries{{txn(3, 1)}});
    } else if (std::holds_alternative<leader_accepted>(said)) {
      accepted_ = true;
      messages_.emplace_back(commit{zxid::of(2, 2), {}});
    } else if (const auto* has = std::get_if<durable>(&said)) {
      durable_ = has->last;
    }
  }

  epochs disk_epochs_{1, 1, true, true};
  std::vector<zxid> disk_{zxid::of(1, 1), zxid::of(1, 2), zxid::of(1, 3)};
  script it_;
  std::deque<body> messages_;
  std::deque<any_effect> writes_;
  bool promised_ = false, accepted_ = false;
  zxid durable_;
};

}  // namespace

TEST_CASE("zab: ZOOKEEPER-2678, 3023, 3911, 4646 the power may go at any step of synchronisation") {
  constexpr unsigned steps = 12;
  for (unsigned order = 0; order < 1U << steps; ++order) {
    CAPTURE(order);
    synchronisation all;
    std::string untrue;
    for (unsigned i = 0; untrue.empty() && (all.can_hear() || all.can_write()); ++i) {
      const bool hears = all.can_hear() && (!all.can_write() || (order >> i % steps & 1) != 0);
      hears ? all.hear() : all.write();
      untrue = all.untrue();
    }
    REQUIRE(untrue.empty());
    // And without a crash it comes to its end.
    REQUIRE(all.serves());
    REQUIRE(all.delivered() == std::vector(leaders_history.begin() + 1, leaders_history.end()));
  }
}

}  // namespace troupe::broadcast::zab
