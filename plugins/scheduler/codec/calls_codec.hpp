/// The calls of the interface Scheduler.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <troupe/sdk/recipe.hpp>

#include "core/job.hpp"
#include "decisions/runs.hpp"
#include "decisions/speaking.hpp"

namespace scheduler {

std::uint64_t scheduler_interface_id();

/// The numbers of the schema.
enum class action : std::uint16_t {
  pause_job,
  resume_job,
  cancel_run,
  rerun,
  pause_task,
  resume_task,
  cancel_task,
  skip_task,
  mark_success,
  set_priority,
};
inline constexpr std::size_t actions = 10;

struct backfill_call {
  std::string job;
  instant from = 0, until = 0;
  std::uint32_t at_a_time = 0;
};
struct control_call {
  action what = action::pause_job;
  task_name on;  ///< as much of it as the action needs
  std::int32_t priority = 0;
};
struct pool_call {
  std::string pool;
  std::uint32_t limit = 0;
  bool paused = false;
};
struct poll_call {
  std::string worker;
  std::vector<std::string> known;
  std::int64_t timeout_ms = 0;
};
/// Names and texts.
using texts = std::vector<std::pair<std::string, std::string>>;

/// All throw `bad_call` for bytes that are no such parameters.
job_definition read_define_job(const troupe::sdk::recipe_call& call);
run_request read_start_run(const troupe::sdk::recipe_call& call);
backfill_call read_backfill(const troupe::sdk::recipe_call& call);
control_call read_control(const troupe::sdk::recipe_call& call);
pool_call read_set_pool(const troupe::sdk::recipe_call& call);
/// Job and run.
std::pair<std::string, std::string> read_describe_run(const troupe::sdk::recipe_call& call);
/// Worker and record.
std::pair<std::string, std::string> read_register(const troupe::sdk::recipe_call& call);
poll_call read_poll(const troupe::sdk::recipe_call& call);
/// Worker and reports.
std::pair<std::string, texts> read_report_call(const troupe::sdk::recipe_call& call);

troupe::blob write_defined(std::uint32_t revision);
troupe::blob write_started(const run_reply& reply);
troupe::blob write_backfilled();
troupe::blob write_controlled(std::size_t tasks);
troupe::blob write_pool_set();
troupe::blob write_described(const std::string& text);
troupe::blob write_registered();
troupe::blob write_polled(const texts& assignments);
troupe::blob write_reported(const std::vector<std::optional<hearing>>& answers);

}  // namespace scheduler
