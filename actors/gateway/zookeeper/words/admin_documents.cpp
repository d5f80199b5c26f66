// The JSON documents of ZooKeeper's AdminServer. Session ids are numbers there, signed as in Java.
#include <algorithm>
#include <map>

#include "actors/gateway/zookeeper/words/admin_command.hpp"

namespace troupe::zk {
namespace {

/// Digits become a number, everything else text.
document value_of(const std::string& text) {
  const auto digits = text.starts_with('-') ? 1u : 0u;
  const bool number =
      text.size() > digits && text.size() < 19 &&
      std::all_of(text.begin() + digits, text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (number) return std::stoll(text);
  return text;
}

std::int64_t id_of(session_id session) { return static_cast<std::int64_t>(session.value); }

/// clientPort -> client_port; maxClientCnxns -> max_client_cnxns.
std::string snake_case(const std::string& name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z') {
      out += '_';
      out += static_cast<char>(c - 'A' + 'a');
    } else {
      out += c;
    }
  }
  return out;
}

document short_connection(const connection_facts& one) {
  document shown;
  shown["remote_socket_address"] = one.peer;
  shown["interest_ops"] = one.reporting ? 0 : (one.sending ? 5 : 1);
  shown["outstanding_requests"] = one.outstanding;
  shown["packets_received"] = one.past.packets.packets_received;
  shown["packets_sent"] = one.past.packets.packets_sent;
  return shown;
}

document full_connection(const connection_facts& one) {
  auto shown = short_connection(one);
  if (!one.session) return shown;
  const auto& latency = one.past.packets.latency;
  shown["session_id"] = id_of(one.session);
  shown["last_operation"] = one.past.last_op == opcode{} ? "SESS" : operation_tag(one.past.last_op);
  shown["established"] = one.established.ms;
  shown["session_timeout"] = one.timeout.count();
  shown["last_cxid"] = one.past.last_cxid;
  shown["last_zxid"] = one.past.last_zxid;
  shown["last_response_time"] = one.last_reply.ms;
  shown["last_latency"] = one.past.last_latency_ms;
  shown["min_latency"] = latency.smallest_ms();
  shown["avg_latency"] = latency.average_ms();
  shown["max_latency"] = latency.largest_ms();
  return shown;
}

template <class Show>
document connection_list(const std::vector<connection_facts>& list, bounded& room, Show show) {
  auto shown = document::array();
  for (const auto& one : list) {
    if (!room.take()) break;
    shown.push_back(show(one));
  }
  return shown;
}

document paths_of(const paths_by_session& all, bounded& room) {
  auto shown = document::object();
  for (const auto& [session, paths] : all) {
    auto list = document::array();
    for (const auto& path : paths) {
      if (!room.take()) break;
      list.push_back(path);
    }
    if (room.truncated() && list.empty()) break;
    shown[std::to_string(id_of(session))] = std::move(list);
  }
  return shown;
}

}  // namespace

std::string admin_text(document fields, std::string_view command, std::string_view error) {
  if (fields.is_null()) fields = document::object();
  fields["command"] = command;
  fields["error"] = error.empty() ? document{} : document(error);
  return fields.dump(2, ' ', false, document::error_handler_t::replace) + "\n";
}

document admin_configuration(const named_values& values) {
  document shown;
  for (const auto& [name, value] : values) {
    // What takes a look at the disk has a command of its own there.
    if (name == "dataDirSize" || name == "dataLogSize" || name == "secureClientPort") continue;
    shown[snake_case(name)] = name.ends_with("Dir") ? document(value) : value_of(value);
  }
  return shown;
}

document admin_connections(const std::vector<connection_facts>& list, bounded& room) {
  document shown;
  shown["connections"] = connection_list(list, room, full_connection);
  shown["secure_connections"] = document::array();
  return shown;
}

document admin_monitor(const server_facts& server) {
  document shown;
  for (const auto& [name, value] : monitor_values(server))
    shown[name] = value_of(value);
  return shown;
}

document admin_server_stats(const server_facts& server, std::uint64_t directory_bytes) {
  const auto& counted = server.counters;
  document stats;
  stats["packets_sent"] = counted.all.packets_sent;
  stats["packets_received"] = counted.all.packets_received;
  stats["data_dir_size"] = directory_bytes;
  stats["log_dir_size"] = 0;  // log and snapshots share one directory; it is not counted twice
  stats["server_state"] = server.mode;
  stats["last_processed_zxid"] = server.applied.value;
  stats["outstanding_requests"] = counted.outstanding;
  stats["avg_latency"] = counted.all.latency.average_ms();
  stats["max_latency"] = counted.all.latency.largest_ms();
  stats["min_latency"] = counted.all.latency.smallest_ms();
  stats["num_alive_client_connections"] = server.connections;
  stats["uptime"] = server.uptime.count();
  stats["auth_failed_count"] = counted.auth_failures;
  document shown;
  shown["version"] = server.version;
  shown["read_only"] = false;
  shown["server_stats"] = std::move(stats);
  if (server.ensemble.mode == role::broadcast::server_mode::leader)
    shown["proposal_stats"] = proposal_stats(server.ensemble);
  shown["node_count"] = server.node_count;
  return shown;
}

document admin_stats(const server_facts& server, std::uint64_t directory_bytes,
                     const std::vector<connection_facts>& list, bounded& room) {
  auto shown = admin_server_stats(server, directory_bytes);
  shown["connections"] = connection_list(list, room, short_connection);
  shown["secure_connections"] = document::array();
  return shown;
}

document admin_environment(const named_values& values) {
  document shown;
  for (const auto& [name, value] : values)
    shown[name] = value;
  return shown;
}

document admin_dump(const std::vector<std::pair<wall_time, session_id>>& sessions,
                    const paths_by_session& ephemerals, bounded& room) {
  std::map<std::int64_t, std::vector<std::int64_t>> by_time;
  for (const auto& [at, session] : sessions) {
    if (!room.take()) break;
    by_time[at.ms].push_back(id_of(session));
  }
  auto times = document::object();
  for (auto& [at, ids] : by_time)
    times[std::to_string(at)] = std::move(ids);
  document shown;
  shown["expiry_time_to_session_ids"] = std::move(times);
  shown["session_id_to_ephemeral_paths"] = paths_of(ephemerals, room);
  return shown;
}

document admin_watches(const paths_by_session& watches, bounded& room) {
  document shown;
  shown["session_id_to_watched_paths"] = paths_of(watches, room);
  return shown;
}

document admin_watches_by_path(const paths_by_session& watches, bounded& room) {
  std::map<std::string_view, std::vector<std::int64_t>> by_path;
  for (const auto& [session, paths] : watches) {
    for (const auto& path : paths) {
      if (!room.take()) break;
      by_path[path].push_back(id_of(session));
    }
  }
  auto paths = document::object();
  for (auto& [path, sessions] : by_path)
    paths[std::string{path}] = std::move(sessions);
  document shown;
  shown["path_to_session_ids"] = std::move(paths);
  return shown;
}

document admin_last_snapshot(const role::tree::inspection& tree) {
  const bool any = tree.last_snapshot.value != 0;
  document shown;
  shown["zxid"] = any ? hex(tree.last_snapshot.value).substr(2) : "ffffffffffffffff";
  shown["timestamp"] = any && tree.last_snapshot_at.ms != 0 ? tree.last_snapshot_at.ms / 1000 : -1;
  return shown;
}

}  // namespace troupe::zk
