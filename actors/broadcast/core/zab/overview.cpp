#include "actors/broadcast/core/zab/overview.hpp"

#include "actors/broadcast/core/zab/member.hpp"

namespace troupe::broadcast::zab {

std::uint64_t transactions_between(std::span<const zxid> ends, zxid from, zxid to) noexcept {
  std::uint64_t count = 0;
  for (const auto end : ends) {
    if (end.epoch() < from.epoch() || end.epoch() > to.epoch()) continue;
    const auto last = std::min(end, to).counter();
    const auto first = end.epoch() == from.epoch() ? from.counter() : 0;
    count += last > first ? last - first : 0;
  }
  return count;
}

std::string_view leader::name_of(stage one) noexcept {
  switch (one) {
  case stage::joined:
    return "joined";
  case stage::promised:
    return "promised";
  case stage::differing:
    return "differing";
  case stage::installing:
    return "installing";
  case stage::catching_up:
    return "catching_up";
  case stage::streaming:
    return "streaming";
  case stage::accepted:
    break;
  }
  return "synced";
}

learner_overview leader::describe(server_id id, const learner& one) const {
  // Before its history was compared, only its own word for it is known.
  const auto has = one.stage < stage::differing ? one.said.last : one.durable;
  const auto& log = shared_.log;
  return {id,
          one.votes,
          one.stage == stage::accepted,
          name_of(one.stage),
          has,
          transactions_between(log.ends(), has, log.last()),
          shared_.now - one.heard,
          one.stage == stage::accepted ? shared_.now - one.accepted_at : nanoseconds{0}};
}

void leader::describe(overview& to) const {
  to.phase = phase_ <= phase::promising ? "discovery"
             : phase_ <= phase::sharing ? "synchronization"
                                        : "broadcast";
  to.pending_syncs = order_.waiting_syncs();
  to.holds_lease = holds_lease();
  to.sizes = sizes_;
  for (const auto& [id, one] : learners_)
    to.learners.push_back(describe(id, one));
}

void follower::describe(overview& to) const {
  to.phase = phase_ <= phase::promising  ? "discovery"
             : phase_ <= phase::accepted ? "synchronization"
                                         : "broadcast";
  to.leader_silence = shared_.now - heard_;
  const auto& log = shared_.log;
  to.lag = transactions_between(log.ends(), log.committed(), log.last());
}

overview member::look_around() const {
  overview all;
  all.leader = leader_id();
  all.epoch = epochs_.current;
  if (const auto* const one = std::get_if<leader>(&role_)) one->describe(all);
  if (const auto* const one = std::get_if<follower>(&role_)) one->describe(all);
  return all;
}

}  // namespace troupe::broadcast::zab
