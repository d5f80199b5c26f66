#include "runtime/compose/supervisor.hpp"

#include <algorithm>
#include <chrono>
#include <exception>

#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <troupe/sdk/log.hpp>

namespace troupe::compose {

namespace component = role::component;
namespace log = sdk::log;
using namespace std::chrono_literals;

namespace {

/// How long one component may take to finish what it has accepted.
constexpr auto stop_deadline = 10s;
constexpr auto first_restart_delay = 100ms;
constexpr auto longest_restart_delay = 30s;

}  // namespace

supervisor::supervisor(caf::actor_config& config, sdk::reactor_unit& home, const plan& what,
                       std::vector<place> places, const sdk::deployment_info& info, observer owner)
    : sdk::pinned_actor(config, home, 0, {}), plan_(what), places_(std::move(places)), info_(info),
      owner_(std::move(owner)), started_(places_.front().ports->clock.now()) {}

caf::behavior supervisor::make_behavior() {
  set_down_handler([this](const caf::down_msg& message) { component_down(message); });
  myself_ = self<component::supervisor>();
  start_all();
  return handlers<component::supervisor, supervisor_handle, role::overview::actor>(
      [this](const component::ready& m) { component_ready(m.component); },
      [](const component::
             stopped&) { /* the actor's end follows, and says which instance it was */ },
      [this](const component::failed& m) { component_failed(m.component, m.reason); },
      [this](const component::status_report& m) { add_status(m); },
      [this](const stop_deployment&) { stop({}); },
      [this](const abandon_deployment&) { abandon(); },
      [this](const collect_status& m) { collect(m.answer); },
      [this](const role::overview::request& m) { give_overview(m); });
}

void supervisor::on_exit() {
  // Handles go in reverse wiring order, and the one to itself last: it would keep this actor alive.
  while (!members_.empty())
    members_.pop_back();
  collections_.clear();
  deadline_.reset();
  myself_.reset();
}

// ------------------------------------------------------------------- start

void supervisor::start_all() {
  members_.resize(plan_.components.size());
  for (std::size_t i = 0; i < members_.size(); ++i) {
    measure(i);
    make(i);
  }
  for (const auto& one : members_)
    one.actor.send(component::start{});
}

void supervisor::make(std::size_t index) {
  const auto& planned = plan_.components[index];
  auto& target = members_[index];
  const auto& where = places_.at(planned.reactor);
  sdk::component_context context{planned.name,    static_cast<std::uint32_t>(index + 1),
                                 planned.options, *where.ports,
                                 *where.unit,     myself_,
                                 info_,           {},
                                 target.metrics,  self<role::overview::actor>()};
  for (const auto& [wire, giver] : planned.wires) {
    const auto found = std::find_if(plan_.components.begin(), plan_.components.end(),
                                    [&](const auto& c) { return c.name == giver; });
    context.wires[wire] =
        members_[static_cast<std::size_t>(found - plan_.components.begin())].actor.pointer();
  }
  target.planned = &planned;
  target.ready = target.stopped = target.failed = false;
  try {
    target.actor = component::actor{planned.type->factory(context).actor};
  } catch (const std::exception& problem) {
    cannot_make(index, problem.what());
    return;
  }
  monitor(caf::actor_cast<caf::actor>(target.actor.pointer()));
  if (owner_.on_made) owner_.on_made(planned, target.actor.pointer());
}

/// The failure is a message like others, because the actor that makes components is not itself
/// ready for one here.
void supervisor::cannot_make(std::size_t index, const std::string& why) {
  auto& target = members_[index];
  target.actor.reset();
  target.stopped = true;
  myself_.send(component::failed{static_cast<std::uint32_t>(index + 1), "cannot be made: " + why});
}

void supervisor::component_ready(std::uint32_t number) {
  members_[number - 1].ready = true;
  const bool all = std::all_of(members_.begin(), members_.end(), [](const member& m) {
    return m.ready || m.planned->type->on_failure == sdk::failure_policy::dispensable;
  });
  if (!all || ready_ || stopping_) return;
  ready_ = true;
  log::info("ready", {{"deployment", plan_.source}, {"components", members_.size()}});
  if (owner_.on_ready) owner_.on_ready();
}

// ----------------------------------------------------------------- failure

void supervisor::component_failed(std::uint32_t number, const std::string& reason) {
  auto& target = members_[number - 1];
  log::error("component_failed", {{"component", target.planned->name},
                                  {"type", target.planned->type->name},
                                  {"reason", reason}});
  expect_no_status(number);
  target.failed = true;
  const auto why =
      "component '" + target.planned->name + "' (" + target.planned->type->name + "): " + reason;
  if (stopping_) {
    if (target.stopped) return;
    if (target.planned->type->on_failure != sdk::failure_policy::dispensable) not_clean(why);
    component_stopped(number);
    return;
  }
  // A component that never worked would fail in the same way again: a port in use, a path. One that
  // nobody waits for may as well try.
  const auto policy = target.planned->type->on_failure;
  const bool can_restart = policy == sdk::failure_policy::dispensable ||
                           (policy == sdk::failure_policy::restart && ready_);
  if (can_restart) {
    restart(number - 1);
  } else {
    target.stopped = true;
    stop({.clean = false, .reason = why});
  }
}

void supervisor::component_down(const caf::down_msg& message) {
  for (std::size_t i = 0; i < members_.size(); ++i) {
    auto& one = members_[i];
    if (!one.actor || one.actor.pointer()->address() != message.source) continue;
    const auto number = static_cast<std::uint32_t>(i + 1);
    if (stopping_) {
      component_stopped(number);
    } else if (!one.stopped && message.reason != caf::exit_reason::user_shutdown) {
      component_failed(number, "ended unexpectedly: " + caf::to_string(message.reason));
    }
    return;
  }
}

std::vector<std::size_t> supervisor::dependants(std::size_t index) const {
  std::vector<std::size_t> found{index};
  for (std::size_t i = index + 1; i < members_.size(); ++i) {
    for (const auto& [wire, giver] : plan_.components[i].wires) {
      const bool affected = std::any_of(found.begin(), found.end(), [&](std::size_t j) {
        return plan_.components[j].name == giver;
      });
      if (affected) {
        found.push_back(i);
        break;
      }
    }
  }
  return found;
}

void supervisor::restart(std::size_t index) {
  auto& target = members_[index];
  const auto delay = std::min<nanoseconds>(first_restart_delay *
                                               (1 << std::min<std::uint32_t>(target.restarts, 10)),
                                           longest_restart_delay);
  ++target.restarts;
  target.restarts_total.add();
  target.ready = false;
  target.stopped = true;  // until then there is nobody whose end could be waited for
  log::warning("component_restarts",
               {{"component", target.planned->name},
                {"in_ms", std::chrono::duration_cast<milliseconds>(delay).count()},
                {"restarts", target.restarts}});
  target.timer = places_.front().ports->timers.after(delay, [this, index] {
    if (stopping_) return;
    // Whatever is wired to the old actor would talk to nobody: it starts anew as well.
    const auto affected = dependants(index);
    for (const auto i : affected) {
      members_[i].timer.reset();         // whatever waits for a restart of its own has it now
      if (!members_[i].actor) continue;  // it could not be made
      demonitor(members_[i].actor.pointer()->address());
      members_[i].actor.send(component::stop{});
    }
    for (const auto i : affected)
      make(i);
    for (const auto i : affected)
      members_[i].actor.send(component::start{});
  });
}

// -------------------------------------------------------------------- stop

void supervisor::stop(outcome why) {
  if (stopping_) return;
  stopping_ = true;
  outcome_ = std::move(why);
  log::info("stopping", {{"clean", outcome_.clean}});
  stop_next();
}

void supervisor::stop_next() {
  const auto next =
      std::find_if(members_.rbegin(), members_.rend(), [](const member& m) { return !m.stopped; });
  if (next == members_.rend()) {
    deadline_.reset();
    log::info("stopped", {{"clean", outcome_.clean}});
    if (owner_.on_stopped) owner_.on_stopped(outcome_);
    quit();
    return;
  }
  const auto index = static_cast<std::size_t>(&*next - members_.data());
  if (is_cut_off(index)) {
    caf::anon_send_exit(next->actor.pointer(), caf::exit_reason::kill);
  } else {
    next->actor.send(component::stop{});
  }
  const auto number = static_cast<std::uint32_t>(index + 1);
  deadline_ = places_.front().ports->timers.after(stop_deadline, [this, number] {
    const auto& stuck = *members_[number - 1].planned;
    log::error("component_stuck", {{"component", stuck.name}, {"type", stuck.type->name}});
    outcome_.stuck = true;
    // One that only waits ends by this; one whose thread is blocked never hears it.
    caf::anon_send_exit(members_[number - 1].actor.pointer(), caf::exit_reason::kill);
    not_clean("component '" + stuck.name + "' did not stop in time");
    component_stopped(number);
  });
}

/// Whether something that the component needs has failed. It could only wait for what never comes:
/// a gateway for answers, the broadcast for a log that does not write any more.
bool supervisor::is_cut_off(std::size_t index) const {
  for (std::size_t i = 0; i < index; ++i) {
    if (!members_[i].failed) continue;
    const auto affected = dependants(i);
    if (std::find(affected.begin(), affected.end(), index) != affected.end()) return true;
  }
  return false;
}

void supervisor::not_clean(const std::string& why) {
  outcome_.clean = false;
  outcome_.reason += (outcome_.reason.empty() ? "" : "; ") + why;
}

void supervisor::component_stopped(std::uint32_t number) {
  auto& one = members_[number - 1];
  if (one.stopped) return;
  one.stopped = true;
  expect_no_status(number);
  stop_next();
}

void supervisor::abandon() {
  for (const auto& one : members_) {
    if (!one.actor) continue;
    demonitor(one.actor.pointer()->address());
    caf::anon_send_exit(one.actor.pointer(), caf::exit_reason::kill);
  }
  quit();
}

}  // namespace troupe::compose
