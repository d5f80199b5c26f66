/// What a native gateway shows to monitoring.
#pragma once

#include <cstdint>
#include <memory>

#include <troupe/sdk/metrics.hpp>

#include "actors/gateway/rpc/desk.hpp"

namespace troupe::rpc {

/// What the gateway itself counts.
struct connection_counters {
  std::uint64_t connections = 0;  ///< now
  std::uint64_t bytes_received = 0;
  std::uint64_t refused = 0;         ///< over a limit
  std::uint64_t accepts_failed = 0;  ///< refused by the system
  std::uint64_t ended_for_cause = 0;
  std::uint64_t held_bytes = 0;  ///< now
};

/// Takes over what was counted, whenever somebody is about to look.
class gateway_metrics {
public:
  explicit gateway_metrics(std::shared_ptr<sdk::metrics> all);

  void publish(const connection_counters& connections, const desk_counters& desk,
               std::size_t sessions);

private:
  const std::shared_ptr<sdk::metrics> all_;
  sdk::counter batches_, reads_, writes_, events_, opened_, resumed_;
  sdk::counter bytes_received_, refused_, accepts_failed_, ended_;
  sdk::gauge connections_, sessions_, outstanding_, held_bytes_;
};

}  // namespace troupe::rpc
