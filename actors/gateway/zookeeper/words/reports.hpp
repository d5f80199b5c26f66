/// The texts that answer four-letter words (protocol sections 13.2, 13.3 and 13.6). Monitoring
/// tools take them apart by pattern, some of them line by line, so nothing here is free form.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/roles/broadcast.hpp>

#include "actors/gateway/zookeeper/connection/connection.hpp"
#include "actors/gateway/zookeeper/core/statistics.hpp"

namespace troupe::zk {

/// Named values, in the order in which they are printed.
using named_values = std::vector<std::pair<std::string, std::string>>;

/// One connection, as stat and cons show it.
struct connection_facts {
  std::string peer;
  bool reporting = false;  ///< it is itself waiting for a four-letter word's answer
  bool sending = false;    ///< output waits for the client
  std::size_t outstanding = 0;
  session_id session;
  milliseconds timeout{0};
  connection::history past;
  wall_time established;
  wall_time last_reply;
};

/// The server, as srvr, stat and mntr show it.
struct server_facts {
  std::string version;  ///< with the date of the build
  std::string mode;     ///< leader, follower, observer, standalone
  gateway_counters counters;
  std::size_t connections = 0;
  std::size_t sessions = 0;
  zxid applied;
  std::uint64_t node_count = 0;
  std::uint64_t ephemeral_count = 0;
  std::uint64_t watch_count = 0;
  std::uint64_t data_bytes = 0;
  std::uint64_t open_files = 0;
  std::uint64_t most_files = 0;
  milliseconds uptime{0};
  role::broadcast::inspection ensemble;
};

/// A moment of expiry, and what expires then.
struct expiry_set {
  wall_time at;
  std::vector<std::string> members;
};
using paths_by_session = std::vector<std::pair<session_id, std::vector<std::string>>>;

std::string render_srvr(const server_facts& server);
std::string render_stat(const server_facts& server, const std::vector<connection_facts>& list);
/// Names without `zk_` and values, for mntr and the command monitor.
named_values monitor_values(const server_facts& server);
/// What monitor_values says of an ensemble, on the leader also of its learners; nothing for a
/// server by itself.
named_values ensemble_values(const role::broadcast::inspection& ensemble);
std::string render_mntr(const server_facts& server);
std::string render_cons(const std::vector<connection_facts>& list);
/// Lines of `key=value`; for conf, and with a title for envi.
std::string render_values(const named_values& values);
std::string render_dump(const std::vector<expiry_set>& sessions, const paths_by_session& ephemerals,
                        const std::vector<expiry_set>& connections);
std::string render_wchs(std::uint64_t connections, std::uint64_t paths, std::uint64_t watches);
std::string render_wchc(const paths_by_session& watches);
std::string render_wchp(const paths_by_session& watches);
std::string render_dirs(std::uint64_t data_bytes);
std::string render_hash(zxid at, std::uint64_t digest);

/// A number as ZooKeeper prints ids: 0x and lower case, without leading zeros.
std::string hex(std::uint64_t value);

}  // namespace troupe::zk
