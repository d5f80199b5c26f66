/// What broadcast.zab shows to monitoring.
#pragma once

#include <map>
#include <memory>

#include <troupe/base/ids.hpp>
#include <troupe/roles/broadcast.hpp>
#include <troupe/sdk/metrics.hpp>

namespace troupe::broadcast {

/// Gauges that are set from an inspection, when somebody asks.
class zab_metrics {
public:
  explicit zab_metrics(std::shared_ptr<sdk::metrics> all);

  /// `serves` and `unresolved` are not part of the inspection.
  void publish(const role::broadcast::inspection& now, bool serves, std::size_t unresolved);

private:
  void publish_learners(const role::broadcast::inspection& now);

  const std::shared_ptr<sdk::metrics> all_;
  const sdk::gauge leading_, serving_, unresolved_, epoch_, voters_, learners_, synced_followers_,
      synced_observers_, pending_syncs_, lag_;
  std::map<server_id, sdk::gauge> learner_lag_;
};

}  // namespace troupe::broadcast
