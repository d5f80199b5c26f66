/// Whole servers in the simulator with nothing but peer.tcp, and clients of its links played.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <caf/send.hpp>

#include <troupe/roles/peer.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_deployment.hpp>
#include <troupe/testing/simulation.hpp>

namespace troupe::test {

using namespace std::chrono_literals;
using role::peer::channel;

/// What the player of one server was told on one channel.
struct channel_book {
  std::vector<role::peer::membership> memberships;
  std::map<std::uint32_t, std::uint64_t> links;  ///< now, by server
  std::vector<std::uint64_t> numbers;            ///< of all links, in order
  std::vector<std::string> events;               ///< "up 1", "down 1: reason"
  std::map<std::uint32_t, std::vector<std::string>> got;
  std::vector<std::string> mistakes;  ///< promises that were broken
  std::vector<std::shared_ptr<const void>> held;
};

/// A server's player, while it runs.
struct player_book {
  role::peer::actor peers;
  caf::strong_actor_ptr player;
  std::map<channel, channel_book> on;
  bool holds = false;  ///< what it is given counts as not taken

  channel_book& election() { return on[channel::election]; }
  channel_book& broadcast() { return on[channel::broadcast]; }
};

/// To a player: attach to one channel (again).
struct attach_again {
  channel on = channel::election;
};

/// Hears one channel, because a client is not told which one it is.
class link_listener final : public sdk::pinned_actor {
public:
  link_listener(caf::actor_config& config, sdk::reactor_unit& home, player_book& owner, channel on)
      : sdk::pinned_actor(config, home, 0, {}), owner_(owner), book_(owner.on[on]) {}

  caf::behavior make_behavior() override {
    return handlers<role::peer::client>(
        [this](const role::peer::membership& m) { book_.memberships.push_back(m); },
        [this](const role::peer::link_up& m) { take(m); },
        [this](const role::peer::link_down& m) { take(m); },
        [this](const role::peer::received& m) { take(m); });
  }

private:
  void take(const role::peer::link_up& m) {
    if (book_.memberships.empty()) book_.mistakes.push_back("a link before the membership");
    if (book_.links.contains(m.peer.value)) book_.mistakes.push_back("two links at once");
    for (const auto number : book_.numbers) {
      if (number == m.link) book_.mistakes.push_back("a number is used twice");
    }
    book_.links[m.peer.value] = m.link;
    book_.numbers.push_back(m.link);
    book_.events.push_back("up " + std::to_string(m.peer.value));
  }
  void take(const role::peer::link_down& m) {
    if (book_.links[m.peer.value] != m.link) book_.mistakes.push_back("the end of another link");
    book_.links.erase(m.peer.value);
    book_.events.push_back("down " + std::to_string(m.peer.value) + ": " + m.reason);
  }
  void take(const role::peer::received& m) {
    const auto found = book_.links.find(m.from.value);
    if (found == book_.links.end() || found->second != m.link)
      book_.mistakes.push_back("a message of a link that is not up");
    for (const auto& one : m.messages)
      book_.got[m.from.value].emplace_back(one.view());
    if (owner_.holds && owner_.peers) book_.held.push_back(m.untaken);
  }

  player_book& owner_;
  channel_book& book_;
};

/// Attaches listeners to both channels.
class link_player final : public sdk::pinned_actor {
public:
  link_player(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
              player_book& book)
      : sdk::pinned_actor(config, home, context.number, context.supervisor),
        peers_(context.wire<role::peer::actor>("peer")), book_(book) {}

  caf::behavior make_behavior() override {
    return handlers<role::component::actor, handle<attach_again>>(
        [this](const role::component::start&) {
          book_.peers = peers_;
          book_.player = self<handle<attach_again>>().pointer();
          attach(channel::election);
          attach(channel::broadcast);
          report_ready();
        },
        [this](const role::component::stop&) { finish(); },
        [this](const attach_again& m) { attach(m.on); },
        [this](const role::component::report_status& m) {
          supervisor_.send(role::component::status_report{m.token, number_, {}});
        });
  }
  void on_exit() override {
    book_.peers.reset();
    book_.player = nullptr;
    for (auto& [on, heard] : book_.on) {
      heard.memberships.clear();
      heard.links.clear();
      heard.held.clear();
    }
    for (auto& one : listeners_)
      caf::anon_send_exit(one, caf::exit_reason::kill);
    listeners_.clear();
  }

private:
  void attach(channel on) {
    listeners_.push_back(sdk::spawn_pinned<link_listener>(home(), book_, on));
    peers_.send(role::peer::attach{on, role::peer::client{listeners_.back()}});
  }

  const role::peer::actor peers_;
  player_book& book_;
  std::vector<caf::strong_actor_ptr> listeners_;
};

/// Servers "host1", "host2" … with ids 1, 2 …
class peer_world {
public:
  explicit peer_world(std::uint64_t seed) : world(seed) {
    sdk::log::set_level(sdk::log::level::none);
  }
  ~peer_world() { sdk::log::set_level(sdk::log::level::info); }

  /// Starts server `id` with these options of peer.tcp, beside the members.
  void start(std::uint32_t id, const std::string& options = "", const std::string& host = "") {
    auto& machine = this->machine(host.empty() ? "host" + std::to_string(id) : host);
    auto& book = books[id];
    deployments.push_back(std::make_unique<testing::sim_deployment>(
        "troupe: 1\nnode: { id: " + std::to_string(id) +
            ", data_dir: d }\ncomponents:\n  peers: { type: peer.tcp, members: " + members +
            (options.empty() ? "" : ", " + options) + " }\n  player: { type: test.player }\n",
        [&book](sdk::catalog& types) { types.add(player_type(book)); }));
    machine.start(deployments.back()->plan());
  }
  testing::sim_server& machine(const std::string& host) {
    auto& found = machines[host];
    if (!found) found = &world.add_server(host);
    return *found;
  }
  void crash(std::uint32_t id) { machine("host" + std::to_string(id)).crash(); }

  void send(std::uint32_t from, std::uint32_t to, channel on, std::vector<std::string> texts) {
    auto& book = books.at(from);
    role::peer::send message{on, server_id{to}, book.on[on].links[to], {}};
    for (const auto& one : texts)
      message.messages.emplace_back(one);
    book.peers.send(std::move(message));
  }
  /// Whether each of the servers has links with all others of them, on both channels.
  bool all_linked(const std::vector<std::uint32_t>& servers) {
    for (const auto a : servers) {
      for (const auto b : servers) {
        if (a != b &&
            !(books[a].election().links.contains(b) && books[a].broadcast().links.contains(b)))
          return false;
      }
    }
    return true;
  }
  bool link_all(const std::vector<std::uint32_t>& servers, nanoseconds limit = 5s) {
    return world.run_until([&] { return all_linked(servers); }, limit);
  }
  /// Promises of the role that were broken.
  std::vector<std::string> mistakes() {
    std::vector<std::string> all;
    for (auto& [id, book] : books) {
      for (auto& [on, events] : book.on)
        all.insert(all.end(), events.mistakes.begin(), events.mistakes.end());
    }
    return all;
  }

  static sdk::component_type player_type(player_book& book) {
    sdk::component_type type;
    type.name = "test.player";
    type.summary = "Plays election and broadcast.";
    type.gives = {"player", 1};
    type.needs = {{"peer", {role::peer::name, role::peer::version}}};
    type.factory = [&book](sdk::component_context& context) {
      return sdk::component_instance{sdk::spawn_pinned<link_player>(context.unit, context, book)};
    };
    return type;
  }

  std::string members = "{ 1: \"host1:2888\", 2: \"host2:2888\", 3: \"host3:2888\" }";
  std::map<std::uint32_t, player_book> books;
  std::vector<std::unique_ptr<testing::sim_deployment>> deployments;
  std::map<std::string, testing::sim_server*> machines;
  testing::simulation world;
};

}  // namespace troupe::test

TROUPE_MESSAGE(troupe::test::attach_again)
