// gateway.local when a snapshot of the leader has taken the place of its server's tree. Everybody
// around it is played by the test.
#include <catch2/catch.hpp>

#include <string>
#include <utility>
#include <vector>

#include <caf/send.hpp>

#include "actors/gateway/local/component.hpp"
#include "actors/gateway/local/local_gateway.hpp"
#include "test/support/loop_world.hpp"

using namespace troupe;

namespace {

namespace coordinator = role::coordinator;
using lines = std::vector<std::string>;

std::string word(error_code error) { return std::string{to_string(error)}; }

/// A client, and what the gateway needs.
class neighbours final : public sdk::pinned_actor {
public:
  neighbours(caf::actor_config& config, sdk::reactor_unit& home, lines& told,
             std::vector<std::uint64_t>& reads, std::vector<origin>& opens)
      : sdk::pinned_actor(config, home, 9, {}), told_(told), reads_(reads), opens_(opens) {}

  caf::behavior make_behavior() override {
    using tree = handle<role::tree::attach_lane, role::tree::read, role::tree::watchers_gone>;
    using session = handle<role::session::attach_lane, role::session::open, role::session::touch>;
    using broadcast = handle<role::broadcast::attach, role::broadcast::submit>;
    return handlers<tree, session, broadcast, coordinator::client, role::component::supervisor>(
        [](const role::tree::attach_lane&) {}, [this](const role::tree::read& m) { read(m); },
        [](const role::tree::watchers_gone&) {}, [](const role::session::attach_lane&) {},
        [this](const role::session::open& m) { opens_.push_back(m.sessions.at(0).origin); },
        [](const role::session::touch&) {}, [](const role::broadcast::attach&) {},
        [this](const role::broadcast::submit& m) { submitted(m); },
        [](const coordinator::attached&) {},
        [this](const coordinator::opened& m) { note("opened", m.token, m.error); },
        [this](const coordinator::wrote& m) {
          for (const auto& one : m.results)
            note("wrote", m.token, one.error);
        },
        [this](const coordinator::read_done& m) { note("read", m.token, m.result.error); },
        [this](const coordinator::event& m) { told_.push_back("event " + m.path); },
        [](const coordinator::session_ended&) {}, [](const role::component::ready&) {},
        [](const role::component::stopped&) {}, [](const role::component::failed&) {},
        [](const role::component::status_report&) {});
  }

private:
  void note(const std::string& what, std::uint64_t token, error_code error) {
    told_.push_back(what + " " + std::to_string(token) + " " + word(error));
  }
  void submitted(const role::broadcast::submit& message) {
    for (const auto& one : message.requests)
      if (std::holds_alternative<close_session_op>(one.op))
        told_.push_back("closes " + std::to_string(one.session.value));
  }
  void read(const role::tree::read& message) {
    const auto& one = message.requests.at(0);
    reads_.push_back(one.sequence);
    if (const auto* again = std::get_if<set_watches_op>(&one.op)) {
      told_.push_back("watches again after " + to_string(again->relative));
      for (const auto& path : again->data)
        told_.push_back("data " + path);
    }
  }

  lines& told_;
  std::vector<std::uint64_t>& reads_;
  std::vector<origin>& opens_;
};

struct gateway_world : troupe::test::loop_world {
  gateway_world() {
    around = sdk::spawn_pinned<neighbours>(queue, told, reads, opens);
    const auto options = sdk::option_values::defaults_of(local::gateway_type().options);
    const sdk::deployment_info info{server_id{1}, "", ""};
    sdk::component_context context{
        "local", 1,
        options, ports,
        queue,   role::component::supervisor{around},
        info,    {{"tree", around}, {"broadcast", around}, {"session", around}}};
    const auto made = sdk::spawn_pinned<local::local_gateway>(queue, context);
    component = role::component::actor{made};
    gateway = coordinator::actor{made};
    lane = role::tree::lane{made};
    broadcast = role::broadcast::listener{made};
    component.send(role::component::start{});
    serve(zxid{5}, false);
    gateway.send(coordinator::attach{coordinator::client{around}});
    take();
  }
  ~gateway_world() {
    caf::anon_send_exit(caf::actor_cast<caf::actor>(gateway.pointer()), caf::exit_reason::kill);
    caf::anon_send_exit(around, caf::exit_reason::kill);
    take();
  }

  void serve(zxid applied, bool replaced) {
    using role::broadcast::server_mode;
    broadcast.send(role::broadcast::serving_changed{true, server_mode::follower, false, applied,
                                                    server_id{1}, 1, true, replaced});
  }
  void stop_serving() { broadcast.send(role::broadcast::serving_changed{}); }
  void applied(zxid at) { lane.send(role::tree::output{at, {}}); }
  void answer_read(zxid at) {
    lane.send(role::tree::output{at, {role::tree::read_reply{reads.back(), 1, at, {}}}});
  }
  lines take() {
    settle();
    return std::exchange(told, {});
  }

  lines told;
  std::vector<std::uint64_t> reads;  ///< their sequences, as the tree got them
  std::vector<origin> opens;         ///< of sessions

  role::component::actor component;
  caf::strong_actor_ptr around;
  coordinator::actor gateway;
  role::tree::lane lane;
  role::broadcast::listener broadcast;
};

}  // namespace

TEST_CASE("local gateway: when its tree was replaced, what waited is answered: outcome unknown") {
  gateway_world world;
  const session_id session{7};
  world.gateway.send(coordinator::write{1, 1, session, {}, set_data_op{"/a", {}, -1}});
  world.gateway.send(
      coordinator::write{1, 2, session, {}, multi_op{{check_op{"/a", 1}, check_op{"/b", 1}}}});
  world.gateway.send(coordinator::open{1, 3, milliseconds{4000}});
  world.gateway.send(coordinator::read{1, 4, session, {}, get_data_op{"/a", false}});
  CHECK(world.take().empty());
  world.stop_serving();
  world.serve(zxid{9}, true);
  const auto unknown = " " + word(error_code::operation_timeout);
  CHECK(world.take() == lines{"wrote 1" + unknown, "wrote 2" + unknown, "wrote 2" + unknown,
                              "opened 3" + unknown, "read 4" + unknown});
  // The session comes into being after all, and nobody knows of it.
  role::tree::session_reply made;
  made.sequence = world.opens.at(0).sequence;
  made.session = session_id{8};
  world.lane.send(role::tree::output{zxid{9}, {made}});
  CHECK(world.take() == lines{"closes 8"});
  // Without a new tree the next leader is asked, and answers.
  world.gateway.send(coordinator::write{1, 5, session, {}, set_data_op{"/a", {}, -1}});
  world.stop_serving();
  world.serve(zxid{9}, false);
  CHECK(world.take().empty());
}

TEST_CASE("local gateway: when its tree was replaced, watches are set anew, from what was told") {
  gateway_world world;
  world.gateway.send(coordinator::read{1, 1, {}, {}, get_data_op{"/watched", true}});
  world.gateway.send(coordinator::read{1, 2, {}, {}, get_data_op{"/other", false}});
  world.take();
  world.reads.resize(1);
  world.answer_read(zxid{6});
  world.applied(zxid{7});
  CHECK(world.take() == lines{"read 1 OK"});
  world.stop_serving();
  world.applied(zxid{20});  // of the new tree, which has events that nobody was told
  world.serve(zxid{20}, true);
  CHECK(world.take() == lines{"read 2 " + word(error_code::operation_timeout),
                              "watches again after " + to_string(zxid{7}), "data /watched"});
  lines fired{"event /watched"};
  world.lane.send(role::tree::output{
      zxid{20},
      {role::tree::watch_event{event_kind::node_data_changed, "/watched", zxid{20}, {1}}}});
  CHECK(world.take() == fired);
  // It is spent.
  world.stop_serving();
  world.serve(zxid{30}, true);
  CHECK(world.take().empty());
}
