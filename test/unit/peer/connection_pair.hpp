/// Two ends of a connection between servers, and what is between them, without sockets.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "actors/peer/link/connection.hpp"

namespace troupe::test {

using namespace std::chrono_literals;

struct open_gate final : peer::gate {
  [[nodiscard]] bool is_used(peer::channel) const override { return used; }
  [[nodiscard]] bool is_superseded(server_id, std::uint64_t instance) const override {
    return superseded.contains(instance);
  }
  bool used = true;
  std::set<std::uint64_t> superseded;
};

/// One server with one connection. Change what it is before `begin`.
struct link_end {
  explicit link_end(std::uint32_t id) {
    own.self = server_id{id};
    own.members = {server_id{1}, server_id{2}, server_id{3}};
    own.instance = 1000 + id;
  }

  [[nodiscard]] peer::hello hello(char nonce) const {
    peer::hello first;
    first.from = own.self;
    first.has_secret = !own.secret.empty();
    first.instance = own.instance;
    first.nonce = std::string(peer::nonce_bytes, nonce);
    return first;
  }
  void dial(std::uint32_t id, peer::channel on = peer::channel::broadcast) {
    auto first = hello('d');
    first.to = server_id{id};
    first.channel = on;
    made = std::make_unique<peer::connection>(7, own, rules, limits, peer::side::dialed,
                                              std::move(first), now);
  }
  void accept() {
    made = std::make_unique<peer::connection>(8, own, rules, limits, peer::side::accepted,
                                              hello('a'), now);
  }
  peer::connection& operator*() { return *made; }
  peer::connection* operator->() { return made.get(); }
  [[nodiscard]] bool is_up() const { return made->where() == peer::connection::phase::up; }
  [[nodiscard]] bool has_ended() const { return made->where() > peer::connection::phase::up; }
  std::vector<std::string> take() {
    std::vector<std::string> texts;
    for (const auto& one : made->take_messages())
      texts.emplace_back(one.view());
    return texts;
  }

  peer::identity own;
  open_gate rules;
  peer::link_limits limits{1000, 4000, {200ms, 1s}};
  monotonic_time now{};
  std::unique_ptr<peer::connection> made;
};

/// Moves all output of `from` to `to`. Returns the bytes.
inline std::string carry(link_end& from, link_end& to) {
  const std::string bytes{from->output()};
  from->sent(bytes.size());
  if (!bytes.empty()) to->receive(bytes, to.now);
  return bytes;
}

/// Until nobody has anything to say.
inline void talk(link_end& a, link_end& b) {
  while (!a->output().empty() || !b->output().empty()) {
    carry(a, b);
    carry(b, a);
  }
}

inline std::vector<blob> blobs(const std::vector<std::string>& texts) {
  std::vector<blob> all;
  for (const auto& one : texts)
    all.emplace_back(one);
  return all;
}

}  // namespace troupe::test
