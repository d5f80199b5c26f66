/// One connection between a client and a host that only writes down what it is asked, for tests.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/gateway/zookeeper/connection/connection.hpp"
#include "test/unit/zookeeper/client_script.hpp"

namespace troupe::zk::test {

/// Writes down what a connection asks for.
struct recorder final : connection_host {
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

  void connect(connection&, connect_request request) override { connects.push_back(request); }
  void command(connection&, std::string_view word, std::string_view argument) override {
    words.emplace_back(std::string{word} + std::string{argument});
  }
  std::uint64_t write(connection& from, write_op&& op) override {
    writes.push_back({++sequence, std::move(op), from.who()});
    return sequence;
  }
  std::uint64_t read(connection& from, std::uint64_t after, read_op&& op) override {
    reads.push_back({++sequence, after, std::move(op), from.who()});
    return sequence;
  }
  void flush(connection&) override {}
  void identities_changed(connection&) override { ++identity_changes; }
  [[nodiscard]] zxid applied() const override { return applied_now; }
  [[nodiscard]] bool takes_requests() const override { return takes; }
  gateway_counters& counters() override { return all; }

  std::uint64_t sequence = 100;
  zxid applied_now{0x100000007};
  bool takes = true;  ///< see `takes_requests`
  gateway_counters all;
  std::vector<connect_request> connects;
  std::vector<std::string> words;
  std::vector<asked_read> reads;
  std::vector<asked_write> writes;
  int identity_changes = 0;
};

struct connection_fixture {
  void send(std::string_view bytes) { it.receive(bytes, now); }
  void establish() {
    send(connect_bytes());
    it.connected(session_id{7}, milliseconds{10'000}, std::string(password_bytes, 's'), now);
    take();
  }
  std::string take() {
    std::string bytes{it.output()};
    it.sent(bytes.size());
    return bytes;
  }
  void event(std::string_view path) {
    std::string frame;
    encode_event(frame, event_kind::node_data_changed, path, zxid{9});
    it.event(frame);
  }
  void reply_read(std::size_t index, std::uint64_t at = 9, read_result result = {}) {
    it.read_done(host.reads[index].sequence, zxid{at}, result, now);
  }
  void reply_write(std::size_t index, std::uint64_t at = 9, error_code error = error_code::ok) {
    const std::vector<write_result> results = {{error, "/p", {}}};
    it.write_done(host.writes[index].sequence, zxid{at}, results, now);
  }

  recorder host;
  connection_limits limits;
  monotonic_time now{std::chrono::seconds{100}};
  connection it{1, "10.0.0.7:5", "10.0.0.7", limits, host, now};
};

}  // namespace troupe::zk::test
