/// Members of an ensemble in one thread: only ZAB's core, over links, disks and an election that
/// the test plays. Small steps, so that many thousands of histories can be tried in seconds.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/base/prng.hpp>

#include "actors/broadcast/core/zab/member.hpp"

namespace troupe::test::zab {

namespace core = broadcast::zab;

/// A bug that is put where the core meets its surroundings. Each must be found.
enum class bug {
  none,
  acknowledges_before_sync,      ///< the disk says "durable" before it is
  forgets_current_epoch,         ///< a crash takes the claim back
  forgets_accepted_epoch,        ///< a crash takes the promise back
  half_is_a_quorum,              ///< ceil(n/2)
  empty_member_votes,            ///< a lost directory is not noticed
  cut_is_not_done,               ///< the disk keeps what should have been truncated
  applies_uncommitted,           ///< recovery takes the whole log for committed
  acknowledges_cut_before_sync,  ///< a crash brings back what was cut
  late_messages_pass,            ///< of conversations that are over
  observer_counts,               ///< as a voter
  link_swallows,                 ///< messages vanish from a link that stays up
  lease_from_receipt,            ///< counted from when the answer arrives
  restarted_votes_at_once,       ///< it has forgotten that it is bound by a lease
  bound_member_helps,            ///< it does not say that it is bound
  clocks_run_away,               ///< further than a lease allows for
  nobody_vouches,                ///< for a member that lost its directory, at a leader
};
[[nodiscard]] std::string to_text(bug which);

struct ensemble_options {
  std::size_t voters = 3;
  std::size_t observers = 0;
  bug planted = bug::none;
  bool wipes_disks = false;  ///< a member may lose its directory, one at a time
  bool grows = false;        ///< server 1 was alone before, and has a history
  bool flips = false;        ///< one transaction on one disk changes unnoticed; logs stay whole
  bool leases = false;       ///< leaders have leases, and clocks go at different speeds
};

/// How often something happened, for the closing report.
struct ensemble_counts {
  std::uint64_t steps = 0, crashes = 0, cuts = 0, elections = 0, established = 0, committed = 0,
                truncations = 0, wipes = 0, ranges = 0, snapshots = 0, installed = 0, refusals = 0,
                handed_over = 0, differences = 0, flips = 0, stalls = 0, distrusted = 0, leased = 0;
  ensemble_counts& operator+=(const ensemble_counts& other);
};

inline bool is_same(const encoded_txn& a, const encoded_txn& b) {
  return a.zxid == b.zxid && a.body == b.body;
}

class ensemble {
public:
  ensemble(std::uint64_t seed, ensemble_options options);

  /// Faults and load at random.
  void run(std::size_t steps);
  /// Everybody comes back, all links work, and nothing bad happens any more. Says whether all
  /// members serve with one history in the end, within a bound.
  void heal();

  /// What was found; empty if nothing.
  [[nodiscard]] const std::vector<std::string>& violations() const noexcept { return violations_; }
  [[nodiscard]] const ensemble_counts& counts() const noexcept { return counts_; }
  /// The last steps, for a person.
  [[nodiscard]] std::string trace() const;

private:
  using request =
      std::variant<core::effect::append, core::effect::truncate, core::effect::write_epochs,
                   core::effect::read_range, core::effect::locate, core::effect::read_snapshot,
                   core::effect::next_snapshot_chunk, core::effect::install_begin,
                   core::effect::install_chunk, core::effect::install_end,
                   core::effect::install_abandon>;
  struct server {
    server_id id;
    bool votes = true;
    monotonic_time clock;           ///< its own
    unsigned speed = 100;           ///< of that, in percent
    std::vector<encoded_txn> disk;  ///< durable, what a snapshot holds included
    std::vector<encoded_txn> lost;  ///< with its last directory
    zxid snapshot_at;               ///< the newest snapshot
    zxid log_after;                 ///< what can be read of the log follows this
    core::snapshot_begin installing;
    int chunks_missing = 0;                    ///< of what is being installed
    std::map<std::uint64_t, int> chunks_left;  ///< of what is read, by token
    std::vector<encoded_txn> before_cut;       ///< for the bug that brings it back
    zxid committed_mark;                       ///< that the log knows of
    core::epochs epochs;                       ///< durable
    std::deque<request> requests;              ///< to the disk, in order
    std::unique_ptr<core::member> process;
    std::vector<encoded_txn> tree;  ///< what was delivered to this process
    bool looks = false;
    bool eligible = true;
    std::uint32_t leads = 0;  ///< the epoch in which its tree decides; 0 if none
    std::uint32_t counter = 0;
  };
  struct link {
    bool up = false;
    bool stalls = false;     ///< what is sent arrives later
    bool unnoticed = false;  ///< it is down, and the sender has not heard of it
    std::deque<core::message> messages;
  };

  void begin_alone(server& one);
  void start(server& one);
  void crash(server& one);
  void wipe(server& one);
  [[nodiscard]] bool may_lose_directory() const;
  void act(server& one, core::effects&& all);
  void act(server& one);
  void hand_over(server& one);
  void flip(server& one);
  void stall(server& one, server& other);
  void distrust(server& one);

  // ensemble_lease.cpp
  void choose_leases();
  /// Its process as it begins, at the time when it does.
  std::unique_ptr<core::member> process_of(const server& one, core::settings fixed);
  void ask(server& one);
  /// The end of a link is noticed at one side sooner than at the other.
  bool hears_later(server_id self, server_id peer);
  void hears_now(server& self, server_id peer);
  void forget_what_it_missed(const server& one);
  /// It pings, and the answers come late.
  void answer_late(const server& leader);
  /// All links of a leader are lost, and it is the last to hear of that. The others have all they
  /// need to go on without it, before its lease is over.
  void isolate(server& one);
  void note_sent(const server& from, const core::message& what);
  void falsify(const server& to, core::message& what) const;

  // ensemble_disk.cpp
  [[nodiscard]] bool founded() const;
  core::history recover(server& one, std::size_t keep_bytes);
  void take_snapshot(server& one);
  void do_disk(server& one);
  void carry_out(server& one, core::effect::append& wanted);
  void carry_out(server& one, core::effect::truncate& wanted);
  void carry_out(server& one, core::effect::write_epochs& wanted);
  void carry_out(server& one, core::effect::read_range& wanted);
  void carry_out(server& one, core::effect::locate& wanted);
  void carry_out(server& one, core::effect::read_snapshot& wanted);
  void carry_out(server& one, core::effect::next_snapshot_chunk& wanted);
  void carry_out(server& one, core::effect::install_begin& wanted);
  void carry_out(server& one, core::effect::install_chunk& wanted);
  void carry_out(server& one, core::effect::install_end& wanted);
  void carry_out(server& one, core::effect::install_abandon& wanted);

  void propose(server& one);
  void elect();
  void set_link(server_id a, server_id b, bool up);
  void deliver_message();
  void deliver_next(const std::pair<server_id, server_id>& ends, link& way);
  void pass_time(nanoseconds length);
  void random_step();
  void fault();

  void check_leader(const server& one, std::uint32_t epoch);
  verdict refusal(const server& one);
  void check_refusal(const server& one, const verdict& told);
  void check_delivery(server& one, const std::vector<core::proposal>& committed);
  void violated(const std::string& what);
  void say(std::string what);

  server& at(server_id id) { return servers_[id.value - 1]; }
  server& any() { return servers_[random_.below(servers_.size())]; }

  prng random_;
  const ensemble_options options_;
  core::settings settings_;
  std::vector<server> servers_;
  std::map<std::pair<server_id, server_id>, link> links_;
  std::map<std::pair<server_id, server_id>, std::uint64_t> conversations_;  ///< for late messages
  std::map<std::uint64_t, monotonic_time> pinged_;  ///< by number and server, by its clock
  bool faults_ = true;
  server_id late_;       ///< it hears of nothing now
  server_id isolated_;   ///< nobody writes there while nothing else goes wrong
  int undisturbed_ = 0;  ///< for so many steps nothing else goes wrong
  bool flipped_ = false, distrusted_ = false;
  bool hasty_ = false;  ///< time passes quickly

  std::map<std::uint32_t, server_id> leaders_;  ///< of each epoch
  std::vector<encoded_txn> committed_;          ///< the one history
  std::uint64_t last_body_ = 0;
  std::vector<zxid> asked_at_;  ///< what was committed when each refusal was asked for
  std::vector<std::string> violations_;
  std::deque<std::string> steps_;
  ensemble_counts counts_;
};

}  // namespace troupe::test::zab
