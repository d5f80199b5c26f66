/// A simulated ZooKeeper client that believes nothing.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <kj/async-io.h>

#include <troupe/testing/simulation.hpp>

#include "test/simulation/history.hpp"
#include "test/support/wire.hpp"

namespace troupe::test {

/// One connection with its reader and writer.
struct client_link;

/// The outcome of a request that was answered.
struct answer {
  std::int32_t error = 0;
  troupe::zxid zxid;
  troupe::stat stat;
  std::string path, data;
  std::vector<std::string> names;
  std::vector<std::string> paths;  ///< of a multi, one per operation, empty where it gives none
};

/// Connects to a server, comes back after every loss with its session and the newest zxid that it
/// has seen, pings, pipelines, and checks every answer: order of replies, zxids that never go back,
/// watch events before the data that they announce, sessions that do not expire early. Facts about
/// nodes go to the history. Destroy it before the simulation.
class sim_client {
public:
  struct settings {
    int number = 0;
    std::vector<std::string> servers{"server"};  ///< one of them at each connection
    unsigned port = 2181;
    milliseconds timeout{2000};
    bool reads_may_be_old = false;  ///< of a member that follows: only its own past binds a reader
    /// Told when a read was answered that had been sent at `sent` to `server`: a member must not
    /// serve for long what all others know to be old.
    std::function<void(const std::string& server, zxid shown, monotonic_time sent)> on_read = {};
    /// Decides when the server said that the session has expired, which nobody had asked for. If
    /// empty, that may not be earlier than a timeout after the client was heard.
    std::function<void(session_id, monotonic_time heard, milliseconds timeout)> on_expired = {};
  };
  using on_answer = std::function<void(const answer&)>;

  sim_client(testing::simulation& world, history& facts, settings how);
  ~sim_client();

  /// Begins to connect, and does so until `abandon`.
  void start();
  /// Is never heard of again; its session is left to expire.
  void abandon();

  [[nodiscard]] bool usable() const noexcept { return connected_ && !closing_; }
  [[nodiscard]] std::size_t pending() const noexcept { return pending_.size(); }
  [[nodiscard]] session_id session() const noexcept { return session_; }
  /// For messages: what it waits for.
  [[nodiscard]] std::string describe() const;
  [[nodiscard]] std::size_t answers() const noexcept { return answers_; }
  [[nodiscard]] int number() const noexcept { return how_.number; }
  /// Of everything that came from the server, with its time.
  [[nodiscard]] std::uint64_t trace_hash() const noexcept { return trace_; }

  // Requests; only while connected. `then` is not called if the connection breaks before.

  enum flags : std::int32_t { plain = 0, ephemeral = 1, sequential = 2 };
  void create(const std::string& path, const std::string& data, std::int32_t mode,
              on_answer then = {});
  void set(const std::string& path, const std::string& data, std::int32_t version = -1,
           on_answer then = {});
  void remove(const std::string& path, on_answer then = {});
  /// All or nothing; only plain creates, sets and removes of different nodes.
  void multi(std::vector<effect> parts, on_answer then = {});
  void exists(const std::string& path, bool watch, on_answer then = {});
  void get(const std::string& path, bool watch, on_answer then = {});
  void children(const std::string& path, bool watch, on_answer then = {});
  void sync(const std::string& path, on_answer then = {});
  /// Ends the session; a new one is opened when the server has closed the connection.
  void close();

private:
  friend struct client_link;
  struct request {
    std::int32_t xid = 0, type = 0;
    std::string path, data;
    bool watch = false;
    zxid floor;  ///< the newest that anybody had seen when it was sent
    monotonic_time sent;
    std::size_t write = no_write;
    on_answer then;
    std::vector<std::size_t> registers = {};  ///< numbers of its effects in the register log
    std::uint64_t linearizable_since = 0;     ///< a read that is one since this moment; 0 if not
  };
  struct data_watch {
    bool there = false;
    zxid mzxid;
  };
  static constexpr std::size_t no_write = ~std::size_t{0};

  void connect();
  void connected_to(kj::Own<kj::AsyncIoStream> stream);
  void drop();
  void reconnect_later();
  void ping();
  void send(request what, const wire_writer& body);

  void take_packet(const std::string& bytes);
  void take_handshake(wire_reader in);
  void session_is_gone();
  void take_event(wire_reader in, zxid at);
  void take_reply(wire_reader in, std::int32_t xid, zxid at, std::int32_t error);
  void read_body(const request& what, wire_reader& in, answer& out);
  void read_multi(wire_reader& in, answer& out);
  void begin_registers(request& what, const std::vector<effect>& effects);
  void note_registers(const request& what, const answer& out);
  void note_facts(const request& what, const answer& out);
  void note_refusal(const request& what, const answer& out);
  void saw_present(const std::string& path, const answer& out, const std::string* data);
  void saw_absent(const std::string& path, zxid at);
  void check_watch(const std::string& path, bool there, zxid mzxid, const stat* full);
  void violation(const std::string& what);

  testing::simulation& world_;
  history& history_;
  const settings how_;
  const std::string host_;
  std::string server_;  ///< the present one, or the last
  prng random_;

  std::unique_ptr<client_link> link_;
  std::vector<std::unique_ptr<client_link>> dropped_;  ///< until no code of theirs is running
  kj::Promise<void> dialling_ = nullptr;
  sdk::timer sweep_, redial_, ping_;
  bool handshaken_ = false, connected_ = false, abandoned_ = false, closing_ = false;

  session_id session_;
  std::string password_ = std::string(16, '\0');
  milliseconds granted_{0};
  zxid seen_;
  monotonic_time heard_;  ///< the server has certainly heard of the session since
  monotonic_time last_packet_, dialled_;
  std::int32_t next_xid_ = 1;
  std::uint64_t sync_since_ = 0;  ///< of the newest sync that is not answered
  std::deque<request> pending_;
  std::deque<monotonic_time> pings_;
  std::map<std::string, data_watch> data_watches_;
  std::map<std::string, zxid> child_watches_;  ///< with the pzxid at which they were set
  std::size_t answers_ = 0;
  std::uint64_t trace_ = 1469598103934665603U;
};

}  // namespace troupe::test
