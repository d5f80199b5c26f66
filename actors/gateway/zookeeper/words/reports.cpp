#include "actors/gateway/zookeeper/words/reports.hpp"

#include <array>
#include <charconv>

namespace troupe::zk {
namespace {

std::string bare_hex(std::uint64_t value) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value, 16).ptr;
  return {digits.data(), end};
}

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string latency_line(const latency_summary& latency) {
  return "Latency min/avg/max: " + number(latency.smallest_ms()) + "/" +
         number(latency.average_ms()) + "/" + number(latency.largest_ms()) + "\n";
}

/// A leader's, as in ZooKeeper: a line of its own, behind all that parsers look for.
std::string proposal_sizes(const server_facts& server) {
  const auto& here = server.ensemble;
  if (here.mode != role::broadcast::server_mode::leader) return {};
  return "Proposal sizes last/min/max: " + std::to_string(here.last_proposal) + "/" +
         std::to_string(here.smallest_proposal) + "/" + std::to_string(here.largest_proposal) +
         "\n";
}

/// The lines that srvr and stat share.
std::string counters(const server_facts& server) {
  return latency_line(server.counters.all.latency) +
         "Received: " + number(server.counters.all.packets_received) +
         "\nSent: " + number(server.counters.all.packets_sent) +
         "\nConnections: " + number(server.connections) +
         "\nOutstanding: " + number(server.counters.outstanding) +
         "\nZxid: " + hex(server.applied.value) + "\nMode: " + server.mode +
         "\nNode count: " + number(server.node_count) + "\n" + proposal_sizes(server);
}

std::string version_line(const server_facts& server) {
  return "Zookeeper version: " + server.version + "\n";
}

/// Interest in events of the socket, as Java's selector numbers them: reading 1, writing 4.
std::string interest(const connection_facts& one) {
  if (one.reporting) return "0";
  return one.sending ? "5" : "1";
}

std::string connection_head(const connection_facts& one) {
  return " /" + one.peer + "[" + interest(one) + "](queued=" + number(one.outstanding) +
         ",recved=" + number(one.past.packets.packets_received) +
         ",sent=" + number(one.past.packets.packets_sent);
}

std::string session_part(const connection_facts& one) {
  const auto& latency = one.past.packets.latency;
  std::string text = ",sid=" + hex(one.session.value) + ",lop=";
  text += one.past.last_op == opcode{} ? "SESS" : operation_tag(one.past.last_op);
  text +=
      ",est=" + std::to_string(one.established.ms) + ",to=" + std::to_string(one.timeout.count());
  if (one.past.last_cxid >= 0) {
    text += ",lcxid=" + hex(static_cast<std::uint64_t>(one.past.last_cxid));
  }
  text += ",lzxid=" + hex(static_cast<std::uint64_t>(one.past.last_zxid)) +
          ",lresp=" + std::to_string(one.last_reply.ms) +
          ",llat=" + number(one.past.last_latency_ms) + ",minlat=" + number(latency.smallest_ms()) +
          ",avglat=" + number(latency.average_ms()) + ",maxlat=" + number(latency.largest_ms());
  return text;
}

}  // namespace

std::string hex(std::uint64_t value) { return "0x" + bare_hex(value); }

std::string render_srvr(const server_facts& server) {
  return version_line(server) + counters(server);
}

std::string render_stat(const server_facts& server, const std::vector<connection_facts>& list) {
  std::string text = version_line(server) + "Clients:\n";
  for (const auto& one : list)
    text += connection_head(one) + ")\n";
  return text + "\n" + counters(server);
}

std::string render_cons(const std::vector<connection_facts>& list) {
  std::string text;
  for (const auto& one : list) {
    text += connection_head(one);
    if (one.session) text += session_part(one);
    text += ")\n";
  }
  return text + "\n";
}

named_values monitor_values(const server_facts& server) {
  const auto& counted = server.counters;
  named_values values{
      {"version", server.version},
      {"avg_latency", number(counted.all.latency.average_ms())},
      {"max_latency", number(counted.all.latency.largest_ms())},
      {"min_latency", number(counted.all.latency.smallest_ms())},
      {"packets_received", number(counted.all.packets_received)},
      {"packets_sent", number(counted.all.packets_sent)},
      {"num_alive_connections", number(server.connections)},
      {"outstanding_requests", number(counted.outstanding)},
      {"server_state", server.mode},
      {"znode_count", number(server.node_count)},
      {"watch_count", number(server.watch_count)},
      {"ephemerals_count", number(server.ephemeral_count)},
      {"approximate_data_size", number(server.data_bytes)},
      {"open_file_descriptor_count", number(server.open_files)},
      {"max_file_descriptor_count", number(server.most_files)},
  };
  const auto ensemble = ensemble_values(server.ensemble);
  values.insert(values.end(), ensemble.begin(), ensemble.end());
  const named_values rest{
      {"uptime", std::to_string(server.uptime.count())},
      {"global_sessions", number(server.sessions)},
      {"local_sessions", "0"},
      {"auth_failed_count", number(counted.auth_failures)},
      {"bytes_received_count", number(counted.bytes_received)},
      {"connection_rejected", number(counted.connections_refused)},
      {"accept_failed_count", number(counted.accepts_failed)},
      {"held_bytes", number(counted.held_bytes)},
      {"sessionless_connections_expired", number(counted.handshake_timeouts)},
  };
  values.insert(values.end(), rest.begin(), rest.end());
  return values;
}

std::string render_mntr(const server_facts& server) {
  std::string text;
  for (const auto& [key, value] : monitor_values(server))
    text += "zk_" + key + "\t" + value + "\n";
  return text;
}

std::string render_values(const named_values& values) {
  std::string text;
  for (const auto& [key, value] : values)
    text += key + "=" + value + "\n";
  return text;
}

std::string render_wchs(std::uint64_t connections, std::uint64_t paths, std::uint64_t watches) {
  return number(connections) + " connections watching " + number(paths) +
         " paths\nTotal watches:" + number(watches) + "\n";
}

std::string render_dirs(std::uint64_t data_bytes) {
  // Log and snapshots share one directory here; it is not counted twice.
  return "datadir_size: " + number(data_bytes) + "\nlogdir_size: 0\n";
}

std::string render_hash(zxid at, std::uint64_t digest) {
  return bare_hex(at.value) + ": " + number(digest) + "\n";
}

}  // namespace troupe::zk
