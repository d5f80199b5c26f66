// Native sessions of the client library, against whole servers in the simulator.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <troupe/client/session.hpp>
#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_deployment.hpp>
#include <troupe/testing/simulation.hpp>

using namespace troupe;
using namespace std::chrono_literals;
using client::fault;
using client::session_state;

namespace {

std::string single() {
  return R"(
troupe: 1
node: { id: 1, data_dir: ./data }
components:
  log:       { type: storage.wal }
  tree:      { type: tree.znode }
  broadcast: { type: broadcast.local }
  sessions:  { type: session.replicated, timeout: { min: 1s, max: 40s } }
  native:    { type: gateway.rpc, listen: "host:2190" }
)";
}

std::string member(int id) {
  return "troupe: 1\nnode: { id: " + std::to_string(id) + R"(, data_dir: ./data }
components:
  peers: { type: peer.tcp, members: { 1: "s1:2888", 2: "s2:2888", 3: "s3:2888" } }
  log:       { type: storage.wal }
  tree:      { type: tree.znode }
  election:  { type: election.fast }
  broadcast: { type: broadcast.zab }
  sessions:  { type: session.replicated, timeout: { min: 1s, max: 40s } }
  native:    { type: gateway.rpc, listen: "s)" +
         std::to_string(id) + ":2190\" }\n";
}

/// Servers and one client.
struct client_world {
  explicit client_world(std::uint64_t seed, int members = 1) : sim(seed) {
    sdk::log::set_level(sdk::log::level::none);
    for (int i = 1; i <= members; ++i) {
      plans.push_back(
          std::make_unique<testing::sim_deployment>(members == 1 ? single() : member(i)));
      const auto host = members == 1 ? std::string{"host"} : "s" + std::to_string(i);
      servers.push_back(&sim.add_server(host));
      servers.back()->start(plans.back()->plan());
      how.servers.push_back(host + ":2190");
    }
  }
  ~client_world() {
    session.reset();
    sdk::log::set_level(sdk::log::level::info);
  }

  void open(milliseconds timeout = 10s) {
    how.session_timeout = timeout;
    client::listener told;
    told.on_state = [this](session_state state) { states.push_back(state); };
    told.on_event = [this](const client::event& one) {
      events.push_back(std::to_string(static_cast<int>(one.kind)) + " " + one.path);
    };
    session = std::make_unique<client::session>(
        client::environment{sim.network().host("client"), sim.kj_timer(), sim.seed()}, how, told);
    REQUIRE(sim.run_until([&] { return session->state() == session_state::connected; }, 60s));
  }

  client::answer wait(kj::Promise<client::answer> promise) {
    std::optional<client::answer> got;
    const auto task = promise.then([&](client::answer&& one) { got = std::move(one); })
                          .eagerlyEvaluate([](kj::Exception&&) { FAIL_CHECK("broken promise"); });
    REQUIRE(sim.run_until([&] { return got.has_value(); }, 120s));
    return std::move(*got);
  }
  client::answer run(client::operation what, client::freshness how_new = {}) {
    return wait(session->submit(std::move(what), how_new));
  }
  static write_op create(std::string path, std::string data = "",
                         node_kind kind = node_kind::persistent) {
    return create_op{std::move(path), blob{data}, {{permission_all, {"world", "anyone"}}}, kind};
  }
  void restart(std::size_t which) {
    servers[which]->crash();
    servers[which]->start(plans[which]->plan());
  }

  testing::simulation sim;
  client::settings how;
  std::vector<std::unique_ptr<testing::sim_deployment>> plans;
  std::vector<testing::sim_server*> servers;
  std::vector<session_state> states;
  std::vector<std::string> events;
  std::unique_ptr<client::session> session;
};

}  // namespace

TEST_CASE("client session: operations of all kinds, on many seeds") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    client_world world{seed};
    world.open();
    CHECK(world.session->timeout() == 10s);
    const auto made = world.run(world.create("/a", "one"));
    REQUIRE(made.ok());
    CHECK(made.writes.front().path == "/a");
    CHECK(made.writes.front().stat.czxid == made.zxid);
    const auto got = world.run(read_op{get_data_op{"/a"}}, client::freshness::linearizable());
    CHECK(got.read.data.view() == "one");
    CHECK(got.read.stat.data_length == 3);
    const auto again = world.run(world.create("/a"));
    CHECK(again.why.what == fault::node_exists);
    CHECK(again.why.path == "/a");
    CHECK(again.writes.empty());
    const auto page = world.run(client::list_op{"/", "a", "", 10, true, true});
    REQUIRE(page.page.entries.size() == 1);
    CHECK(page.page.entries.front().data.view() == "one");
    const auto multi = world.run(
        write_op{multi_op{{create_op{"/b", blob{"x"}, {{permission_all, {"world", "anyone"}}}},
                           delete_op{"/none"}}}});
    CHECK(multi.why.what == fault::no_node);
    REQUIRE(multi.writes.size() == 2);
    CHECK(multi.writes[0].error == error_code::ok);
    CHECK(world.run(write_op{create_session_op{}}).why.what == fault::bad_arguments);
    CHECK(world.session->seen() >= made.zxid);
    CHECK(world.states == std::vector{session_state::connected});
  }
}

TEST_CASE("client session: what only the native protocol has") {
  client_world world{3};
  world.open();
  const acl open{{permission_all, {"world", "anyone"}}};
  script_op script;
  script.steps.push_back({create_with_parents_op{create_op{"/p/q/r", blob{"5"}, open}, open}});
  script.steps.push_back({add_op{"/p/q/r", 37}});
  script.steps.push_back({choose_op{{{check_absent_op{"/p"}}},
                                    {{create_op{"/wrong", blob{}, open}}},
                                    {{create_if_absent_op{create_op{"/right", blob{}, open}}}}}});
  const auto done = world.run(write_op{script});
  REQUIRE(done.ok());
  REQUIRE(done.writes.size() == 4);
  CHECK(done.writes[0].path == "/p/q/r");
  CHECK(done.writes[0].number == 2);
  CHECK(done.writes[1].number == 42);
  CHECK(done.writes[2].number == 0);
  CHECK(done.writes[3].path == "/right");
  script_op fenced;
  fenced.steps.push_back({set_data_op{"/p", blob{"new"}}});
  fenced.steps.push_back({guard_op{"/p", zxid{done.zxid.value + 1}}});
  fenced.steps.push_back({delete_op{"/right"}});
  const auto refused = world.run(write_op{fenced});
  CHECK(refused.why.what == fault::fenced);
  CHECK(refused.why.path == "/p");
  CHECK(world.run(read_op{get_data_op{"/p"}}).read.data.view() == "");
  script_op most;
  most.steps.push_back({delete_tree_op{"/p", 2}});
  const auto too_many = world.run(write_op{most});
  CHECK(too_many.why.what == fault::limit_exceeded);
  CHECK(too_many.why.limit == 2);
  most.steps.front() = {delete_tree_op{"/p", 3}};
  CHECK(world.run(write_op{most}).writes.front().number == 3);
}

TEST_CASE("client session: it goes on where it was when the server comes back") {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CAPTURE(seed);
    client_world world{seed};
    world.open(20s);
    const auto id = world.session->id();
    REQUIRE(world.run(world.create("/mine", "0", node_kind::ephemeral)).ok());
    REQUIRE(world.run(read_op{get_data_op{"/mine", true}}).ok());
    REQUIRE(world.run(read_op{add_watch_op{"/", watch_mode::persistent_recursive}}).ok());
    std::vector<kj::Promise<client::answer>> under_way;
    for (int i = 0; i < 50; ++i)
      under_way.push_back(world.session->submit(world.create("/n" + std::to_string(i))));
    world.sim.run_for(nanoseconds{world.sim.random().below(2'000'000)});
    world.restart(0);
    // Each was done once, whatever the crash came between.
    for (auto& one : under_way)
      CHECK(world.wait(kj::mv(one)).ok());
    CHECK(world.session->id() == id);
    CHECK(world.run(read_op{get_data_op{"/mine"}}).ok());
    world.events.clear();
    CHECK(world.run(write_op{set_data_op{"/mine", blob{"1"}}}).ok());
    REQUIRE_FALSE(world.events.empty());
    CHECK(world.events.back() == "3 /mine");
    CHECK(world.states == std::vector{session_state::connected, session_state::suspended,
                                      session_state::connected});
  }
}

TEST_CASE("client session: cut off, it knows that it is lost before any server gives it up") {
  client_world world{4};
  world.open(4s);
  REQUIRE(world.run(world.create("/mine", "", node_kind::ephemeral)).ok());
  world.sim.run_for(30s);  // it keeps itself alive
  CHECK(world.session->state() == session_state::connected);
  client_world* const both = &world;
  const auto cut_at = world.sim.now();
  world.sim.network().part("client", "host");
  auto waiting = world.session->submit(read_op{get_data_op{"/"}});
  REQUIRE(world.sim.run_until([&] { return both->session->state() == session_state::lost; }, 60s));
  CHECK(world.sim.now() - cut_at <= 4s + 2ms);
  CHECK(world.wait(kj::mv(waiting)).why.what == fault::session_lost);
  CHECK(world.run(read_op{get_data_op{"/"}}).why.what == fault::session_lost);

  // The server has not given it up yet; a little later it has.
  world.sim.network().heal("client", "host");
  world.open(10s);
  CHECK(world.run(read_op{exists_op{"/mine"}}).ok());
  world.sim.run_for(6s);
  CHECK(world.run(read_op{exists_op{"/mine"}}).why.what == fault::no_node);
}

TEST_CASE("client session: closing waits for what was submitted, and ends the session") {
  client_world world{5};
  world.open();
  REQUIRE(world.run(world.create("/mine", "", node_kind::ephemeral)).ok());
  auto last = world.session->submit(world.create("/last"));
  bool closed = false;
  const auto task = world.session->close().then([&] { closed = true; }).eagerlyEvaluate(nullptr);
  CHECK(world.run(read_op{get_data_op{"/"}}).why.what == fault::session_lost);
  REQUIRE(world.sim.run_until([&] { return closed; }, 10s));
  CHECK(world.wait(kj::mv(last)).ok());
  CHECK(world.states.back() == session_state::closed);
  world.open();
  CHECK(world.run(read_op{exists_op{"/last"}}).ok());
  CHECK(world.run(read_op{exists_op{"/mine"}}).why.what == fault::no_node);
}

TEST_CASE("client session: too many that wait are refused") {
  client_world world{6};
  world.how.max_waiting = 3;
  world.open();
  std::vector<kj::Promise<client::answer>> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(world.session->submit(read_op{get_data_op{"/"}}));
  CHECK(world.wait(kj::mv(all[3])).why.what == fault::too_many_waiting);
  for (int i = 0; i < 3; ++i)
    CHECK(world.wait(kj::mv(all[static_cast<std::size_t>(i)])).ok());
}

TEST_CASE("client session: what is too large for any message is refused, and only that") {
  client_world world{8};
  world.open();
  const auto id = world.session->id();
  auto large = world.session->submit(client_world::create("/large", std::string(6 << 20, 'x')));
  auto behind = world.session->submit(client_world::create("/small"));
  const auto refused = world.wait(kj::mv(large));
  CHECK(refused.why.what == fault::too_large);
  CHECK(refused.why.size > refused.why.limit);
  CHECK(world.wait(kj::mv(behind)).ok());
  CHECK(world.session->id() == id);
}

TEST_CASE("client session: identities, and wrong ones") {
  client_world world{7};
  world.open();
  REQUIRE(world
              .run(write_op{
                  create_op{"/secret",
                            blob{"x"},
                            {{permission_all, {"digest", "ada:mrxbS5mMgmC8K+5r9KSlzvX6QnY="}}}}})
              .ok());
  CHECK(world.run(read_op{get_data_op{"/secret"}}).why.what == fault::no_auth);
  std::optional<client::problem> why;
  const auto task = world.session->authenticate({"nonsense", "x"})
                        .then([&](client::problem&& one) { why = std::move(one); })
                        .eagerlyEvaluate(nullptr);
  REQUIRE(world.sim.run_until([&] { return why.has_value(); }, 10s));
  CHECK(why->what == fault::auth_failed);
}

TEST_CASE("client session: an ensemble loses one member after the other, the session goes on") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    client_world world{seed, 3};
    world.open(30s);
    const auto id = world.session->id();
    REQUIRE(world.run(world.create("/count", "0")).ok());
    int counted = 0;
    for (std::size_t round = 0; round < 6; ++round) {
      const auto which = round % 3;
      std::vector<kj::Promise<client::answer>> under_way;
      for (int i = 0; i < 20; ++i) {
        script_op add;
        add.steps.push_back({add_op{"/count", 1}});
        under_way.push_back(world.session->submit(write_op{add}));
      }
      world.sim.run_for(nanoseconds{world.sim.random().below(3'000'000)});
      world.restart(which);
      for (auto& one : under_way)
        counted += world.wait(kj::mv(one)).ok() ? 1 : 0;
      REQUIRE(world.sim.run_until([&] { return world.servers[which]->ready(); }, 30s));
    }
    CHECK(counted == 120);
    const auto sum = world.run(read_op{get_data_op{"/count"}}, client::freshness::linearizable());
    CHECK(sum.read.data.view() == "120");
    CHECK(world.session->id() == id);
  }
}
