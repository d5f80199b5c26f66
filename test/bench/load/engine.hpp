/// The event loop: connections, epoll, time, and what is counted.
#pragma once

#include <sys/epoll.h>

#include <functional>
#include <memory>
#include <vector>

#include "connection.hpp"
#include "histogram.hpp"
#include "options.hpp"
#include "workload.hpp"

namespace bench {

/// Runs one workload over many connections in the calling thread.
class engine {
public:
  /// Connections take the `servers`, at least one, in turn.
  engine(const options& wishes, const std::vector<endpoint>& servers, workload& load);

  /// Opens all connections; returns when every one has a session.
  void connect_all();
  /// Begins the load on every connection.
  void begin();
  /// Turns the loop until `done()` or the time; throws bench_error when the server says nothing.
  void run(std::uint64_t until_ns, const std::function<bool()>& done);
  /// From now on issuing() is false.
  void stop_issuing() noexcept { issuing_ = false; }
  /// Forgets what was counted so far.
  void reset_counts() noexcept;
  /// Closes all sessions and waits for the answers, a short time at most.
  void close_all();

  // For workloads:

  /// Time of the current turn of the loop.
  [[nodiscard]] std::uint64_t now_ns() const noexcept { return now_ns_; }
  /// Whether new operations are wanted.
  [[nodiscard]] bool issuing() const noexcept { return issuing_; }
  /// Counts one operation that took from `began_ns` until now.
  void count(std::uint64_t began_ns) noexcept {
    ++operations_;
    latencies_.add(now_ns_ - began_ns);
  }
  /// Counts without a latency.
  void count_more(std::uint64_t operations) noexcept { operations_ += operations; }
  void add_latency(std::uint64_t ns) noexcept { latencies_.add(ns); }
  /// Has the requests that were written to this connection sent at the end of the turn.
  void flush_later(connection& c);
  /// Begins to connect a closed connection.
  void connect(connection& c);
  /// Closes a connection at once.
  void disconnect(connection& c) noexcept;
  [[nodiscard]] std::vector<std::unique_ptr<connection>>& connections() noexcept {
    return connections_;
  }
  [[nodiscard]] connection& client(std::size_t index) noexcept { return *connections_[index]; }

  [[nodiscard]] std::uint64_t operations() const noexcept { return operations_; }
  [[nodiscard]] const histogram& latencies() const noexcept { return latencies_; }
  [[nodiscard]] std::size_t unanswered() const noexcept;

private:
  void turn(std::uint64_t timeout_ns);
  void ready(connection& c, std::uint32_t events);
  void connected(connection& c);
  void receive(connection& c);
  /// Handles all whole frames in `bytes`; returns how many bytes they were.
  std::size_t take_frames(connection& c, std::string_view bytes);
  void take_frame(connection& c, std::string_view frame);
  void flush(connection& c);
  void flush_all();
  void watch_for_room(connection& c, bool wanted);
  void keep_alive();
  [[noreturn]] void stalled() const;

  const options& wishes_;
  workload& load_;
  descriptor poll_;
  std::vector<std::unique_ptr<connection>> connections_;
  std::vector<connection*> dirty_;
  std::vector<epoll_event> events_;
  std::unique_ptr<char[]> buffer_;
  histogram latencies_;
  std::uint64_t operations_ = 0;
  std::uint64_t now_ns_ = 0;
  std::uint64_t last_heard_ns_ = 0;
  std::uint64_t next_keep_alive_ns_ = 0;
  std::uint64_t due_ns_ = ~0ULL;  ///< when the workload has something to do
  std::size_t open_ = 0;
  bool begun_ = false;
  bool issuing_ = true;
  bool closing_ = false;
};

}  // namespace bench
