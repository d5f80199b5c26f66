#include "actors/broadcast/zab_metrics.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace troupe::broadcast {

zab_metrics::zab_metrics(std::shared_ptr<sdk::metrics> all)
    : all_(std::move(all)),
      leading_(all_->gauge("troupe_broadcast_leading", "1 if this server decides about writes.")),
      serving_(all_->gauge("troupe_broadcast_serving",
                           "1 if this server follows or leads, and serves.")),
      unresolved_(all_->gauge("troupe_broadcast_unresolved_writes",
                              "Writes of this server's clients whose outcome is not known yet.")),
      epoch_(all_->gauge("troupe_broadcast_epoch", "The newest epoch that this server claimed.")),
      voters_(all_->gauge("troupe_broadcast_voters", "Servers of the ensemble that vote.")),
      learners_(all_->gauge("troupe_broadcast_learners",
                            "On the leader: other servers that are connected to it.")),
      synced_followers_(all_->gauge("troupe_broadcast_synced_followers",
                                    "On the leader: voters that follow it, and serve.")),
      synced_observers_(all_->gauge("troupe_broadcast_synced_observers",
                                    "On the leader: observers that follow it, and serve.")),
      pending_syncs_(all_->gauge("troupe_broadcast_pending_syncs",
                                 "On the leader: syncs that wait for a transaction.")),
      lag_(all_->gauge("troupe_broadcast_lag_transactions",
                       "On a learner: transactions that its leader sent, and that are not "
                       "committed here.")) {}

void zab_metrics::publish(const role::broadcast::inspection& now, bool serves,
                          std::size_t unresolved) {
  leading_.set(now.mode == role::broadcast::server_mode::leader ? 1.0 : 0.0);
  serving_.set(serves ? 1.0 : 0.0);
  unresolved_.set(std::uint64_t{unresolved});
  epoch_.set(std::uint64_t{now.epoch});
  voters_.set(std::uint64_t{now.voters.size()});
  pending_syncs_.set(now.pending_syncs);
  lag_.set(now.lag);
  publish_learners(now);
}

void zab_metrics::publish_learners(const role::broadcast::inspection& now) {
  const auto synced = [&](bool votes) {
    return static_cast<std::uint64_t>(
        std::count_if(now.learners.begin(), now.learners.end(),
                      [&](const auto& one) { return one.synced && one.votes == votes; }));
  };
  learners_.set(std::uint64_t{now.learners.size()});
  synced_followers_.set(synced(true));
  synced_observers_.set(synced(false));
  // Of those who are not connected, or if this server does not lead, nothing is known.
  for (const auto& [id, lag] : learner_lag_)
    lag.set(std::numeric_limits<double>::quiet_NaN());
  for (const auto& one : now.learners) {
    auto found = learner_lag_.find(one.server);
    if (found == learner_lag_.end()) {
      auto made = all_->gauge("troupe_broadcast_learner_lag_transactions",
                              "On the leader: transactions that the server does not have on its "
                              "disk. NaN if nothing is known of it.",
                              {{"server", std::to_string(one.server.value)}});
      found = learner_lag_.emplace(one.server, std::move(made)).first;
    }
    found->second.set(one.lag);
  }
}

}  // namespace troupe::broadcast
