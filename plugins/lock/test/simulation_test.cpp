/// The whole recipe in whole ensembles, in virtual time, with faults from a seed.

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_ensemble.hpp>

#include "component.hpp"
#include "support/codec/test_host.hpp"

using namespace locks::test;
using namespace std::chrono_literals;
using troupe::error_code;

namespace {

struct world {
  explicit world(std::uint64_t seed, std::uint32_t members = 3,
                 const std::string& dialect = "curator")
      : ensemble(seed, {.members = members,
                        .components = "  host: { type: test.host }\n"
                                      "  locks: { type: recipe.lock, mount: /locks, dialect: " +
                                      dialect + " }\n",
                        .add = [this](troupe::sdk::catalog& types) {
                          locks::register_types(types);
                          types.add(host_type(notes));
                        }}) {
    troupe::sdk::log::set_level(troupe::sdk::log::level::none);
    REQUIRE(ensemble.start());
  }

  std::string leader() {
    REQUIRE(ensemble.run_until([&] { return ensemble.leader().has_value(); }));
    return std::to_string(*ensemble.leader());
  }
  /// Calls again until the leader has answered.
  call_notes::answer acquire(troupe::session_id session, const std::string& owner,
                             std::int64_t timeout_ms, const std::string& path = "/locks/a") {
    const auto request = ++requests;
    for (;;) {
      const auto call = notes.acquire(leader(), session, owner, {path}, request, timeout_ms);
      REQUIRE(ensemble.run_until([&] { return call == 0 || !notes.open.contains(call); }));
      if (call != 0 && !notes.lost(call) && notes.answers[call].error == error_code::ok)
        return notes.answers[call];
    }
  }
  std::uint64_t begin_acquire(troupe::session_id session, const std::string& owner) {
    return notes.acquire(leader(), session, owner, {"/locks/a"}, ++requests, -1);
  }
  bool granted(std::uint64_t call) {
    return ensemble.run_until([&] { return notes.answers[call].granted; });
  }
  std::vector<std::string> claims() { return ensemble.client(1).children("/locks/a"); }

  call_notes notes;
  troupe::testing::sim_ensemble ensemble;
  std::uint64_t requests = 0;
};

TEST_CASE("a free lock is given, a held one waits for its release", "[simulation]") {
  world w{1, 1};
  REQUIRE(w.ensemble.client(1).open());
  const auto session = w.ensemble.client(1).session();
  const auto first = w.acquire(session, "one", 0);
  REQUIRE(first.granted);
  CHECK(first.locks.at(0).token > 0);
  CHECK(w.ensemble.client(1).get(first.locks.at(0).node).has_value());
  CHECK_FALSE(w.acquire(session, "two", 0).granted);
  const auto waits = w.begin_acquire(session, "two");
  w.ensemble.run_for(100ms);
  CHECK(w.claims().size() == 2);
  CHECK_FALSE(w.notes.answers[waits].granted);
  w.notes.release("1", session, "/locks/a", first.locks.at(0).token);
  REQUIRE(w.granted(waits));
  CHECK(w.notes.answers[waits].locks.at(0).token > first.locks.at(0).token);
  // Dropping the capability gives the lock back.
  w.notes.drop("1", w.notes.answers[waits].lease);
  CHECK(w.ensemble.run_until([&] { return w.claims().empty(); }));
}

TEST_CASE("a lock that a party got twice is held until both leases are dropped", "[simulation]") {
  world w{6, 1};
  REQUIRE(w.ensemble.client(1).open());
  const auto session = w.ensemble.client(1).session();
  const auto first = w.acquire(session, "one", 0);
  const auto again = w.acquire(session, "one", 0);
  REQUIRE((first.granted && again.granted));
  CHECK(first.locks.at(0).token == again.locks.at(0).token);
  w.notes.drop("1", first.lease);
  w.ensemble.run_for(100ms);
  CHECK(w.claims().size() == 1);
  w.notes.drop("1", again.lease);
  CHECK(w.ensemble.run_until([&] { return w.claims().empty(); }));
}

TEST_CASE("a wait ends in time, and leaves nothing behind", "[simulation]") {
  world w{2, 1};
  REQUIRE(w.ensemble.client(1).open());
  const auto session = w.ensemble.client(1).session();
  REQUIRE(w.acquire(session, "one", 0).granted);
  const auto late = w.acquire(session, "two", 200);
  CHECK_FALSE(late.granted);
  CHECK_FALSE(late.refusal.empty());
  CHECK(w.claims().size() == 1);
}

TEST_CASE("a waiter gets the lock of a plain client, and of one whose session ends",
          "[simulation]") {
  world w{3};
  REQUIRE((w.ensemble.client(1).open() && w.ensemble.client(2).open()));
  auto& plain = w.ensemble.client(1);
  REQUIRE(w.acquire(w.ensemble.client(2).session(), "first", 0).granted);
  troupe::create_op op;
  op.path = "/locks/a/_c_6a2f1c0e-7d57-4a8e-9a52-2f0a3f3d9b11-lock-";
  op.acl = {{troupe::permission_all, {"world", "anyone"}}};
  op.kind = troupe::node_kind::ephemeral;
  op.sequential = true;
  const auto made = plain.write(op);
  REQUIRE((made && made->front().error == error_code::ok));
  REQUIRE(w.ensemble.client(3).open());
  const auto third = w.begin_acquire(w.ensemble.client(3).session(), "third");
  REQUIRE(w.ensemble.client(2).close());
  w.ensemble.run_for(1s);
  CHECK_FALSE(w.notes.answers[third].granted);  // the plain client is before it
  REQUIRE(plain.remove(made->front().path) == error_code::ok);
  CHECK(w.granted(third));
}

TEST_CASE("a plain client of another make is turned away", "[simulation]") {
  world w{4, 1};
  auto& client = w.ensemble.client(1);
  REQUIRE(client.open());
  REQUIRE(w.acquire(client.session(), "one", 0).granted);
  CHECK(client.create("/locks/a/6a2f1c0e7d574a8e9a522f0a3f3d9b11__lock__0000000007", "",
                      troupe::node_kind::ephemeral) == error_code::no_auth);
  CHECK(client.create("/elsewhere", "", troupe::node_kind::ephemeral) == error_code::ok);
}

TEST_CASE("only the leader answers", "[simulation]") {
  world w{5};
  REQUIRE(w.ensemble.client(1).open());
  const auto leader = w.leader();
  for (const auto& [server, host] : w.notes.hosts) {
    if (server == leader) continue;
    const auto call =
        w.notes.acquire(server, w.ensemble.client(1).session(), "x", {"/locks/a"}, 1, 0);
    REQUIRE(w.ensemble.run_until([&] { return !w.notes.open.contains(call); }));
    CHECK(w.notes.answers[call].error == error_code::not_leader);
  }
}

/// One that takes the lock again and again, and writes to a store meanwhile.
struct competitor {
  std::uint32_t member = 0;
  std::string owner;
  troupe::session_id session;
  std::uint64_t request = 0;
  std::uint64_t call = 0;  ///< under way
  std::optional<call_notes::held> has;
  bool releasing = false;
};

/// The same by Curator's recipe, at the client's own server: a node in the line, and looks at it.
enum class stage { idle, making, waiting, looking, holding, deleting };
struct plain_competitor {
  std::uint32_t member = 0;
  std::string uuid;
  stage now = stage::idle;
  troupe::session_id session;
  std::uint64_t attempt = 0;  ///< answers to earlier ones do not count
  call_notes::held node;
};

class contest {
public:
  contest(std::uint64_t seed, int competitors) : w_(seed) {
    for (std::uint32_t i = 0; i < 2; ++i)
      plain_.push_back({i + 1,
                        "6a2f1c0e-7d57-4a8e-9a52-2f0a3f3d9b1" + std::to_string(i),
                        stage::idle,
                        {},
                        0,
                        {}});
    for (int i = 0; i < competitors; ++i)
      all_.push_back(
          {1 + static_cast<std::uint32_t>(i) % 3, std::to_string(i), {}, 0, 0, {}, false});
  }

  /// Every competitor makes one step.
  void step(bool wishes) {
    const auto leader = w_.ensemble.leader();
    for (auto& one : all_) {
      if (one.has) write(*one.has);
      follow_session(one);
      if (!leader || !one.session) continue;
      const auto server = std::to_string(*leader);
      if (one.call != 0) {
        take_answer(one);
      } else if (one.releasing) {
        one.call = w_.notes.release(server, one.session, one.has->path, one.has->token);
      } else if (one.has) {
        one.releasing = w_.ensemble.world().random().chance(1, 3);
      } else if (wishes || one.request != 0) {
        if (one.request == 0) one.request = ++requests_;
        one.call = w_.notes.acquire(server, one.session, one.owner, {"/locks/a"}, one.request, -1);
      }
    }
    for (auto& one : plain_)
      step(one, wishes);
    w_.ensemble.run_for(10ms);
  }

  /// Nobody was fenced off who still held, and everybody gets its turn once nothing is wrong.
  void finish() {
    REQUIRE(w_.ensemble.heal());
    for (const auto& node : fenced_) {
      INFO(node);
      CHECK_FALSE(w_.ensemble.client(1).get(node).has_value());
    }
    int rounds = 0;
    const auto idle = [this] {
      return std::all_of(all_.begin(), all_.end(),
                         [](const competitor& one) {
                           return one.request == 0 && !one.has && one.call == 0;
                         }) &&
             std::all_of(plain_.begin(), plain_.end(),
                         [](const plain_competitor& one) { return one.now == stage::idle; });
    };
    for (; rounds < 3000 && !idle(); ++rounds)
      step(false);
    CHECK(idle());
    CHECK(w_.ensemble.run_until([&] { return w_.claims().empty(); }));
  }

  world& simulated() { return w_; }
  [[nodiscard]] int grants() const { return grants_; }
  [[nodiscard]] int plain_grants() const { return plain_grants_; }
  [[nodiscard]] std::size_t fenced() const { return fenced_.size(); }

private:
  void write(const call_notes::held& one) {
    if (one.token >= newest_)
      newest_ = one.token;
    else
      fenced_.push_back(one.node);
  }

  /// Its client may have lost the session, and everything with it.
  void follow_session(competitor& one) {
    auto& client = w_.ensemble.client(one.member);
    if (one.session && client.session() == one.session) return;
    one = {one.member, one.owner, {}, 0, 0, {}, false};
    if (!client.connected()) return;
    if (!client.session()) client.open(6s);
    one.session = client.session();
  }

  void take_answer(competitor& one) {
    if (w_.notes.open.contains(one.call)) return;
    const auto found = w_.notes.answers.find(one.call);
    one.call = 0;
    if (found == w_.notes.answers.end() || found->second.error != error_code::ok) return;
    if (one.releasing) {
      one.has.reset();
      one.releasing = false;
    } else {
      one.request = 0;
      if (!found->second.granted) return;
      one.has = found->second.locks.at(0);
      ++grants_;
      // Each grant is newer than all before it.
      CHECK(one.has->token > last_grant_);
      last_grant_ = one.has->token;
    }
  }

  // Of a plain competitor.
  void step(plain_competitor& one, bool wishes) {
    if (one.now == stage::holding) write(one.node);
    auto& client = w_.ensemble.client(one.member);
    if (!client.session() || client.session() != one.session) {
      one = {one.member, one.uuid, stage::idle, client.session(), one.attempt + 1, {}};
      return;
    }
    if (one.now == stage::idle && wishes) make(one, client);
    if (one.now == stage::waiting) look(one, client);
    if (one.now == stage::holding && w_.ensemble.world().random().chance(1, 3))
      give_back(one, client);
  }

  void make(plain_competitor& one, troupe::testing::sim_client& client) {
    troupe::create_op op;
    op.path = "/locks/a/_c_" + one.uuid + "-lock-";
    op.acl = {{troupe::permission_all, {"world", "anyone"}}};
    op.kind = troupe::node_kind::ephemeral;
    op.sequential = true;
    one.now = stage::making;
    client.begin_write(std::move(op), [&one, attempt = ++one.attempt](const auto& answer) {
      if (attempt != one.attempt) return;
      one.now = stage::idle;
      if (!answer || answer->front().error != error_code::ok) return;
      const auto& made = answer->front();
      one.node = {"/locks/a", made.stat.czxid.value, made.path};
      one.now = stage::waiting;
    });
  }

  void look(plain_competitor& one, troupe::testing::sim_client& client) {
    one.now = stage::looking;
    client.begin_read(troupe::get_children_op{"/locks/a"},
                      [this, &one, attempt = one.attempt](const auto& answer) {
                        if (attempt != one.attempt) return;
                        one.now = stage::waiting;
                        if (!answer || answer->error != error_code::ok) return;
                        if (!is_first(one.node.node, answer->names.to_vector())) return;
                        one.now = stage::holding;
                        ++plain_grants_;
                      });
  }

  /// As Curator's LockInternals sorts: by what stands behind the last "lock-".
  static bool is_first(const std::string& node, const std::vector<std::string>& names) {
    const auto key = [](const std::string& name) { return name.substr(name.rfind("lock-") + 5); };
    return std::none_of(names.begin(), names.end(),
                        [&](const std::string& other) { return key(other) < key(node); });
  }

  void give_back(plain_competitor& one, troupe::testing::sim_client& client) {
    one.now = stage::deleting;
    client.begin_write(troupe::delete_op{one.node.node},
                       [&one, attempt = one.attempt](const auto& answer) {
                         if (attempt != one.attempt) return;
                         const bool gone = answer && (answer->front().error == error_code::ok ||
                                                      answer->front().error == error_code::no_node);
                         one.now = gone ? stage::idle : stage::holding;
                       });
  }

  std::vector<plain_competitor> plain_;  // before the world, which may answer them at its end
  int plain_grants_ = 0;
  world w_;
  std::vector<competitor> all_;
  std::uint64_t requests_ = 0;
  std::uint64_t newest_ = 0, last_grant_ = 0;
  std::vector<std::string> fenced_;
  int grants_ = 0;
};

TEST_CASE("crashes, pauses and partitions: tokens exclude, and everybody gets its turn",
          "[simulation]") {
  const auto* const asked = std::getenv("TROUPE_SEEDS");
  const auto seeds = asked != nullptr ? std::strtoull(asked, nullptr, 10) : 5;
  int grants = 0, plain_grants = 0;
  std::size_t faults = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    INFO("seed " << seed);
    contest c{seed, 6};
    c.simulated().ensemble.disturb(10s);
    for (int i = 0; i < 800; ++i)
      c.step(true);
    c.finish();
    grants += c.grants();
    plain_grants += c.plain_grants();
    faults += c.simulated().ensemble.faults();
  }
  CHECK(grants > 10);
  CHECK(plain_grants > 10);
  CHECK(faults > 0);
}

}  // namespace
