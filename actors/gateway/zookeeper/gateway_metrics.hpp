/// What a gateway shows to monitoring.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <troupe/sdk/metrics.hpp>

#include "actors/gateway/zookeeper/codec/protocol.hpp"
#include "actors/gateway/zookeeper/core/statistics.hpp"

namespace troupe::zk {

/// Takes over what the gateway has counted, whenever somebody is about to look.
class gateway_metrics {
public:
  explicit gateway_metrics(std::shared_ptr<sdk::metrics> all);

  void publish(const gateway_counters& counted, std::size_t connections);

private:
  const std::shared_ptr<sdk::metrics> all_;
  std::vector<std::pair<opcode, sdk::counter>> requests_;
  sdk::histogram latency_;
  sdk::counter packets_received_, packets_sent_, bytes_received_;
  sdk::counter refused_, accepts_failed_, closed_for_memory_, handshake_timeouts_, auth_failures_;
  sdk::gauge connections_, outstanding_, held_bytes_;
};

}  // namespace troupe::zk
