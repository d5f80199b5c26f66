#include "actors/gateway/rpc/gateway_metrics.hpp"

#include <utility>

namespace troupe::rpc {

gateway_metrics::gateway_metrics(std::shared_ptr<sdk::metrics> all) : all_(std::move(all)) {
  batches_ = all_->counter("troupe_rpc_batches_total", "Calls of submit by native clients.");
  const auto operations = [&](const char* kind) {
    return all_->counter("troupe_rpc_operations_total", "Operations of native clients, by kind.",
                         {{"kind", kind}});
  };
  reads_ = operations("read");
  writes_ = operations("write");
  events_ = all_->counter("troupe_rpc_events_total", "Watch events for native clients.");
  const auto begun = [&](const char* how) {
    return all_->counter("troupe_rpc_sessions_total", "Sessions that native clients got.",
                         {{"how", how}});
  };
  opened_ = begun("opened");
  resumed_ = begun("resumed");
  bytes_received_ =
      all_->counter("troupe_rpc_received_bytes_total", "Bytes received from native clients.");
  const auto rejected = [&](const char* reason) {
    return all_->counter("troupe_rpc_rejected_total",
                         "Native connections turned away or given up, by reason.",
                         {{"reason", reason}});
  };
  refused_ = rejected("connection_limit");
  accepts_failed_ = rejected("accept_failed");
  ended_ = rejected("ended");
  connections_ = all_->gauge("troupe_rpc_connections", "Open connections of native clients.");
  sessions_ = all_->gauge("troupe_rpc_sessions", "Sessions that native clients have here.");
  outstanding_ =
      all_->gauge("troupe_rpc_outstanding_operations", "Operations without an outcome now.");
  held_bytes_ = all_->gauge("troupe_rpc_held_bytes",
                            "Bytes held for native clients: calls, answers and events.");
}

void gateway_metrics::publish(const connection_counters& connections, const desk_counters& desk,
                              std::size_t sessions) {
  batches_.advance_to(desk.batches);
  reads_.advance_to(desk.reads);
  writes_.advance_to(desk.writes);
  events_.advance_to(desk.events);
  opened_.advance_to(desk.sessions_opened);
  resumed_.advance_to(desk.sessions_resumed);
  bytes_received_.advance_to(connections.bytes_received);
  refused_.advance_to(connections.refused);
  accepts_failed_.advance_to(connections.accepts_failed);
  ended_.advance_to(connections.ended_for_cause);
  connections_.set(connections.connections);
  sessions_.set(static_cast<std::uint64_t>(sessions));
  outstanding_.set(desk.outstanding);
  held_bytes_.set(connections.held_bytes);
}

}  // namespace troupe::rpc
