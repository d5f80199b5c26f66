/// All connections of a gateway, and which of them every message from the other rooms is for.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>
#include <absl/container/flat_hash_map.h>

#include <troupe/roles/admin.hpp>
#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>

#include "actors/gateway/zookeeper/connection/connection.hpp"
#include "actors/gateway/zookeeper/words/admin_command.hpp"
#include "actors/gateway/zookeeper/words/four_letter_word.hpp"
#include "actors/gateway/zookeeper/words/reports.hpp"

namespace troupe::zk {

/// What a gateway is told by its options and by the machine.
struct gateway_settings {
  std::uint32_t lane = 0;
  connection_limits limits;
  std::size_t max_connections = 0;              ///< zero: no limit
  std::size_t max_connections_per_address = 0;  ///< zero: no limit
  std::vector<std::string> four_letter_words;
  std::string version;                          ///< of the product, with the date of its build
  std::function<named_values()> configuration;  ///< for conf, without what is measured
  std::function<named_values()> environment;    ///< for envi
  std::function<std::pair<std::uint64_t, std::uint64_t>()> open_and_most_files;
};

/// Everything that one turn of the gateway has for others. Reads must be handed over before writes:
/// see the comment on `connection`.
struct gateway_turn {
  role::tree::read reads;
  std::vector<role::tree::watcher_identities> identities;
  role::tree::watchers_gone gone;
  role::broadcast::submit writes;
  bool readers_wait = false;  ///< `writes` says by `disk_bound` what broadcast must know now
  role::session::open opens;
  std::vector<role::session::resume> resumes;
  role::session::touch touches;
  std::vector<role::tree::inspect> tree_questions;
  std::vector<role::session::inspect> session_questions;
  std::vector<std::uint64_t> ensemble_questions;  ///< tokens
  std::vector<std::uint64_t> size_questions;      ///< tokens: how large is the data directory?
  std::vector<std::pair<role::admin::asker, role::admin::answer>> admin_answers;
};

/// Why a connection is not taken.
struct refusal {
  enum class limit_of : std::uint8_t { connections, connections_per_address, files };
  limit_of of = limit_of::connections;
  std::string limit;  ///< by name and value
};

/// The gateway without its sockets: no I/O, no clock. Calls say what happened and when; what is to
/// be told to others is collected until `take_turn`, and connections with something to do until
/// `take_marked`.
class switchboard final : private connection_host {
public:
  /// Numbers of connections and requests begin at `first_number`, which must be larger than any
  /// that a predecessor of this gateway, with the same lane, can have used.
  switchboard(gateway_settings settings, std::uint64_t first_number, monotonic_time now,
              wall_time wall);

  /// Why a connection from `address` cannot be taken, naming the limit; nothing if it can.
  [[nodiscard]] std::optional<refusal> refuses(const std::string& address) const;
  void refused() noexcept { ++counters_.connections_refused; }
  /// The system gave no connection.
  void accept_failed() noexcept { ++counters_.accepts_failed; }
  connection& accept(std::string peer, std::string address);
  /// Forgets a connection; the reference is invalid from then on.
  void remove(connection& gone);
  [[nodiscard]] connection* find(std::uint64_t number);

  /// Says what time it is in what follows.
  void at(monotonic_time now, wall_time wall) noexcept { now_ = now, wall_ = wall; }

  void receive(connection& from, std::string_view bytes);
  void input_ended(connection& from);
  void broken(connection& which, std::string_view why);
  void resume_input(connection& which);
  void mark(connection& one);
  /// Counts what the connection holds now, and closes one if all hold too much.
  void count_held(connection& one);

  void on(role::tree::output& message);
  void on(role::tree::inspection& message);
  void on(role::session::resumed& message);
  void on(const role::session::moved& message);
  void on(role::session::inspection& message);
  void on(role::broadcast::inspection& message);
  void on(const role::broadcast::serving_changed& message);
  void on(role::admin::command& message);
  void on_size(std::uint64_t token, std::uint64_t bytes);

  /// Looks at the deadlines of all connections.
  void tick();
  /// Lets every connection finish what it asked for, and no more.
  void drain();
  /// Ends the connections whose answers have not come; with `farewells` also those that have only
  /// not taken their last answers yet.
  void give_up(bool farewells);

  [[nodiscard]] bool has_turn() const noexcept { return turn_pending_; }
  gateway_turn take_turn();
  [[nodiscard]] bool has_marked() const noexcept { return !marked_.empty(); }
  std::vector<connection*> take_marked() { return std::exchange(marked_, {}); }

  [[nodiscard]] std::size_t size() const noexcept { return connections_.size(); }
  [[nodiscard]] bool serving() const noexcept { return serving_.serving; }
  [[nodiscard]] const gateway_counters& totals() const noexcept { return counters_; }

private:
  /// A first packet that waits until this server serves.
  struct arrival {
    std::uint64_t connection = 0;
    connect_request request;
  };
  /// A four-letter word, or an administrative command, that waits for what others know.
  struct question {
    std::uint64_t connection = 0;  ///< zero for a command
    std::string_view word;
    const admin_command* kind = nullptr;
    role::admin::command command;
    bool needs_tree = false;
    bool needs_sessions = false;
    bool needs_size = false;
    bool needs_ensemble = false;
    role::tree::inspection tree;
    role::broadcast::inspection ensemble;
    role::session::inspection sessions;
    std::uint64_t directory_bytes = 0;
  };

  void connect(connection& from, connect_request request) override;
  void command(connection& from, std::string_view word, std::string_view argument) override;
  std::uint64_t write(connection& from, write_op&& op) override;
  std::uint64_t read(connection& from, std::uint64_t after, read_op&& op) override;
  void flush(connection& to) override;
  void identities_changed(connection& from) override;
  [[nodiscard]] zxid applied() const override { return applied_; }
  [[nodiscard]] bool takes_requests() const override { return serving_.serving; }
  [[nodiscard]] gateway_counters& counters() override { return counters_; }

  /// Whether only one client has been heard of lately, or nobody has read anything.
  [[nodiscard]] bool disk_bound() const noexcept;
  void recount(connection& one) noexcept;
  void close_largest();
  void close_for_memory(connection& one);
  std::uint64_t next_sequence(connection& from);
  connection* take_route(std::uint64_t sequence);
  void admit(connection& from, const connect_request& request);
  void forget_handshake(connection& one);
  void take_session(connection& owner, session_id session, milliseconds timeout,
                    std::string_view password);
  void deliver(role::tree::write_reply& item);
  void deliver(role::tree::session_reply& item);
  void deliver(role::tree::read_reply& item);
  void deliver(role::tree::read_piece& item);
  void deliver(role::tree::watch_event& item);
  void deliver(role::tree::session_ended& item);

  [[nodiscard]] std::optional<std::string> answer_at_once(std::string_view word,
                                                          std::string_view argument);
  void ask(connection& from, std::string_view word);
  void answer_if_complete(std::uint64_t token);
  [[nodiscard]] std::string answer(const question& asked) const;
  [[nodiscard]] server_facts server(const question& asked) const;
  [[nodiscard]] std::vector<connection_facts>
  connection_list(std::size_t most = std::numeric_limits<std::size_t>::max()) const;
  void reset_statistics() noexcept;
  [[nodiscard]] std::string dump(const question& asked) const;
  [[nodiscard]] paths_by_session watches(const role::tree::inspection& tree) const;
  [[nodiscard]] named_values configuration(const question& asked) const;

  // switchboard_admin.cpp
  void reply(const role::admin::command& to, std::string media_type, std::string body);
  void ask(const admin_command& kind, role::admin::command&& command);
  [[nodiscard]] std::string do_at_once(std::string_view name, const role::admin::command& command);
  [[nodiscard]] document admin_answer(const question& asked, bounded& room) const;
  [[nodiscard]] document dump_document(const question& asked, bounded& room) const;

  const gateway_settings settings_;
  const word_list words_;
  std::uint64_t next_number_;
  monotonic_time now_;
  wall_time wall_;
  const monotonic_time started_;

  // Ordered where it is walked through, so that equal input gives equal effects.
  absl::btree_map<std::uint64_t, std::unique_ptr<connection>> connections_;
  absl::flat_hash_map<std::uint64_t, connection*> by_number_;  ///< for answers and events
  absl::flat_hash_map<std::uint64_t, connection*> routes_;     ///< by sequence, but for reads
  std::uint64_t newest_number_ = 0;  ///< of the connection that a read was answered for last
  connection* newest_ = nullptr;
  absl::flat_hash_map<session_id, connection*> sessions_;
  absl::flat_hash_map<std::string, std::size_t> per_address_;
  std::vector<arrival> arrivals_;
  /// Resumes that are not answered, by session, with their sequence.
  absl::btree_set<std::pair<session_id, std::uint64_t>> resuming_;
  std::map<std::uint64_t, question> questions_;  ///< by token
  std::size_t commands_waiting_ = 0;             ///< of them, administrative ones

  std::uint64_t last_heard_ = 0;  ///< the connection that sent something last
  monotonic_time others_heard_;   ///< when it was another one than the time before
  monotonic_time read_heard_;     ///< when anybody asked for what needs no disk
  monotonic_time readers_told_;   ///< when broadcast was told that somebody reads

  role::broadcast::serving_changed serving_;
  zxid applied_;        ///< everything up to here has been handed to the connections
  zxid known_applied_;  ///< at least this is in the tree
  gateway_counters counters_;
  std::uint64_t trace_mask_ = 306;  ///< ZooKeeper's default; it can be read and set, no more

  bool turn_pending_ = false;
  gateway_turn turn_;
  std::string event_frame_;  ///< of the event that is being delivered
  struct {
    std::size_t reads = 0, writes = 0, touches = 0;
  } last_turn_;  ///< a guess how many there will be
  std::vector<connection*> marked_;
};

}  // namespace troupe::zk
