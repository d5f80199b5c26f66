/// What the links show to monitoring.
#pragma once

#include <memory>

#include <troupe/sdk/metrics.hpp>

namespace troupe::peer {

/// Everything that one component has counted since it was made.
struct link_counters {
  std::uint64_t messages_in = 0, messages_out = 0, bytes_in = 0, bytes_out = 0;
  std::uint64_t links_lost = 0, refusals = 0, dials_failed = 0, accepts_failed = 0;
};

/// Takes over what was counted, whenever somebody is about to look.
class peer_metrics {
public:
  explicit peer_metrics(std::shared_ptr<sdk::metrics> all);

  void publish(const link_counters& counted, std::size_t links, std::size_t unsent_bytes,
               std::size_t untaken_bytes);

private:
  const std::shared_ptr<sdk::metrics> all_;
  sdk::counter messages_in_, messages_out_, bytes_in_, bytes_out_;
  sdk::counter links_lost_, refusals_, dials_failed_, accepts_failed_;
  sdk::gauge links_, unsent_bytes_, untaken_bytes_;
};

}  // namespace troupe::peer
