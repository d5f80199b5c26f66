/// What simulated clients do all day.
#pragma once

#include <string>
#include <vector>

#include "test/simulation/client.hpp"

namespace troupe::test {

/// A client that issues random requests, several at a time, while it is active: every kind of write
/// and read, on nodes of its own and on nodes for which all clients contend.
class busy_client {
public:
  busy_client(testing::simulation& world, history& facts, sim_client::settings how);

  void start();
  /// Whether new requests are made.
  void set_active(bool active) { active_ = active; }
  /// Only reads from now on, so that nothing of its own ever holds an answer up.
  void only_read() { only_reads_ = true; }

  sim_client client;

private:
  void turn();
  void write_something();
  void read_something();
  void multi();
  void remove_old();
  [[nodiscard]] std::string some_path();
  [[nodiscard]] std::string fresh_data();

  testing::simulation& world_;
  prng random_;
  const std::string mark_;
  std::uint64_t next_data_ = 0;
  bool active_ = true;
  bool only_reads_ = false;
  session_id prepared_;
  std::vector<std::string> listed_;  ///< children of the common directory, as last read
  sdk::timer timer_;
};

}  // namespace troupe::test
