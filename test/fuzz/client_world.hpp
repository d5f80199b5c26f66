/// What stands behind one fuzzed connection: a tree that leads, and who answers in its name.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "actors/gateway/zookeeper/connection/connection.hpp"
#include "actors/tree/core/tree.hpp"

namespace troupe::fuzz {

/// Takes what a connection asks for and carries it out later, in order, when told to.
class client_world final : private zk::connection_host {
public:
  client_world();

  [[nodiscard]] zk::connection& client() noexcept { return client_; }
  [[nodiscard]] monotonic_time now() const noexcept { return now_; }
  void pass(milliseconds time) noexcept { now_.since_start += time; }
  /// Carries out the oldest thing asked for. False if there is none.
  bool answer_one();
  /// Takes what the client would receive.
  std::string_view take_output();
  [[nodiscard]] const std::string& output() const noexcept { return all_output_; }
  /// Requests and words that the connection passed on.
  [[nodiscard]] std::uint64_t asked() const noexcept { return asked_; }
  /// Nothing is left undone, and the tree is consistent.
  void check_end();

private:
  struct asked_read {
    std::uint64_t sequence;
    std::uint64_t after;
    read_op op;
    identities who;
  };
  struct asked_write {
    std::uint64_t sequence;
    write_op op;
    identities who;
  };
  struct asked_word {
    std::string word;
  };
  using job = std::variant<asked_read, asked_write, asked_word, zk::connect_request>;

  void connect(zk::connection&, zk::connect_request request) override;
  void command(zk::connection&, std::string_view word, std::string_view argument) override;
  std::uint64_t write(zk::connection&, write_op&& op) override;
  std::uint64_t read(zk::connection&, std::uint64_t after, read_op&& op) override;
  void flush(zk::connection&) override {}
  void identities_changed(zk::connection&) override;
  [[nodiscard]] zxid applied() const override { return tree_.committed().applied(); }
  [[nodiscard]] bool takes_requests() const override { return true; }
  [[nodiscard]] zk::gateway_counters& counters() override { return counters_; }

  void carry_out(asked_read& one);
  void carry_out(asked_write& one);
  void carry_out(asked_word& one);
  void carry_out(zk::connect_request& one);
  void submit(std::uint64_t sequence, session_id session, identities who, write_op op);
  void hand_over_effects();

  tree::tree tree_;
  zk::gateway_counters counters_;
  zk::connection_limits limits_;
  monotonic_time now_{std::chrono::seconds{100}};
  wall_time wall_{1'700'000'000'000};
  std::uint64_t sequence_ = 0;
  std::uint64_t asked_ = 0;
  std::deque<job> jobs_;
  std::string all_output_;
  zk::connection client_;
};

}  // namespace troupe::fuzz
