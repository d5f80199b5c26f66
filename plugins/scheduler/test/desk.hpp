/// A namespace in a tree in memory, and decisions in it.
#pragma once

#include "decisions/assigning.hpp"
#include "decisions/control.hpp"
#include "decisions/history.hpp"
#include "decisions/runs.hpp"
#include "decisions/speaking.hpp"
#include "decisions/watching.hpp"
#include "memory_tree.hpp"

namespace scheduler_tests {

class desk {
public:
  /// Runs a decision and commits what it did.
  template <class Decide>
  auto decide(Decide what) {
    return tree.run([&](troupe::decision_tree& on) {
      scheduler::book with{on, common, ++decisions_};
      if constexpr (std::is_void_v<decltype(what(with))>) {
        what(with);
        with.commit();
      } else {
        auto reply = what(with);
        with.commit();
        return reply;
      }
    });
  }

  scheduler::task_record record(const scheduler::task_name& name) {
    return decide([&](scheduler::book& with) {
      const auto* found = with.task(name);
      if (found == nullptr) throw std::runtime_error("no task " + entry_of(name));
      return *found;
    });
  }
  scheduler::run_record run(const std::string& job, const std::string& name) {
    return decide([&](scheduler::book& with) {
      const auto* found = with.run(job, name);
      if (found == nullptr) throw std::runtime_error("no run " + name);
      return *found;
    });
  }
  void worker(const std::string& id, std::uint64_t session, const std::string& text = "slots: 4") {
    tree.sessions.insert(session);
    tree.put("/tasks/eu/workers/" + id, text, session);
    decide([&](scheduler::book& with) { greet(with, id); });
  }
  scheduler::batch_reply assign(std::size_t most = 64) {
    return decide([&](scheduler::book& with) {
      return assign_batch(with, {most, 256, 256}, "", "");
    });
  }
  std::size_t tick(std::size_t most = 1000) {
    return decide([&](scheduler::book& with) { return scheduler::tick(with, most).handled; });
  }
  void pass(std::int64_t ms) { tree.clock_ms += ms; }

  desk() {
    decide([](scheduler::book& with) { make_folders(with); });
  }

  memory_tree tree;
  scheduler::time_zone utc;
  scheduler::settings common{
      scheduler::layout{"/tasks/eu"},
      [this](std::string_view name) { return name.empty() ? &utc : nullptr; },
      {},
      std::make_shared<scheduler::definition_cache>()};

private:
  std::uint64_t decisions_ = 0;
};

inline scheduler::task_definition task(const std::string& name,
                                       std::vector<std::string> upstream = {}) {
  scheduler::task_definition one;
  one.name = name;
  one.upstream = std::move(upstream);
  one.payload = "do " + name;
  return one;
}

inline scheduler::job_definition job(const std::string& name,
                                     std::vector<scheduler::task_definition> tasks) {
  scheduler::job_definition one;
  one.name = name;
  one.tasks = std::move(tasks);
  return one;
}

}  // namespace scheduler_tests
