/// The calls of clients: each is one decision.

#include <algorithm>

#include "decisions/control.hpp"
#include "decisions/history.hpp"
#include "decisions/native.hpp"
#include "scheduler_actor.hpp"

namespace scheduler {

using troupe::sdk::bad_call;
using troupe::sdk::recipe_call;

namespace {

constexpr std::int64_t longest_poll_ms = 60'000;

std::size_t do_control(book& with, const control_call& call) {
  switch (call.what) {
  case action::pause_job:
    pause_job(with, call.on.job, true);
    return 0;
  case action::resume_job:
    pause_job(with, call.on.job, false);
    return 0;
  case action::cancel_run:
    cancel_all(with, call.on.job, call.on.run);
    return 0;
  case action::rerun:
    return rerun(with, call.on.job, call.on.run);
  case action::pause_task:
    pause_task(with, call.on);
    return 1;
  case action::resume_task:
    resume_task(with, call.on);
    return 1;
  case action::cancel_task:
    cancel_task(with, call.on);
    return 1;
  case action::skip_task:
    skip_task(with, call.on);
    return 1;
  case action::mark_success:
    mark_success(with, call.on);
    return 1;
  case action::set_priority:
    set_priority(with, call.on, call.priority);
    return 1;
  }
  return 0;
}

/// What is no name leads to no path.
void check_name(std::string_view what, std::string_view name) {
  if (is_name(name)) return;
  throw bad_call(std::string{what} + " \"" + std::string{name.substr(0, 80)} +
                 "\": a name is 1 to 64 of a-z A-Z 0-9 _ and -");
}

void check_names(const control_call& call) {
  check_name("the job", call.on.job);
  if (call.what == action::pause_job || call.what == action::resume_job) return;
  if (!is_run(call.on.run)) throw bad_call("this is not the name of a run");
  if (call.what == action::cancel_run || call.what == action::rerun) return;
  if (!task_of(entry_of(call.on))) throw bad_call("this is not the name of a task");
}

}  // namespace

void scheduler_actor::serve_all() {
  const auto on = [this](std::uint16_t number, const char* called,
                         void (scheduler_actor::*how)(const recipe_call&)) {
    serve(scheduler_interface_id(), number, called,
          [this, how](const recipe_call& call) { (this->*how)(call); });
  };
  on(0, "define_job", &scheduler_actor::define_job);
  on(1, "start_run", &scheduler_actor::start_run);
  on(2, "backfill", &scheduler_actor::start_backfill);
  on(3, "control", &scheduler_actor::control);
  on(4, "set_pool", &scheduler_actor::limit_pool);
  on(5, "describe_run", &scheduler_actor::describe_run);
  on(6, "register", &scheduler_actor::register_caller);
  on(7, "poll", &scheduler_actor::poll);
  on(8, "report", &scheduler_actor::report);
}

void scheduler_actor::define_job(const recipe_call& call) {
  auto job = read_define_job(call);
  std::string why;
  if (!know_zone(job.zone, why)) throw bad_call(why);
  decide(
      "define_job", call.number,
      [job = std::move(job)](book& with) { return scheduler::define_job(with, job); },
      write_defined);
}

void scheduler_actor::start_run(const recipe_call& call) {
  auto ask = read_start_run(call);
  check_name("the job", ask.job);
  decide(
      "start_run", call.number,
      [ask = std::move(ask)](book& with) { return request_run(with, ask); }, write_started);
}

void scheduler_actor::start_backfill(const recipe_call& call) {
  const auto ask = read_backfill(call);
  check_name("the job", ask.job);
  decide(
      "backfill", call.number,
      [ask](book& with) {
        backfill(with, ask.job, ask.from, ask.until, ask.at_a_time);
        return true;
      },
      [](bool) { return write_backfilled(); });
}

void scheduler_actor::control(const recipe_call& call) {
  const auto ask = read_control(call);
  check_names(ask);
  decide(
      "control", call.number, [ask](book& with) { return do_control(with, ask); },
      write_controlled);
}

void scheduler_actor::limit_pool(const recipe_call& call) {
  const auto ask = read_set_pool(call);
  decide(
      "set_pool", call.number,
      [ask](book& with) {
        set_pool(with, ask.pool, ask.limit, ask.paused);
        return true;
      },
      [](bool) { return write_pool_set(); });
}

void scheduler_actor::describe_run(const recipe_call& call) {
  const auto [job, run] = read_describe_run(call);
  check_name("the job", job);
  if (!is_run(run)) throw bad_call("this is not the name of a run");
  decide(
      "describe_run", call.number,
      [of_job = job, of_run = run](book& with) { return outcome_of(with, of_job, of_run); },
      write_described);
}

void scheduler_actor::register_caller(const recipe_call& call) {
  const auto [worker, record] = read_register(call);
  decide(
      "register", call.number,
      [id = worker, text = record, session = call.session](book& with) {
        register_worker(with, id, text, session);
        return true;
      },
      [](bool) { return write_registered(); });
}

void scheduler_actor::report(const recipe_call& call) {
  auto said = read_report_call(call);
  reported_.add(said.second.size());
  decide(
      "report", call.number,
      [said = std::move(said), session = call.session](book& with) {
        return hear(with, said.first, said.second, session);
      },
      write_reported);
}

// ---------------------------------------------------- workers that wait for something

void scheduler_actor::poll(const recipe_call& call) {
  auto ask = read_poll(call);
  check_name("the worker", ask.worker);
  std::sort(ask.known.begin(), ask.known.end());
  const auto number = call.number;
  const auto wait =
      std::min(ask.timeout_ms < 0 ? longest_poll_ms : ask.timeout_ms, longest_poll_ms);
  auto& waiting = polls_[number] = {std::move(ask), call.session, {}};
  if (wait > 0) {
    waiting.limit = after(troupe::milliseconds{wait}, [this, number] { look_again(number, true); });
  }
  look_again(number, wait <= 0);
}

/// Answers if there is something new, or if this is the `last` time to look.
void scheduler_actor::look_again(std::uint64_t call, bool last) {
  const auto found = polls_.find(call);
  if (found == polls_.end()) return;
  transact(
      "poll",
      [with_all = common(), worker = found->second.what.worker,
       session = found->second.session](troupe::decision_tree& tree) {
        book with{tree, *with_all, 0};
        return inbox_of(with, worker, session);
      },
      [this, call, last](const troupe::sdk::decided<texts>& outcome) {
        const auto waiting = polls_.find(call);
        if (waiting == polls_.end()) return;
        if (outcome.value == nullptr) {
          polls_.erase(waiting);
          return refuse(call, outcome.error, outcome.why);
        }
        std::vector<std::string> names;
        for (const auto& one : *outcome.value)
          names.push_back(one.first);
        if (!last && names == waiting->second.what.known) return;
        polls_.erase(waiting);
        answer(call, write_polled(*outcome.value));
      });
}

void scheduler_actor::on_cancel(std::uint64_t call) {
  if (polls_.erase(call) > 0) refuse(call, troupe::error_code::operation_timeout, "cancelled");
}

void scheduler_actor::on_forget(std::uint64_t call) { polls_.erase(call); }

}  // namespace scheduler
