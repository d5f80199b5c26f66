#include <catch2/catch.hpp>

#include <algorithm>

#include "actors/gateway/zookeeper/words/admin_command.hpp"

namespace troupe::zk {
namespace {

using role::broadcast::inspection;
using role::broadcast::server_mode;

/// Server 2 leads 1 and 3; 1 is behind; observer 9 is on its way, observer 8 not there.
inspection of_leader() {
  inspection here;
  here.ensemble = true;
  here.self = here.leader.emplace(server_id{2});
  here.mode = server_mode::leader;
  here.phase = "broadcast";
  here.epoch = 5;
  here.leader_for = milliseconds{1234};
  here.last = zxid::of(5, 16);
  here.last_proposal = 40, here.smallest_proposal = 30, here.largest_proposal = 50;
  here.pending_syncs = 6;
  here.learners = {
      {server_id{1}, true, true, "synced", zxid::of(5, 9), 7, milliseconds{3}},
      {server_id{3}, true, true, "synced", zxid::of(5, 16), 0, milliseconds{4}},
      {server_id{9}, false, false, "catching_up", zxid::of(4, 1), 99, milliseconds{5}}};
  here.voters = {{server_id{1}, "a:1"}, {server_id{2}, "b.example:2"}, {server_id{3}, "c:3"}};
  here.observers = {{server_id{8}, "d:4"}, {server_id{9}, "e:5"}};
  return here;
}

inspection of_observer() {
  auto here = of_leader();
  here.self = server_id{9};
  here.mode = server_mode::observer;
  here.lag = 12;
  here.leader_silence = milliseconds{150};
  here.learners.clear();
  return here;
}

std::string lines(const named_values& values) { return render_values(values); }

}  // namespace

TEST_CASE("ensemble words: a server by itself says nothing of them") {
  CHECK(ensemble_values({}).empty());
  CHECK(admin_leader({}).empty());
  CHECK(admin_zab_state({}).dump() == R"({"voting":false,"zabstate":""})");
  CHECK(admin_voting_view({}).dump() == R"({"current_config":{}})");
  bounded room{10};
  CHECK(admin_observers({}, room).dump() == R"({"synced_observers":0,"observers":[]})");
}

TEST_CASE("ensemble words: a leader has ZooKeeper's names, and the lag of each learner") {
  CHECK(lines(ensemble_values(of_leader())) ==
        "followers=2\nsynced_followers=2\npending_syncs=6\nlast_proposal_size=40\n"
        "max_proposal_size=50\nmin_proposal_size=30\nlearners=3\nsynced_observers=0\n"
        "synced_non_voting_followers=0\nleader_uptime=1234\nlearner_lag_1=7\nlearner_lag_3=0\n"
        "learner_lag_9=99\nquorum_size=3\npeer_state=leading - broadcast\nleader_id=2\nepoch=5\n");
}

TEST_CASE("ensemble words: learners have no names of leaders") {
  CHECK(lines(ensemble_values(of_observer())) ==
        "leader_lag=12\nleader_silence=150\nquorum_size=3\npeer_state=observing - broadcast\n"
        "leader_id=2\nepoch=5\n");
  auto follower = of_observer();
  follower.self = server_id{3};
  follower.mode = server_mode::follower;
  follower.phase = "synchronization";
  const auto values = ensemble_values(follower);
  CHECK(std::find(values.begin(), values.end(),
                  std::pair<std::string, std::string>{
                      "peer_state", "following - synchronization"}) != values.end());
}

TEST_CASE("ensemble words: only srvr of a leader has proposal sizes, as its last line") {
  server_facts server;
  server.mode = "leader";
  server.ensemble = of_leader();
  CHECK(render_srvr(server).ends_with(
      "Mode: leader\nNode count: 0\nProposal sizes last/min/max: 40/30/50\n"));
  server.ensemble = of_observer();
  CHECK(render_srvr(server).ends_with("Node count: 0\n"));
}

TEST_CASE("ensemble words: commands name the leader, the observers and the voters") {
  CHECK(admin_leader(of_leader()).dump() ==
        R"({"is_leader":true,"leader_id":2,"leader_ip":"b.example","leader_for_ms":1234})");
  CHECK_FALSE(admin_leader(of_observer())["is_leader"].get<bool>());
  bounded room{10};
  const auto observers = admin_observers(of_leader(), room);
  CHECK(observers["synced_observers"] == 0);
  REQUIRE(observers["observers"].size() == 1);
  CHECK(observers["observers"][0]["sid"] == 9);
  CHECK(observers["observers"][0]["lag"] == 99);
  const auto view = admin_voting_view(of_observer())["current_config"];
  CHECK(view.size() == 3);
  CHECK(view["2"]["server_addresses"][0] == "b.example:2");
  const auto state = admin_zab_state(of_observer());
  CHECK(state["myid"] == 9);
  CHECK(state["voting"] == false);
  CHECK(state["zab_epoch"] == 5);
  CHECK(state["zab_counter"] == 16);
  CHECK(state["quorum_address"]["all_addresses"][0] == "e:5");
}

}  // namespace troupe::zk
