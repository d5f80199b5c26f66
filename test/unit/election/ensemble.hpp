/// Many elections over a network that loses, delays, reorders and cuts, in virtual time from a
/// seed. A toy broadcast follows the decisions, so that what they lead to can be judged.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <troupe/base/prng.hpp>

#include "actors/election/core/fast_election.hpp"

namespace troupe::election::test {

using namespace std::chrono_literals;

/// Makes one server's election; tests put broken ones in.
using core_factory = std::function<std::unique_ptr<fast_election>(server_id)>;

/// A run of an ensemble: trouble, then healing, then it must agree and fall silent.
class ensemble {
public:
  ensemble(std::uint64_t seed, core_factory make);

  /// What went wrong, with the time; empty if nothing did.
  std::string run();
  [[nodiscard]] std::uint64_t decisions() const noexcept { return decisions_; }
  [[nodiscard]] std::uint64_t leaders() const noexcept { return leaders_; }
  /// Instead of `run`: all voters start for the first time, at any time within half a second, and
  /// the network loses nothing. Says what went wrong, if anything: one election is enough.
  std::string first_start();

private:
  using position = std::pair<std::uint32_t, std::uint64_t>;  ///< epoch and zxid
  enum class doing { looking, discovering, serving };

  /// What a voter brought into a round; several if it has lived several times.
  struct claim {
    position history;
    bool blank = false, founder = false;
  };
  struct server {
    server_id id;
    bool voter = true;
    // On disk.
    position history;
    std::uint32_t promised = 0;
    bool blank = true;
    bool founder = false;
    // In memory; without a core it is down.
    std::unique_ptr<fast_election> core;
    bool stands = true;
    claim brought;  ///< to its election
    doing phase = doing::looking;
    server_id leader;
    std::uint64_t life = 0;
    monotonic_time since;  ///< when the phase began, or when the leader last had a quorum
    std::set<server_id> followers;
    [[nodiscard]] bool leads() const { return phase != doing::looking && leader == id; }
  };
  struct letter {
    server_id from, to;
    std::uint64_t link = 0;
    notification content;
  };

  void step();
  void disturb();
  void heal();
  [[nodiscard]] bool agreed() const;

  void start(server& s);
  void stop(server& s);
  void look(server& s);
  void cut(server_id a, server_id b);
  void connect(server_id a, server_id b);

  void deliver();
  void carry_out(server& s);
  void judge(const server& s, const decision& d);

  void broadcast(server& s);
  void follow(server& s);
  void discover(server& s);
  [[nodiscard]] bool is_first_start(const server& s) const;
  void interrupt(server& s, std::uint32_t epoch);
  void lead(server& s);
  void establish(server& s, std::uint32_t epoch);

  void wrong(const std::string& what);
  [[nodiscard]] bool linked(server_id a, server_id b) const;
  [[nodiscard]] bool majority(const std::set<server_id>& servers) const;
  [[nodiscard]] server& at(server_id id) { return servers_[id.value - 1]; }
  [[nodiscard]] std::uint64_t& link(server_id a, server_id b) {
    return links_[{std::min(a, b), std::max(a, b)}];
  }

  prng random_;
  const core_factory make_;
  std::vector<server> servers_;
  std::size_t voters_ = 0;
  quorum_system quorums_;

  monotonic_time now_{1s};
  std::uint64_t loss_percent_ = 0, delay_most_ms_ = 1;
  std::map<std::pair<server_id, server_id>, std::uint64_t> links_;  ///< 0: cut
  std::uint64_t next_link_ = 0;
  std::multimap<monotonic_time, letter> letters_;

  std::map<std::pair<server_id, std::uint64_t>, std::vector<claim>> claims_;
  std::map<std::uint64_t, std::vector<decision>> rounds_;
  std::set<std::pair<std::uint32_t, server_id>> epochs_;
  position committed_;
  std::uint64_t decisions_ = 0, leaders_ = 0, given_up_ = 0, sent_ = 0;
  bool interrupts_ = true;  ///< of first starts
  std::string violation_;
};

}  // namespace troupe::election::test
