// Trees of equal histories are equal. Where they are not, memory or a disk has lied, or a component
// has a mistake (design section 6); whose tree is right, a quorum says.
#include <utility>

#include "actors/broadcast/core/zab/leader.hpp"

namespace troupe::broadcast::zab {
namespace {

/// A learner that is further behind is compared at a later one.
constexpr std::size_t most_compared = 16;

}  // namespace

outcome leader::digested(server_id whose, const tree_digest& what) {
  if (phase_ != phase::broadcast || what.at.epoch() != epoch_) return outcome::goes_on;
  auto& known = digests_[what.at];
  known[whose] = what.digest;
  const auto over = compare_trees(what.at, known);
  while (digests_.size() > most_compared)
    digests_.erase(digests_.begin());
  return over;
}

/// A copy, because whoever is forgotten leaves the original.
outcome leader::compare_trees(zxid at, std::map<server_id, std::uint64_t> all) {
  const auto self = shared_.fixed.self;
  const auto own = all.find(self);
  if (own == all.end()) return outcome::goes_on;
  const auto agree_on = [&](std::uint64_t digest) {
    std::vector<server_id> those;
    for (const auto& [id, its] : all)
      if (its == digest && shared_.fixed.voters.is_voter(id)) those.push_back(id);
    return shared_.fixed.voters.is_quorum(those);
  };
  for (const auto& [id, its] : all) {
    if (its == own->second) continue;
    if (agree_on(its)) {
      distrusts_tree_ = true;
      shared_.out.emplace_back(
          effect::alarm{"trees_differ", "after " + to_string(at) +
                                            " this leader's is another one than a quorum's"});
      return give_up("its tree is another one than a quorum's");
    }
    if (!agree_on(own->second)) continue;
    const auto found = learners_.find(id);
    if (found != learners_.end() && found->second.stage == stage::accepted) {
      shared_.out.emplace_back(effect::alarm{
          "trees_differ", "after " + to_string(at) + " that of server " + std::to_string(id.value) +
                              " is another one than a quorum's; it gets a snapshot"});
      say(id, found->second, tree_differs{at});
      forget(found);
    }
  }
  return outcome::goes_on;
}

outcome leader::take(server_id from, learner& one, const tree_digest& message) {
  if (one.stage != stage::accepted) return outcome::goes_on;
  return digested(from, message);
}

}  // namespace troupe::broadcast::zab
