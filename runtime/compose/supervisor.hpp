/// The actor that makes, watches and stops the components of a deployment.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <troupe/roles/component.hpp>
#include <troupe/roles/overview.hpp>
#include <troupe/sdk/component_context.hpp>

#include "runtime/compose/plan.hpp"
#include "runtime/observe/metric_registry.hpp"

namespace troupe::compose {

/// How a deployment ended.
struct outcome {
  bool clean = true;
  /// A component did not end: nothing that its reactor or the actor system owns can be torn down.
  bool stuck = false;
  std::string reason;  ///< why, if not clean: component and sentence
};

/// What the owner of a deployment is told, on the reactor's thread. Each is called at most once,
/// but for `on_made` and `process_facts`.
struct observer {
  std::function<void()> on_ready = {};  ///< every component works
  std::function<void(outcome)> on_stopped = {};
  /// A component was made, or made anew after it failed.
  std::function<void(const planned_component&, const caf::strong_actor_ptr&)> on_made = {};
  /// What `/metrics` says about the process; left out where the process is somebody else's. May be
  /// called again and again.
  std::function<std::vector<observe::sample>()> process_facts = {};
};

/// A component's name and type with the facts that it reported.
struct component_status {
  std::string name, type;
  bool ready = false;
  std::uint32_t restarts = 0;
  std::vector<std::pair<std::string, std::string>> facts;
  bool answered = false;  ///< in time
};

/// A reactor on which components can live.
struct place {
  sdk::ports* ports = nullptr;
  sdk::reactor_unit* unit = nullptr;
};

/// Asks the supervisor to stop the deployment in stages.
struct stop_deployment {};
/// Ends all components at once.
struct abandon_deployment {};
/// Asks for the status of all components; `answer` is called once, on the reactor's thread.
struct collect_status {
  std::function<void(std::vector<component_status>)> answer;
};

/// Starts components in wiring order and stops them in reverse, each within a deadline; names those
/// that are stuck. What is wired to a component that failed cannot finish what it has accepted, and
/// is ended without waiting. A component whose type says `stop_node` ends the deployment when it
/// fails; one that says `restart` is made anew, later each time, together with all that are wired
/// to it; one that says `dispensable` also if it never worked, and nobody waits for it.
class supervisor final : public sdk::pinned_actor {
public:
  supervisor(caf::actor_config& config, sdk::reactor_unit& home, const plan& what,
             std::vector<place> places, const sdk::deployment_info& info, observer owner);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "troupe.supervisor"; }

private:
  struct member {
    const planned_component* planned = nullptr;
    role::component::actor actor;
    bool ready = false;
    bool stopped = false;
    bool failed = false;
    std::uint32_t restarts = 0;
    sdk::timer timer;                       ///< a restart that waits for its time
    std::shared_ptr<sdk::metrics> metrics;  ///< the same for every instance
    sdk::counter restarts_total;
    sdk::gauge ready_now, answered_in_seconds;
  };

  void start_all();
  void measure(std::size_t index);
  void make(std::size_t index);
  void cannot_make(std::size_t index, const std::string& why);
  void component_ready(std::uint32_t number);
  void component_failed(std::uint32_t number, const std::string& reason);
  void component_down(const caf::down_msg& message);
  void restart(std::size_t index);
  [[nodiscard]] std::vector<std::size_t> dependants(std::size_t index) const;

  void stop(outcome why);
  void stop_next();
  [[nodiscard]] bool is_cut_off(std::size_t index) const;
  void not_clean(const std::string& why);
  void abandon();
  void component_stopped(std::uint32_t number);

  // supervisor_status.cpp
  void collect(std::function<void(std::vector<component_status>)> answer);
  void give_overview(const role::overview::request& request);
  [[nodiscard]] role::overview::report
  overview(std::uint64_t token, const std::vector<component_status>& statuses) const;
  [[nodiscard]] std::string metrics_text();
  void add_status(const role::component::status_report& report);
  void expect_no_status(std::uint32_t number);
  void answer_if_complete(std::uint64_t token);

  const plan& plan_;
  const std::vector<place> places_;  ///< by reactor number; the first is the supervisor's own
  const sdk::deployment_info& info_;
  observer owner_;
  role::component::supervisor myself_;
  std::vector<member> members_;  ///< in wiring order; a component's number is its index plus one
  bool ready_ = false;
  bool stopping_ = false;
  outcome outcome_;
  sdk::timer deadline_;
  observe::metric_registry metrics_;
  sdk::gauge uptime_;
  const monotonic_time started_;

  struct collection {
    std::function<void(std::vector<component_status>)> answer;
    std::vector<component_status> statuses;
    std::set<std::uint32_t> waiting;  ///< components that have not answered
    monotonic_time asked_at;
    sdk::timer deadline;
  };
  void answer(std::uint64_t token);
  std::map<std::uint64_t, collection> collections_;
  std::uint64_t next_token_ = 1;
};

using supervisor_handle = handle<stop_deployment, abandon_deployment, collect_status>;

}  // namespace troupe::compose

TROUPE_MESSAGE(troupe::compose::stop_deployment)
TROUPE_MESSAGE(troupe::compose::abandon_deployment)
TROUPE_MESSAGE(troupe::compose::collect_status)
