/// The session component on a reactor in virtual time; everybody around it is played by the test.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <caf/send.hpp>

#include <troupe/base/session_password.hpp>
#include <troupe/sdk/log.hpp>

#include "actors/session/component.hpp"
#include "actors/session/session_actor.hpp"
#include "test/support/loop_world.hpp"

namespace troupe::session::test {

using namespace std::chrono_literals;
using expiries = std::vector<std::uint64_t>;

using lines = std::vector<std::string>;

/// The broadcast, the tree and a gateway, as far as the session component talks to them.
class neighbours final : public sdk::pinned_actor {
public:
  neighbours(caf::actor_config& config, sdk::reactor_unit& home, expiries& expired, lines& told,
             role::broadcast::inspection& around)
      : sdk::pinned_actor(config, home, 9, {}), expired_(expired), told_(told), around_(around) {}

  caf::behavior make_behavior() override {
    return handlers<role::broadcast::actor, role::component::supervisor, role::session::lane>(
        [this](const role::broadcast::submit& m) {
          for (const auto& one : m.requests)
            if (const auto* timed = std::get_if<create_session_op>(&one.op))
              told_.push_back(std::to_string(one.session.value) + " gets " + ms(timed->timeout));
            else
              expired_.push_back(one.session.value);
        },
        [](const role::broadcast::attach&) {}, [](const role::broadcast::attach_touches&) {},
        [this](const role::broadcast::touch& m) {
          for (const auto one : m.sessions)
            told_.push_back("touched " + std::to_string(one.value));
        },
        [this](const role::broadcast::ask_leader& m) {
          for (const auto& one : m.claims)
            told_.push_back("asks for " + std::to_string(one.session.value) + " as " +
                            std::to_string(one.token) + ", " + ms(one.timeout));
        },
        [this](const role::broadcast::answer_claims& m) {
          for (const auto& one : m.answers)
            told_.push_back("tells " + std::to_string(m.to.value) + " as " +
                            std::to_string(one.token) + ": " +
                            (one.alive ? "alive, " + ms(one.timeout) : std::string{"gone"}));
        },
        [this](const role::broadcast::tell_moved& m) {
          told_.push_back(std::to_string(m.session.value) + " moved from " +
                          std::to_string(m.from.value) + " to " + std::to_string(m.to.value));
        },
        [this](const role::tree::session_owned& m) {
          told_.push_back(std::to_string(m.session.value) + " writes through " +
                          std::to_string(m.server.value));
        },
        [this](const role::session::resumed& m) {
          told_.push_back("answer " + std::to_string(m.sequence) + ": " +
                          (m.ok ? "resumed, " + ms(m.timeout) : std::string{"expired"}));
        },
        [this](const role::session::moved& m) {
          told_.push_back("lane: " + std::to_string(m.session.value) + " moved");
        },
        [](const role::session::inspection&) {}, [](const role::tree::attach_sessions&) {},
        [this](const role::broadcast::inspect& m) {
          m.to.send(role::broadcast::inspection{around_});
        },
        [](const role::component::ready&) {}, [](const role::component::stopped&) {},
        [](const role::component::failed&) {}, [](const role::component::status_report&) {});
  }

private:
  static std::string ms(milliseconds time) { return std::to_string(time.count()) + " ms"; }

  expiries& expired_;
  lines& told_;
  role::broadcast::inspection& around_;
};

/// The session component with a tick of 100 ms, alone in virtual time.
struct session_world : troupe::test::loop_world {
  explicit session_world(
      role::broadcast::server_mode mode = role::broadcast::server_mode::standalone,
      bool has_secret = true) {
    sdk::log::set_level(sdk::log::level::none);
    around = sdk::spawn_pinned<neighbours>(queue, expired, told, ensemble);
    for (const auto id : {2U, 3U})
      ensemble.learners.push_back(
          {server_id{id}, true, true, "", {}, 0, milliseconds{10}, milliseconds{60'000}});
    for (const auto id : {1U, 2U, 3U})
      ensemble.voters.emplace_back(server_id{id}, "");
    auto options = sdk::option_values::defaults_of(replicated_type().options);
    options.set("tick", std::chrono::nanoseconds{100ms});
    const sdk::deployment_info info{server_id{1}, "", ""};
    sdk::component_context context{"sessions", 1,
                                   options,    ports,
                                   queue,      role::component::supervisor{around},
                                   info,       {{"broadcast", around}, {"tree", around}}};
    const auto made = sdk::spawn_pinned<session_actor>(queue, context);
    component = role::component::actor{made};
    sessions = role::session::actor{made};
    tree = role::tree::session_listener{made};
    broadcast = role::broadcast::listener{made};
    others = role::broadcast::touch_listener{made};
    component.send(role::component::start{});
    for (const auto number : {1U, 2U})
      sessions.send(role::session::attach_lane{number, role::session::lane{around}});
    if (has_secret) learn_secret();
    serve(mode);
  }
  ~session_world() {
    component.send(role::component::stop{});
    caf::anon_send_exit(around, caf::exit_reason::kill);
    settle();
    sdk::log::set_level(sdk::log::level::info);
  }

  void learn_secret() {
    role::tree::session_changes changes;
    changes.secret = secret;
    tree.send(std::move(changes));
    settle();
  }
  void serve(role::broadcast::server_mode mode) {
    using role::broadcast::server_mode;
    broadcast.send(role::broadcast::serving_changed{mode != server_mode::starting,
                                                    mode,
                                                    mode == server_mode::standalone ||
                                                        mode == server_mode::leader,
                                                    {},
                                                    server_id{1},
                                                    1});
    settle();
  }
  /// What everybody was told since the last call.
  lines take() {
    settle();
    return std::exchange(told, {});
  }
  lines resume(std::uint64_t session, std::uint64_t sequence, milliseconds timeout = 4s,
               const std::string& key = secret, std::uint32_t lane = 1) {
    sessions.send(role::session::resume{lane, sequence, session_id{session},
                                        session_password(key, session_id{session}), timeout});
    return take();
  }
  lines claim(std::uint32_t from, std::uint64_t session, std::uint64_t token = 5,
              milliseconds timeout = 4s) {
    others.send(
        role::broadcast::claims_asked{server_id{from}, {{token, session_id{session}, timeout}}});
    return take();
  }
  lines answer(std::uint64_t token, bool alive, milliseconds timeout = 4s) {
    others.send(role::broadcast::claims_answered{{{token, alive, timeout}}});
    return take();
  }
  void open(std::uint64_t session, milliseconds timeout) {
    role::tree::session_changes changes;
    changes.changes.emplace_back(role::tree::session_changes::opened{session_id{session}, timeout});
    tree.send(std::move(changes));
    settle();
  }
  void close(std::uint64_t session) {
    role::tree::session_changes changes;
    changes.changes.emplace_back(
        role::tree::session_changes::closed{session_id{session}, close_cause::expired});
    tree.send(std::move(changes));
    settle();
  }
  void touch(std::uint64_t session) {
    sessions.send(role::session::touch{{session_id{session}}});
    settle();
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
  /// Time goes on, and the reactor does nothing: the process is stopped, or the machine is.
  void pause(nanoseconds by) { time.advanceTo(time.now() + by.count() * kj::NANOSECONDS); }

  inline static const std::string secret = "the secret of the deployment";
  expiries expired;
  lines told;
  role::broadcast::inspection ensemble;  ///< of three, all of whom are heard

  role::component::actor component;
  caf::strong_actor_ptr around;
  role::session::actor sessions;
  role::tree::session_listener tree;
  role::broadcast::listener broadcast;
  role::broadcast::touch_listener others;
};

}  // namespace troupe::session::test
