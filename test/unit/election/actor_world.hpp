/// The actors election.fast and election.fixed on a reactor in virtual time; peers and the
/// broadcast are played by the test.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <caf/send.hpp>

#include <troupe/roles/election.hpp>
#include <troupe/roles/peer.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/log.hpp>

#include "actors/election/codec/notification_codec.hpp"
#include "actors/election/component.hpp"
#include "test/support/loop_world.hpp"
#include "test/unit/election/one_server.hpp"

namespace troupe::election::test {

/// Everybody around the election component, who write down what they are told.
class neighbours final : public sdk::pinned_actor {
public:
  neighbours(caf::actor_config& config, sdk::reactor_unit& home, lines& told)
      : sdk::pinned_actor(config, home, 9, {}), told_(told) {}

  caf::behavior make_behavior() override {
    return handlers<role::peer::actor, role::election::client, role::component::supervisor>(
        [this](const role::peer::attach& m) {
          told_.push_back(m.channel == role::peer::channel::election ? "attached"
                                                                     : "attached wrongly");
        },
        [this](const role::peer::send& m) {
          for (const auto& bytes : m.messages)
            told_.push_back("to " + std::to_string(m.to.value) + " on " + std::to_string(m.link) +
                            ": " + to_string(codec::decode(bytes).value()));
        },
        [this](const role::election::elected& m) {
          told_.push_back("elected " + std::to_string(m.leader.value) + " in round " +
                          std::to_string(m.round));
        },
        [this](const role::component::ready&) { told_.push_back("ready"); },
        [this](const role::component::stopped&) { told_.push_back("stopped"); },
        [this](const role::component::failed& m) { told_.push_back("failed: " + m.reason); },
        [this](const role::component::status_report& m) {
          for (const auto& [name, value] : m.facts)
            told_.push_back(name + " " + value);
        });
  }

private:
  lines& told_;
};

/// Server 1 with one election component.
struct actor_world : troupe::test::loop_world {
  explicit actor_world(const sdk::component_type& type, const sdk::option_values& options) {
    sdk::log::set_level(sdk::log::level::none);
    around = sdk::spawn_pinned<neighbours>(queue, told);
    sdk::component_context context{
        "election",        1, options, ports, queue, role::component::supervisor{around}, info,
        {{"peer", around}}};
    const auto made = type.factory(context).actor;
    component = role::component::actor{made};
    election = role::election::actor{made};
    peer = role::peer::client{made};
    election.send(role::election::attach{role::election::client{around}});
    component.send(role::component::start{});
  }
  ~actor_world() {
    component.send(role::component::stop{});
    caf::anon_send_exit(around, caf::exit_reason::kill);
    settle();
    sdk::log::set_level(sdk::log::level::info);
  }

  lines take() {
    settle();
    return std::exchange(told, {});
  }
  void members(std::uint32_t self, std::uint32_t n) {
    peer.send(role::peer::membership{{self}, voters(n), {}});
  }
  void hear(std::uint32_t from, std::uint64_t link, const notification& n) {
    peer.send(role::peer::received{{from}, link, {codec::encode(n)}});
  }
  /// Time goes on, and the reactor does what is due.
  void pass(nanoseconds by) {
    const auto end = time.now() + by.count() * kj::NANOSECONDS;
    while (true) {
      settle();
      KJ_IF_MAYBE (next, time.nextEvent()) {
        if (*next <= end) {
          time.advanceTo(*next);
          continue;
        }
      }
      break;
    }
    time.advanceTo(end);
    settle();
  }

  lines told;
  const sdk::deployment_info info{server_id{1}, "", ""};

  caf::strong_actor_ptr around;
  role::component::actor component;
  role::election::actor election;
  role::peer::client peer;
};

}  // namespace troupe::election::test
