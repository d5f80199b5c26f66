#include "scheduler_actor.hpp"

#include <algorithm>

#include <troupe/sdk/log.hpp>

namespace scheduler {

using troupe::milliseconds;

namespace {

constexpr std::size_t most_reports = 64;
/// Batches in a row that find nothing, after which all classes and workers were looked at.
constexpr std::size_t most_in_vain = 16;
constexpr milliseconds longest_wait{60'000};
constexpr milliseconds compact_every{60'000};
constexpr milliseconds retry_delay{200};

ageing growth_of(const troupe::sdk::option_values& options) {
  const auto period = std::chrono::duration_cast<milliseconds>(options.duration("ageing"));
  return {100, period.count()};
}

}  // namespace

scheduler_actor::scheduler_actor(caf::actor_config& config, troupe::sdk::reactor_unit& home,
                                 troupe::sdk::component_context& context)
    : recipe_actor(config, home, context), limits_{static_cast<std::size_t>(
                                                       context.options.integer("batch")),
                                                   256, 256},
      growth_(growth_of(context.options)),
      keep_(
          std::chrono::duration_cast<milliseconds>(context.options.duration("keep_runs")).count()),
      definitions_(std::make_shared<definition_cache>()),
      zones_(std::make_shared<const zone_table>(zone_table{{"", time_zone{}}})),
      given_out_(
          context.metrics->counter("scheduler_tasks_given_out_total", "Tasks given to workers.")),
      reported_(context.metrics->counter("scheduler_reports_total",
                                         "What workers said about their tasks.")) {
  serve_all();
}

void scheduler_actor::on_exit() {
  polls_.clear();
  timer_.reset();
  compacting_.reset();
  retry_.reset();
  recipe_actor::on_exit();
}

std::shared_ptr<const settings> scheduler_actor::common() const {
  return std::make_shared<const settings>(
      settings{layout{mount()},
               [zones = zones_](std::string_view name) -> const time_zone* {
                 const auto found = zones->find(name);
                 return found == zones->end() ? nullptr : &found->second;
               },
               growth_, definitions_});
}

bool scheduler_actor::know_zone(const std::string& name, std::string& why) {
  if (zones_->contains(name)) return true;
  auto zone = read_zone(name);
  if (!zone) {
    why = zone.error().message;
    return false;
  }
  auto more = *zones_;
  more.emplace(name, std::move(*zone));
  zones_ = std::make_shared<const zone_table>(std::move(more));
  return true;
}

// ----------------------------------------------------------------- the lead

void scheduler_actor::on_leader(bool leading) {
  ready_ = working_ = careful_ = time_ = assign_ = false;
  came_.clear();
  gone_.clear();
  compact_.clear();
  reports_.clear();
  polls_.clear();  // the base answers
  timer_.reset();
  compacting_.reset();
  retry_.reset();
  if (leading) begin();
}

void scheduler_actor::begin() {
  transact(
      "begin",
      [with_all = common()](troupe::decision_tree& tree) {
        book with{tree, *with_all, 1};
        return begin_to_lead(with);
      },
      [this](const troupe::sdk::decided<beginning>& outcome) {
        if (outcome.value != nullptr) return begun(*outcome.value);
        troupe::sdk::log::warning("scheduler_cannot_begin",
                                  {{"mount", mount()}, {"reason", outcome.why}});
        retry_ = after(retry_delay, [this] { begin(); });
      });
}

void scheduler_actor::begun(const beginning& found) {
  came_.insert(found.came.begin(), found.came.end());
  gone_.insert(found.gone.begin(), found.gone.end());
  reports_.insert(found.reports.begin(), found.reports.end());
  compact_.insert(found.jobs.begin(), found.jobs.end());
  for (const auto& zone : found.zones) {
    std::string why;
    if (!know_zone(zone, why)) {
      troupe::sdk::log::warning("scheduler_zone_missing", {{"mount", mount()}, {"reason", why}});
    }
  }
  ready_ = time_ = assign_ = true;
  compact_later();
  pump();
}

void scheduler_actor::on_change(const troupe::sdk::recipe_change& change) {
  auto rest = std::string_view{change.path};
  rest.remove_prefix(std::min(rest.size(), mount().size() + 1));
  const bool deleted = change.kind == troupe::event_kind::node_deleted;
  const auto slash = std::min(rest.find('/'), rest.size());
  const auto folder = rest.substr(0, slash);
  rest.remove_prefix(std::min(slash + 1, rest.size()));
  if (rest.empty()) return;
  if (folder == "workers") changed_worker(rest, deleted);
  if (folder == "inbox") changed_inbox(rest, deleted);
  if (folder == "timers" && !deleted && rest.find('/') == rest.npos) time_ = true;
  if ((folder == "ready" && !deleted) || folder == "pools" || folder == "jobs") assign_ = true;
  pump();
}

void scheduler_actor::changed_worker(std::string_view rest, bool deleted) {
  const std::string worker{rest};
  (deleted ? gone_ : came_).insert(worker);
  (deleted ? came_ : gone_).erase(worker);
  time_ = assign_ = true;
}

void scheduler_actor::changed_inbox(std::string_view rest, bool deleted) {
  const auto slash = rest.find('/');
  if (slash == rest.npos) return;
  const std::string worker{rest.substr(0, slash)};
  auto entry = rest.substr(slash + 1);
  if (entry.ends_with("/report")) {
    if (!deleted) reports_.emplace(worker, entry.substr(0, entry.rfind('/')));
    return;
  }
  assign_ = assign_ || deleted;
  std::vector<std::uint64_t> waiting;
  for (const auto& [call, poll] : polls_)
    if (poll.what.worker == worker) waiting.push_back(call);
  for (const auto call : waiting)
    look_again(call, false);
}

// ----------------------------------------------------------------- the work

work scheduler_actor::take_work() {
  work what;
  what.limits = limits_;
  what.keep = keep_;
  const auto most = careful_ ? std::size_t{1} : most_reports;
  while (!gone_.empty() && what.gone.size() < most)
    what.gone.push_back(gone_.extract(gone_.begin()).value());
  while (!came_.empty() && what.came.size() < most)
    what.came.push_back(came_.extract(came_.begin()).value());
  while (!reports_.empty() && what.reports.size() < most)
    what.reports.push_back(reports_.extract(reports_.begin()).value());
  // After a failure only what came in, so that it is found out which of it cannot be done.
  const bool alone = careful_ && !(what.gone.empty() && what.came.empty() && what.reports.empty());
  if (alone) return what;
  what.time = std::exchange(time_, false);
  what.assign = std::exchange(assign_, false);
  what.after_class = after_class_;
  what.after_worker = after_worker_;
  const bool idle = what.gone.empty() && what.came.empty() && what.reports.empty();
  if (idle && !compact_.empty()) what.compact = compact_.extract(compact_.begin()).value();
  return what;
}

void scheduler_actor::pump() {
  if (!ready_ || working_) return;
  if (gone_.empty() && came_.empty() && reports_.empty() && compact_.empty() && !time_ && !assign_)
    return;
  working_ = true;
  const auto what = take_work();
  transact(
      "work",
      [with_all = common(), what](troupe::decision_tree& tree) {
        book with{tree, *with_all, tree.next_zxid().value};
        return do_work(with, what);
      },
      [this, what](const troupe::sdk::decided<work_done>& outcome) { worked(what, outcome); });
}

void scheduler_actor::worked(const work& what, const troupe::sdk::decided<work_done>& outcome) {
  working_ = false;
  if (outcome.value == nullptr) {
    const auto why = outcome.why.empty() ? std::string{to_string(outcome.error)} : outcome.why;
    return failed(what, outcome.error, why);
  }
  careful_ = false;
  const auto& result = *outcome.value;
  reported_.add(what.reports.size());
  for (const auto& problem : result.problems)
    troupe::sdk::log::warning("scheduler_report_refused",
                              {{"mount", mount()}, {"reason", problem}});
  if (result.gone_again) gone_.insert(what.gone.begin(), what.gone.end());
  if (result.compact_again) compact_.insert(what.compact);
  time_ = time_ || result.time_again;
  if (what.time) wait_for_timer(result.wait);
  if (result.assigned) {
    given_out_.add(result.assigned->given_out);
    after_class_ = result.assigned->last_class;
    after_worker_ = result.assigned->last_worker;
    vain_ = result.assigned->given_out > 0 ? 0 : vain_ + 1;
    const bool seen = result.assigned->saw_all ? vain_ > 0 : vain_ > most_in_vain;
    assign_ = assign_ || !seen;
    if (seen) vain_ = 0;
  }
  pump();
}

/// Nothing of it happened. Done again one by one, it is found out what cannot be done; that is
/// left, with a line in the log. What has nothing to do with the work passes, and the work stays.
void scheduler_actor::failed(const work& what, troupe::error_code error, const std::string& why) {
  const bool passes = error == troupe::error_code::throttled ||
                      error == troupe::error_code::not_read_only ||
                      error == troupe::error_code::operation_timeout;
  const auto things = what.gone.size() + what.came.size() + what.reports.size();
  const bool left = careful_ && things > 0 && !passes;
  if (!left) {
    gone_.insert(what.gone.begin(), what.gone.end());
    came_.insert(what.came.begin(), what.came.end());
    reports_.insert(what.reports.begin(), what.reports.end());
    time_ = time_ || what.time;
    assign_ = assign_ || what.assign;
  }
  troupe::sdk::log::warning(left ? "scheduler_work_left" : "scheduler_work_failed",
                            {{"mount", mount()}, {"reason", why}});
  careful_ = careful_ || !passes;
  working_ = true;  // until then
  retry_ = after(retry_delay, [this] {
    working_ = false;
    pump();
  });
}

void scheduler_actor::wait_for_timer(std::optional<duration> wait) {
  timer_.reset();
  if (!wait) return;
  // A change of the clock must not make it sleep for ever.
  const auto delay = std::min(milliseconds{*wait}, longest_wait);
  timer_ = after(delay, [this] {
    time_ = true;
    pump();
  });
}

void scheduler_actor::compact_later() {
  compacting_ = after(compact_every, [this] {
    compact_later();
    transact(
        "jobs",
        [path = mount() + "/jobs"](troupe::decision_tree& tree) { return tree.children(path); },
        [this](const troupe::sdk::decided<std::vector<std::string>>& outcome) {
          if (outcome.value == nullptr) return;  // in a minute again
          compact_.insert(outcome.value->begin(), outcome.value->end());
          pump();
        });
  });
}

void scheduler_actor::add_facts(std::vector<std::pair<std::string, std::string>>& facts) {
  facts.emplace_back("workers_polling", std::to_string(polls_.size()));
  facts.emplace_back("reports_waiting", std::to_string(reports_.size()));
}

}  // namespace scheduler
