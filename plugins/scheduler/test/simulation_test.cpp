/// The whole recipe in whole servers, in virtual time: plain clients and native ones work for it,
/// and leaders are lost.

#include <catch2/catch.hpp>

#include <cstdlib>

#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_ensemble.hpp>

#include "codec/calling_host.hpp"
#include "codec/record_codec.hpp"
#include "component.hpp"
#include "core/layout.hpp"
#include "core/text.hpp"

using namespace scheduler;
using namespace std::chrono_literals;
using scheduler_tests::call_notes;
using troupe::error_code;

namespace {

task_definition task(const std::string& name, std::vector<std::string> upstream = {}) {
  task_definition one;
  one.name = name;
  one.upstream = std::move(upstream);
  one.payload = "do " + name;
  one.retry.most_losses = 100;
  return one;
}

struct world {
  explicit world(std::uint64_t seed, std::uint32_t members = 1)
      : ensemble(seed, {.members = members,
                        .components = "  host: { type: test.host }\n"
                                      "  tasks: { type: recipe.scheduler, mount: /tasks }\n",
                        .add = [this](troupe::sdk::catalog& types) {
                          scheduler::register_types(types);
                          types.add(scheduler_tests::host_type(notes));
                        }}) {
    troupe::sdk::log::set_level(troupe::sdk::log::level::none);
    REQUIRE(ensemble.start());
    REQUIRE(
        ensemble.run_until([&] { return ensemble.client(1).get("/tasks/timers").has_value(); }));
  }

  std::string leader() {
    REQUIRE(ensemble.run_until([&] { return ensemble.leader().has_value(); }));
    return std::to_string(*ensemble.leader());
  }
  /// Asks again until somebody who leads has answered.
  template <class Ask>
  troupe::role::recipe::answered ask(Ask how) {
    for (;;) {
      const auto call = how(leader());
      if (call == 0) {
        ensemble.run_for(10ms);
        continue;
      }
      REQUIRE(ensemble.run_until([&] { return !notes.open.contains(call); }));
      const auto found = notes.answers.find(call);
      if (found != notes.answers.end() && found->second.error != error_code::not_leader &&
          found->second.error != error_code::operation_timeout) {
        return found->second;
      }
      ensemble.run_for(10ms);
    }
  }
  void define(const job_definition& job) {
    const auto answer = ask([&](const std::string& at) { return notes.define(at, job); });
    INFO(answer.why);
    REQUIRE(answer.error == error_code::ok);
  }
  void start(const std::string& job, const std::string& key) {
    const auto answer = ask([&](const std::string& at) { return notes.start(at, job, key); });
    INFO(answer.why);
    REQUIRE(answer.error == error_code::ok);
  }
  std::optional<run_record> run(std::uint32_t member, const std::string& job,
                                const std::string& name) {
    const auto bytes = ensemble.client(member).get(layout{"/tasks"}.run(job, name));
    run_record record;
    if (!bytes || !decode(*bytes, record)) return std::nullopt;
    return record;
  }

  /// What a plain client does: registers, looks into its inbox, and reports that all is done.
  void work(std::uint32_t member) {
    auto& client = ensemble.client(member);
    if (!client.connected()) return;
    const auto id = "w" + std::to_string(member);
    if (!client.session() && !client.open(4s)) return;
    const layout paths{"/tasks"};
    client.create(paths.worker(id), "slots: 3", troupe::node_kind::ephemeral);
    for (const auto& entry : client.children(paths.inbox(id))) {
      const auto path = paths.inbox(id) + "/" + entry;
      const auto told = client.get(path);
      if (!told) continue;
      const auto what = read_assignment(*told);
      REQUIRE(what);
      report_text said;
      said.state = report_text::what::succeeded;
      said.attempt = what->attempt;
      said.fence = what->fence;
      said.body = id;
      client.create(path + "/report", write_report(said));
    }
  }

  call_notes notes;
  troupe::testing::sim_ensemble ensemble;
};

TEST_CASE("a plain client does all tasks of a run through its inbox", "[simulation]") {
  world w{1};
  job_definition job;
  job.name = "j";
  job.tasks = {task("a"), task("b", {"a"}), task("c", {"a"}), task("d", {"b", "c"})};
  w.define(job);
  w.start("j", "1");
  for (int i = 0; i < 100 && w.run(1, "j", "k-1")->state == run_state::active; ++i) {
    w.work(1);
    w.ensemble.run_for(20ms);
  }
  CHECK(w.run(1, "j", "k-1")->state == run_state::succeeded);
  CHECK(w.ensemble.client(1).children("/tasks/ready").empty());
  CHECK(w.ensemble.client(1).children("/tasks/inbox/w1").empty());
}

TEST_CASE("a job is due by the clock, and its run is done", "[simulation]") {
  world w{2};
  job_definition job;
  job.name = "j";
  job.tasks = {task("a")};
  job.schedule = "@every 10s";
  w.define(job);
  for (int i = 0; i < 70; ++i) {
    w.work(1);
    w.ensemble.run_for(1s);
  }
  const auto runs = w.ensemble.client(1).children("/tasks/runs/j");
  CHECK((runs.size() == 7 || runs.size() == 6));
  REQUIRE_FALSE(runs.empty());
  CHECK(w.run(1, "j", runs.front())->state == run_state::succeeded);
}

TEST_CASE("a native worker registers, polls and reports", "[simulation]") {
  world w{3};
  REQUIRE(w.ensemble.client(1).open());
  const auto session = w.ensemble.client(1).session();
  CHECK(w.ask([&](const auto& at) { return w.notes.poll(at, session, "n", 0); }).error ==
        error_code::no_auth);
  CHECK(w.ask([&](const auto& at) { return w.notes.enlist(at, session, "n", "slots: 2"); }).error ==
        error_code::ok);
  const auto call = w.notes.poll(w.leader(), session, "n", 30'000);
  w.ensemble.run_for(1s);
  CHECK(w.notes.open.contains(call));
  job_definition job;
  job.name = "j";
  job.tasks = {task("a")};
  w.define(job);
  w.start("j", "1");
  REQUIRE(w.ensemble.run_until([&] { return !w.notes.open.contains(call); }));
  const auto got = w.notes.polled(call);
  REQUIRE(got.contains("j.k-1.a"));
  const auto told = read_assignment(got.at("j.k-1.a"));
  REQUIRE(told);
  CHECK(told->payload == "do a");
  const auto report =
      write_report({report_text::what::succeeded, told->attempt, told->fence, "", "done", {}});
  const auto answer =
      w.ask([&](const auto& at) { return w.notes.report(at, session, "n", "j.k-1.a", report); });
  CHECK(answer.error == error_code::ok);
  CHECK(w.run(1, "j", "k-1")->state == run_state::succeeded);
}

TEST_CASE("calls that make no sense are refused, and nothing else suffers", "[simulation]") {
  world w{4};
  for (std::uint16_t method = 0; method <= 8; ++method) {
    const auto answer = w.ask([&](const auto& at) { return w.notes.garbage(at, method); });
    CHECK(answer.error == error_code::bad_arguments);
  }
  CHECK(w.ask([&](const auto& at) { return w.notes.garbage(at, 9); }).error ==
        error_code::unimplemented);
  job_definition job;
  job.name = "j";
  job.tasks = {task("a", {"a"})};
  const auto cycle = w.ask([&](const auto& at) { return w.notes.define(at, job); });
  CHECK(cycle.error != error_code::ok);
  CHECK(cycle.why.find("a -> a") != std::string::npos);
  job.tasks = {task("a")};
  job.zone = "Atlantis/Center";
  CHECK(w.ask([&](const auto& at) { return w.notes.define(at, job); }).error ==
        error_code::bad_arguments);
}

/// A run of 30 tasks while members crash, are paused and cut off; three plain clients work.
void survive(std::uint64_t seed) {
  CAPTURE(seed);
  world w{seed, 3};
  job_definition job;
  job.name = "j";
  job.grace = 2'000;
  for (int i = 0; i < 30; ++i)
    job.tasks.push_back(i < 10 ? task("t" + std::to_string(i))
                               : task("t" + std::to_string(i), {"t" + std::to_string(i - 10)}));
  w.define(job);
  w.start("j", "1");
  w.ensemble.disturb(8s);
  for (int i = 0; i < 40; ++i) {
    for (std::uint32_t member = 1; member <= 3; ++member)
      w.work(member);
    w.ensemble.run_for(200ms);
  }
  REQUIRE(w.ensemble.heal());
  const auto over = [&] {
    const auto now = w.run(1, "j", "k-1");
    return now && now->state != run_state::active;
  };
  for (int i = 0; i < 300 && !over(); ++i) {
    for (std::uint32_t member = 1; member <= 3; ++member)
      w.work(member);
    w.ensemble.run_for(200ms);
  }
  const auto end = w.run(1, "j", "k-1");
  REQUIRE(end);
  CHECK(end->state == run_state::succeeded);
  CHECK(end->over == 30);
  for (int i = 0; i < 30; ++i) {
    const auto bytes = w.ensemble.client(1).get("/tasks/runs/j/k-1/t" + std::to_string(i));
    REQUIRE(bytes);
    task_record record;
    REQUIRE(decode(*bytes, record));
    CHECK(record.state == task_state::succeeded);
    // The one that is counted is the one with the last fence.
    CHECK(record.result == record.attempts.back().worker);
    CHECK(record.attempts.back().fence + 1 == record.fence);
  }
}

TEST_CASE("leaders come and go: no task is lost, and none is counted twice", "[simulation]") {
  const char* wanted = std::getenv("TROUPE_SCHEDULER_SEEDS");
  const std::uint64_t seeds = wanted == nullptr ? 6 : std::strtoull(wanted, nullptr, 10);
  for (std::uint64_t seed = 100; seed < 100 + seeds; ++seed)
    survive(seed);
}

}  // namespace
