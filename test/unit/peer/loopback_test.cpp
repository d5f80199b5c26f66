// Links over real sockets.
#include <catch2/catch.hpp>

#include <functional>
#include <string>
#include <vector>

#include <caf/send.hpp>

#include <troupe/roles/peer.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log.hpp>

#include "actors/peer/component.hpp"
#include "actors/peer/settings.hpp"
#include "runtime/reactor/posix_disk.hpp"
#include "runtime/reactor/reactor.hpp"
#include "test/support/caf_world.hpp"

using namespace troupe;
using role::peer::channel;

namespace {

/// One server's supervisor and client of the broadcast channel.
class both final : public sdk::pinned_actor {
public:
  both(caf::actor_config& config, sdk::reactor_unit& home, std::function<void()>& changed)
      : sdk::pinned_actor(config, home, 9, {}), changed_(changed) {}

  caf::behavior make_behavior() override {
    return handlers<role::component::supervisor, role::peer::client>(
        [this](const role::component::ready&) { tell([&] { ready = true; }); },
        [this](const role::component::stopped&) { tell([&] { stopped = true; }); },
        [this](const role::component::failed& m) { tell([&] { failure = m.reason; }); },
        [this](const role::component::status_report& m) { tell([&] { facts = m.facts; }); },
        [](const role::peer::membership&) {},
        [this](const role::peer::link_up& m) { tell([&] { link = m.link; }); },
        [this](const role::peer::link_down&) { tell([&] { link = 0; }); },
        [this](const role::peer::received& m) {
          tell([&] {
            for (const auto& one : m.messages)
              got.emplace_back(one.view());
          });
        });
  }

  bool ready = false, stopped = false;
  std::uint64_t link = 0;
  std::string failure;
  std::vector<std::string> got;
  std::vector<std::pair<std::string, std::string>> facts;

private:
  template <class F>
  void tell(F what) {
    what();
    changed_();
  }
  std::function<void()>& changed_;
};

/// Two servers on one reactor.
struct loopback_world : test::caf_world {
  struct server {
    caf::strong_actor_ptr around;
    both* heard = nullptr;
    role::component::actor component;
    role::peer::actor peers;
  };

  loopback_world() { sdk::log::set_level(sdk::log::level::none); }
  ~loopback_world() {
    for (auto& one : servers) {
      one.component.send(role::component::stop{});
      until([&] { return one.heard->stopped || !one.heard->failure.empty(); });
    }
    for (auto& one : servers)
      caf::anon_send_exit(one.around, caf::exit_reason::kill);
    sdk::log::set_level(sdk::log::level::info);
  }

  server& add(std::uint32_t id, std::map<std::int64_t, sdk::address> members) {
    auto options = sdk::option_values::defaults_of(peer::options());
    options.set("members", std::move(members)).set("listen", sdk::address{"127.0.0.1", 0});
    options.set("secret", std::string{"s"});
    server made;
    made.around = sdk::spawn_pinned<both>(loop.unit(), changed);
    made.heard = static_cast<both*>(caf::actor_cast<caf::abstract_actor*>(made.around));
    const sdk::deployment_info info{server_id{id}, "", ""};
    sdk::component_context context{"peers", 1,           options,
                                   ports,   loop.unit(), role::component::supervisor{made.around},
                                   info,    {}};
    const auto actor = peer::tcp_type().factory(context).actor;
    made.component = role::component::actor{actor};
    made.peers = role::peer::actor{actor};
    made.component.send(role::component::start{});
    made.peers.send(role::peer::attach{channel::broadcast, role::peer::client{made.around}});
    servers.push_back(made);
    auto& heard = *made.heard;
    until([&] { return heard.ready; });
    return servers.back();
  }
  /// Runs the reactor until somebody has heard of something that makes this true.
  void until(const std::function<bool()>& done) {
    auto enough = kj::newPromiseAndFulfiller<void>();
    changed = [&] {
      if (done()) enough.fulfiller->fulfill();
    };
    changed();
    loop.run_until(kj::mv(enough.promise));
    changed = [] {};
  }

  std::function<void()> changed = [] {};
  reactor::posix_disk disk{"/nonexistent"};
  reactor::reactor loop{system, disk};
  sdk::ports ports = loop.ports();
  std::deque<server> servers;
};

}  // namespace

TEST_CASE("peers on loopback: a large and many small messages arrive, both ways") {
  loopback_world world;
  auto& first = world.add(1, {{1, {"127.0.0.1", 1}}, {2, {"127.0.0.1", 2}}});
  first.component.send(role::component::report_status{1});
  world.until([&] { return !first.heard->facts.empty(); });
  std::uint16_t port = 0;
  for (const auto& [name, value] : first.heard->facts) {
    if (name == "port") port = static_cast<std::uint16_t>(std::stoul(value));
  }
  auto& second = world.add(2, {{1, {"localhost", port}}, {2, {"127.0.0.1", 2}}});
  world.until([&] { return first.heard->link != 0 && second.heard->link != 0; });
  std::string large;
  large.resize(9'000'000, 'x');
  role::peer::send there{channel::broadcast, server_id{2}, first.heard->link, {}};
  role::peer::send back{channel::broadcast, server_id{1}, second.heard->link, {}};
  std::vector<std::string> expected{large};
  there.messages.emplace_back(large);
  back.messages.emplace_back(large);
  for (int i = 0; i < 10'000; ++i) {
    expected.push_back(std::to_string(i));
    there.messages.emplace_back(expected.back());
    back.messages.emplace_back(expected.back());
  }
  first.peers.send(there);
  second.peers.send(back);
  world.until(
      [&] { return first.heard->got.size() >= 10'001 && second.heard->got.size() >= 10'001; });
  CHECK((first.heard->got == expected));
  CHECK((second.heard->got == expected));
}

TEST_CASE("peers on loopback: a port that is taken stops the server, and the reason names it") {
  loopback_world world;
  auto& first = world.add(1, {{1, {"127.0.0.1", 1}}});
  first.component.send(role::component::report_status{1});
  world.until([&] { return !first.heard->facts.empty(); });
  std::string port;
  for (const auto& [name, value] : first.heard->facts) {
    if (name == "port") port = value;
  }
  auto options = sdk::option_values::defaults_of(peer::options());
  options.set("members", std::map<std::int64_t, sdk::address>{{1, {"127.0.0.1", 1}}});
  options.set("listen", sdk::address{"127.0.0.1", static_cast<std::uint16_t>(std::stoul(port))});
  const auto around = sdk::spawn_pinned<both>(world.loop.unit(), world.changed);
  auto& heard = *static_cast<both*>(caf::actor_cast<caf::abstract_actor*>(around));
  const sdk::deployment_info info{server_id{1}, "", ""};
  sdk::component_context context{
      "peers", 2, options, world.ports, world.loop.unit(), role::component::supervisor{around},
      info,    {}};
  const auto actor = peer::tcp_type().factory(context).actor;
  role::component::actor{actor}.send(role::component::start{});
  world.until([&] { return !heard.failure.empty(); });
  CHECK_THAT(heard.failure, Catch::Matchers::Contains("peers cannot listen on 127.0.0.1:" + port));
  caf::anon_send_exit(around, caf::exit_reason::kill);
}
