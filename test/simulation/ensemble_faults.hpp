/// Everything that can happen to an ensemble, chosen from a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <troupe/testing/simulation.hpp>

#include "test/simulation/ensemble_members.hpp"
#include "test/simulation/ensemble_watch.hpp"

namespace troupe::test {

/// Begins faults, several at a time, and ends each after a while. All of them together leave what a
/// majority has on its disks: only one directory at a time is lost, and no other before that member
/// counts again.
class ensemble_faults {
public:
  ensemble_faults(testing::simulation& world, ensemble& all, ensemble_watch& watch, history& facts);

  /// Something happens.
  void begin_one();
  /// What is due to end, ends.
  void end_due();
  /// Everything heals.
  void end_all();
  [[nodiscard]] std::size_t active() const noexcept { return active_.size(); }

  /// Members that stopped by themselves had a reason, or that is a violation; their power goes, or
  /// not, and they are started again later. To be called often.
  void look_at_members();
  /// A process is at the end that `at_a_write` planned for it.
  [[nodiscard]] bool somebody_is_gone() const;
  void start(ensemble_member& who);

  /// How often each kind has been chosen, by name.
  [[nodiscard]] const std::map<std::string, std::size_t>& counts() const noexcept {
    return counts_;
  }

private:
  struct happening {
    monotonic_time until;
    std::function<void()> undo;
  };
  using method = void (ensemble_faults::*)();
  struct kind {
    const char* name;
    unsigned weight;
    method begin;
  };
  static const std::vector<kind>& kinds();

  // One for each kind. One that cannot be at this moment does nothing.
  void power_cut();
  void power_cut_at_a_write();
  void power_cut_of_all();
  void restart();
  void broken_connections();
  void partition();
  void one_way();
  void leader_alone();
  void leader_without_clients();
  void pause();
  void clock_jump();
  void moved_host();
  void wrong_name();
  void slow_disk();
  void stalled_workers();
  void write_error();
  void sync_error();
  void full_disk();
  void lost_directory();

  ensemble_member& somebody();
  ensemble_member* leading();
  ensemble_member& leader_or_somebody();
  void for_a_while(std::uint64_t most_ms, std::function<void()> undo);
  void cut_off(const std::string& one, const std::vector<std::string>& others);
  void crash(ensemble_member& who);
  void resume(ensemble_member& who);
  void start_later(ensemble_member& who, std::uint64_t most_ms);
  void end_slowness(ensemble_member& who);
  void disk_error(ensemble_member& who, const char* word);
  [[nodiscard]] std::vector<std::string> hosts_but(const ensemble_member& who) const;

  testing::simulation& world_;
  ensemble& all_;
  ensemble_watch& watch_;
  history& facts_;
  std::vector<happening> active_;
  std::map<std::string, std::size_t> counts_;
  bool chosen_happened_ = false;
};

}  // namespace troupe::test
