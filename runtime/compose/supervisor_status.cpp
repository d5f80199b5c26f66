// What a deployment says about itself: status, overview, metrics.
#include <algorithm>
#include <chrono>
#include <limits>
#include <variant>

#include "runtime/compose/describe.hpp"
#include "runtime/compose/supervisor.hpp"
#include "runtime/compose/versions.hpp"
#include "runtime/config/option_scalar.hpp"

namespace troupe::compose {

namespace component = role::component;
using namespace std::chrono_literals;

namespace {

/// How long an answer about all components waits for one that does not answer. Longer than a turn
/// of any component, shorter than what asks has patience.
constexpr auto status_deadline = 2s;

double seconds(nanoseconds length) { return std::chrono::duration<double>(length).count(); }

std::string text_of(const sdk::option_value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* where = std::get_if<sdk::address>(&value)) return sdk::to_string(*where);
  return config::format_option(value);
}

role::overview::values options_of(const planned_component& from) {
  role::overview::values shown;
  for (const auto& spec : from.type->options) {
    const auto found = from.options.all().find(spec.name);
    const bool has_value =
        found != from.options.all().end() && !std::holds_alternative<std::monostate>(found->second);
    if (!has_value) continue;
    shown.emplace_back(spec.name, spec.is_secret ? "(not shown)" : text_of(found->second));
  }
  return shown;
}

}  // namespace

void supervisor::measure(std::size_t index) {
  auto& one = members_[index];
  const auto& planned = plan_.components[index];
  if (index == 0) {
    const auto all = metrics_.with_labels({});
    role::overview::values versions{{"version", info_.version}};
    for (const auto& [name, value] : library_versions()) {
      if (name == "CAF") versions.emplace_back("caf", value);
      if (name == "Cap'n Proto") versions.emplace_back("capnp", value);
    }
    all->gauge("troupe_build_info", "Always 1; the labels say what runs.", versions).set(1.0);
    uptime_ = all->gauge("troupe_uptime_seconds", "Time since the deployment was started.");
  }
  sdk::metric_labels labels{{"component", planned.name}, {"type", planned.type->name}};
  if (!planned.type->plugin.empty()) labels.emplace_back("plugin", planned.type->plugin);
  one.metrics = metrics_.with_labels(std::move(labels));
  one.restarts_total = one.metrics->counter("troupe_component_restarts_total",
                                            "How often the component failed and was made anew.");
  one.ready_now = one.metrics->gauge("troupe_component_ready", "1 if the component works.");
  one.answered_in_seconds =
      one.metrics->gauge("troupe_component_answer_seconds",
                         "How long the component took to answer this scrape: what waits before a "
                         "message to it. NaN if it did not answer in time.");
}

// ------------------------------------------------------------------ status

void supervisor::collect(std::function<void(std::vector<component_status>)> answer_with) {
  const auto token = next_token_++;
  auto& made = collections_[token];
  made.answer = std::move(answer_with);
  made.asked_at = places_.front().ports->clock.now();
  for (const auto& one : members_) {
    made.statuses.push_back(
        {one.planned->name, one.planned->type->name, one.ready, one.restarts, {}});
    if (one.stopped) continue;
    made.waiting.insert(static_cast<std::uint32_t>(made.statuses.size()));
    one.actor.send(component::report_status{token});
  }
  made.deadline =
      places_.front().ports->timers.after(status_deadline, [this, token] { answer(token); });
  answer_if_complete(token);
}

void supervisor::add_status(const component::status_report& report) {
  const auto found = collections_.find(report.token);
  if (found == collections_.end()) return;
  auto& target = found->second;
  if (target.waiting.erase(report.component) == 0) return;
  auto& status = target.statuses[report.component - 1];
  status.facts = report.facts;
  status.answered = true;
  members_[report.component - 1].answered_in_seconds.set(
      seconds(places_.front().ports->clock.now() - target.asked_at));
  answer_if_complete(report.token);
}

void supervisor::expect_no_status(std::uint32_t number) {
  std::vector<std::uint64_t> tokens;
  for (auto& [token, one] : collections_) {
    if (one.waiting.erase(number) > 0) tokens.push_back(token);
  }
  for (const auto token : tokens)
    answer_if_complete(token);
}

void supervisor::answer_if_complete(std::uint64_t token) {
  if (collections_.at(token).waiting.empty()) answer(token);
}

void supervisor::answer(std::uint64_t token) {
  auto complete = collections_.extract(token);
  auto& statuses = complete.mapped().statuses;
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    if (!statuses[i].answered)
      members_[i].answered_in_seconds.set(std::numeric_limits<double>::quiet_NaN());
  }
  complete.mapped().answer(std::move(statuses));
}

// ---------------------------------------------------------------- overview

void supervisor::give_overview(const role::overview::request& request) {
  collect([this, request](const std::vector<component_status>& statuses) {
    auto report = overview(request.token, statuses);
    if (request.metrics) report.metrics = metrics_text();
    request.to.send(std::move(report));
  });
}

role::overview::report supervisor::overview(std::uint64_t token,
                                            const std::vector<component_status>& statuses) const {
  role::overview::report all;
  all.token = token;
  all.server = info_.server;
  all.source = plan_.source;
  all.data_dir = info_.data_dir;
  all.reactors = plan_.reactors;
  all.ready = ready_;
  all.stopping = stopping_;
  all.uptime =
      std::chrono::duration_cast<milliseconds>(places_.front().ports->clock.now() - started_);
  all.versions = library_versions();
  all.versions.emplace(all.versions.begin(), "troupe", info_.version);
  for (const auto& plugin : plan_.plugins)
    all.plugins.emplace_back(plugin.name, plugin.version);
  for (std::size_t i = 0; i < statuses.size(); ++i) {
    const auto& planned = plan_.components[i];
    const auto& status = statuses[i];
    role::overview::component one;
    one.name = planned.name;
    one.type = planned.type->name;
    one.plugin = planned.type->plugin;
    one.role = planned.type->gives.name;
    one.on_failure = name_of(planned.type->on_failure);
    one.reactor = planned.reactor;
    one.ready = members_[i].ready;
    one.answered = status.answered;
    one.needed = planned.type->on_failure != sdk::failure_policy::dispensable;
    one.restarts = status.restarts;
    one.facts = status.facts;
    one.options = options_of(planned);
    one.wires = {planned.wires.begin(), planned.wires.end()};
    all.components.push_back(std::move(one));
  }
  return all;
}

std::string supervisor::metrics_text() {
  uptime_.set(seconds(places_.front().ports->clock.now() - started_));
  for (const auto& one : members_)
    one.ready_now.set(one.ready ? 1.0 : 0.0);
  return metrics_.text(owner_.process_facts ? owner_.process_facts()
                                            : std::vector<observe::sample>{});
}

}  // namespace troupe::compose
