/// What the user asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// The command line of the load generator, checked.
struct options {
  std::string workload;
  /// HOST:PORT of the servers; connection i goes to number i modulo their count.
  std::vector<std::string> servers = {"127.0.0.1:2181"};
  /// Connections, or parallel sessions, or clients of a recipe.
  int connections = 1;
  /// Requests that a connection keeps unanswered.
  int outstanding = 1;
  double warm_up_s = 1;
  double duration_s = 5;
  /// End after so many operations instead; 0: after the duration.
  std::uint64_t count = 0;
  std::size_t value_bytes = 128;
  std::uint32_t keys = 1000;
  std::uint64_t seed = 1;
  /// Operations per second over all connections, begun at this pace whether or not those before
  /// are answered; the latency is that from when one is due. 0: as fast as answers come.
  std::uint32_t pace = 0;
  /// Share of reads in `mixed`.
  int read_percent = 90;
  /// Creates in one multi of `load`; 1: plain creates.
  int batch = 1;
  /// Children per parent in `load`.
  std::uint32_t fan_out = 1000;
  /// Persistent watches of `hold`, over all connections.
  std::uint64_t watches = 0;
  /// Watches of `watch` are persistent instead of one-shot.
  bool persistent = false;
  int session_timeout_ms = 30000;
  /// Loopback source addresses to connect from, 127.0.0.1 and following; 0: the system's choice.
  int sources = 0;
  /// Give up when the server says nothing for so long.
  double stall_s = 20;
  bool verify = false;
  /// Leave the znodes there.
  bool keep = false;
  /// Parent of all znodes of this run; empty: a name of its own.
  std::string root;
  std::string json_path;
  /// Processes of the servers; empty: who listens on their ports, if that is on this machine.
  std::vector<int> pids;
};

/// Reads the command line; throws bench_error that says what is wrong. An empty workload: help.
options parse_options(int argc, char** argv);
/// The text of --help.
const char* usage() noexcept;

}  // namespace bench
