/// A network in memory, with delays, broken connections and hosts that disappear.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <kj/async-io.h>

#include <troupe/base/prng.hpp>
#include <troupe/sdk/ports.hpp>

namespace troupe::testing {

class sim_host;
struct sim_connection;

/// How the network behaves. Delays are uniform between the bounds.
struct sim_network_options {
  nanoseconds shortest_delay{5'000};
  nanoseconds longest_delay{500'000};
  std::size_t window_bytes = 256 * 1024;  ///< unread bytes per direction before a writer waits
};

/// All hosts and the connections between them. Bytes of one direction arrive in order, cut
/// anywhere, each piece after a delay drawn from the seed. Single-threaded.
class sim_network {
public:
  sim_network(sdk::timers& timers, kj::Timer& clock, std::uint64_t seed,
              sim_network_options options = {});
  ~sim_network();

  /// A host's view of the network, to be given to its ports. Lives as long as this object.
  kj::Network& host(const std::string& name);

  /// The host is gone: its listeners close, nothing more leaves it, and its peers' connections
  /// break after what was already on its way has arrived.
  void crash(const std::string& name);

  /// The process of this host stands still: what is sent to it waits, connections to it are made
  /// and find nobody, and it does not learn of those that break.
  void pause(const std::string& name);
  void resume(const std::string& name);

  /// What a host does to reach a port of another; fails if nobody listens there.
  kj::Promise<kj::Own<kj::AsyncIoStream>> connect(const std::string& from, const std::string& to,
                                                  unsigned port);

  /// Nothing that `from` sends reaches `to` until `heal`. What is on its way waits, as TCP's
  /// repetitions would, and new connections between the two, either way, are neither made nor
  /// refused.
  void cut(const std::string& from, const std::string& to);
  /// Cuts both ways.
  void part(const std::string& one, const std::string& other);
  /// The end of what `cut` and `part` did between the two.
  void heal(const std::string& one, const std::string& other);

  /// From now on `name` means `host` for those who connect to it, until the next time.
  void rename(const std::string& name, const std::string& host);

  /// Breaks one connection at random; false if there is none.
  bool break_one();

private:
  friend struct sim_connection;
  friend class sim_host;
  [[nodiscard]] bool is_cut(const std::string& from, const std::string& to) const;
  void hold_connections();
  /// Fulfilled when neither way between the two is cut.
  kj::Promise<void> when_open(std::string one, std::string other);
  [[nodiscard]] std::string host_of(const std::string& name) const;

  sdk::timers& timers_;
  kj::Timer& clock_;
  prng random_;
  const sim_network_options options_;
  std::map<std::string, std::unique_ptr<sim_host>> hosts_;
  std::vector<std::weak_ptr<sim_connection>> connections_;
  std::set<std::pair<std::string, std::string>> cuts_;
  std::set<std::string> paused_;
  std::map<std::string, std::string> names_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_for_heal_;
};

}  // namespace troupe::testing
