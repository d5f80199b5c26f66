#include "actors/gateway/zookeeper/gateway_metrics.hpp"

namespace troupe::zk {
namespace {

constexpr std::pair<opcode, const char*> operation_names[] = {
    {opcode::create, "create"},
    {opcode::create2, "create2"},
    {opcode::create_container, "createContainer"},
    {opcode::create_ttl, "createTTL"},
    {opcode::remove, "delete"},
    {opcode::set_data, "setData"},
    {opcode::set_acl, "setACL"},
    {opcode::multi, "multi"},
    {opcode::multi_read, "multiRead"},
    {opcode::exists, "exists"},
    {opcode::get_data, "getData"},
    {opcode::get_acl, "getACL"},
    {opcode::get_children, "getChildren"},
    {opcode::get_children2, "getChildren2"},
    {opcode::get_ephemerals, "getEphemerals"},
    {opcode::get_all_children_number, "getAllChildrenNumber"},
    {opcode::sync, "sync"},
    {opcode::ping, "ping"},
    {opcode::auth, "auth"},
    {opcode::sasl, "sasl"},
    {opcode::who_am_i, "whoAmI"},
    {opcode::reconfig, "reconfig"},
    {opcode::add_watch, "addWatch"},
    {opcode::check_watches, "checkWatches"},
    {opcode::remove_watches, "removeWatches"},
    {opcode::set_watches, "setWatches"},
    {opcode::set_watches2, "setWatches2"},
    {opcode::close_session, "closeSession"}};

constexpr double nanoseconds_per_second = 1e9;

}  // namespace

gateway_metrics::gateway_metrics(std::shared_ptr<sdk::metrics> all) : all_(std::move(all)) {
  for (const auto& [op, name] : operation_names) {
    requests_.emplace_back(op, all_->counter("troupe_zookeeper_requests_total",
                                             "Requests of clients, by operation.",
                                             {{"operation", name}}));
  }
  std::vector<double> bounds;
  for (const auto bound : latency_tally::bounds_ns)
    bounds.push_back(static_cast<double>(bound) / nanoseconds_per_second);
  latency_ = all_->histogram("troupe_zookeeper_request_seconds",
                             "Time from a request's arrival to its reply, pings left out.",
                             std::move(bounds));
  packets_received_ = all_->counter("troupe_zookeeper_packets_received_total",
                                    "Packets from clients, handshakes and words included.");
  packets_sent_ = all_->counter("troupe_zookeeper_packets_sent_total",
                                "Packets to clients: replies and watch events.");
  bytes_received_ =
      all_->counter("troupe_zookeeper_received_bytes_total", "Bytes received from clients.");
  const auto rejected = [&](const char* reason) {
    return all_->counter("troupe_zookeeper_rejected_total",
                         "Connections turned away or given up, by reason.", {{"reason", reason}});
  };
  refused_ = rejected("connection_limit");
  accepts_failed_ = rejected("accept_failed");
  closed_for_memory_ = rejected("held_bytes");
  handshake_timeouts_ = rejected("handshake_timeout");
  auth_failures_ = rejected("authentication");
  connections_ = all_->gauge("troupe_zookeeper_connections", "Open connections of clients.");
  outstanding_ =
      all_->gauge("troupe_zookeeper_outstanding_requests", "Requests without a reply now.");
  held_bytes_ = all_->gauge("troupe_zookeeper_held_bytes",
                            "Bytes held for clients: requests, replies and halves of packets.");
}

void gateway_metrics::publish(const gateway_counters& counted, std::size_t connections) {
  for (const auto& [op, shown] : requests_)
    shown.advance_to(counted.requests.of(static_cast<std::int32_t>(op)));
  latency_.advance_to(counted.latency.counts(),
                      static_cast<double>(counted.latency.sum_ns()) / nanoseconds_per_second);
  packets_received_.advance_to(counted.all.packets_received +
                               counted.before_reset.packets_received);
  packets_sent_.advance_to(counted.all.packets_sent + counted.before_reset.packets_sent);
  bytes_received_.advance_to(counted.bytes_received + counted.before_reset.bytes_received);
  refused_.advance_to(counted.connections_refused);
  accepts_failed_.advance_to(counted.accepts_failed);
  closed_for_memory_.advance_to(counted.closed_for_memory);
  handshake_timeouts_.advance_to(counted.handshake_timeouts);
  auth_failures_.advance_to(counted.auth_failures);
  connections_.set(static_cast<std::uint64_t>(connections));
  outstanding_.set(counted.outstanding);
  held_bytes_.set(counted.held_bytes);
}

}  // namespace troupe::zk
