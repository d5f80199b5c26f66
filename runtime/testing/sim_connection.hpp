/// One simulated TCP connection.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include <kj/async-io.h>

#include <troupe/testing/sim_network.hpp>

namespace troupe::testing {

/// Bytes from one end to the other.
class sim_direction {
public:
  sim_direction(sdk::timers& timers, kj::Timer& clock, prng random,
                const sim_network_options& options)
      : timers_(timers), clock_(clock), random_(random), options_(options) {}

  kj::Promise<void> write(const char* bytes, std::size_t size);
  kj::Promise<std::size_t> read(char* into, std::size_t least, std::size_t most);
  /// The writer is done: the reader sees the end after everything written.
  void finish();
  /// Nothing more is taken from the writer; what is on its way arrives, and then the reader sees a
  /// broken connection.
  void break_off();
  /// Nothing arrives until it is released; what is on its way waits, and nobody is told.
  void hold(bool held);
  /// The process that writes stands still: it does not learn that the connection breaks until it
  /// goes on.
  void stop_writer(bool stopped);
  /// Fulfilled when writing makes no sense any more.
  kj::Promise<void> when_broken();

private:
  struct flight {
    kj::TimePoint arrival;
    std::string bytes;
    bool last = false;
  };
  void schedule();
  void arrive();
  void serve_reader();
  void serve_writers();
  void tell_of_break();

  sdk::timers& timers_;
  kj::Timer& clock_;
  prng random_;
  const sim_network_options& options_;

  std::deque<flight> flying_;
  std::size_t flying_bytes_ = 0;
  std::string arrived_;
  bool ended_ = false;     ///< the end has arrived
  bool finished_ = false;  ///< the writer is done
  bool broken_ = false;
  bool held_ = false;
  bool writer_stopped_ = false;
  sdk::timer timer_;

  struct reader {
    char* into;
    std::size_t least, most;
    kj::Own<kj::PromiseFulfiller<std::size_t>> fulfiller;
  };
  kj::Maybe<reader> reader_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> waiting_writers_;
  std::vector<kj::Own<kj::PromiseFulfiller<void>>> break_watchers_;
};

/// Both directions, and the names of the ends: the one that connected comes first.
struct sim_connection {
  sim_connection(sim_network& network, std::string from, std::string to);

  void break_off();

  std::string ends[2];
  sim_direction directions[2];  ///< [0] from the first end to the second
};

/// An end of a connection as KJ sees it. Dropping it closes the connection.
kj::Own<kj::AsyncIoStream> make_stream(std::shared_ptr<sim_connection> connection, int end);

}  // namespace troupe::testing
