/// What a decision of the scheduler works with.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <troupe/base/decision.hpp>

#include "core/layout.hpp"
#include "core/records.hpp"
#include "decisions/definition_cache.hpp"
#include "decisions/table.hpp"

namespace scheduler {

/// The zones that schedules name, read beforehand: a decision touches no file. Null for an unknown
/// one; the empty name is UTC.
using zone_finder = std::function<const time_zone*(std::string_view name)>;

/// What all decisions of a namespace have in common.
struct settings {
  layout paths;
  zone_finder zones;
  ageing growth;
  /// Never null.
  std::shared_ptr<definition_cache> definitions = std::make_shared<definition_cache>();
};

/// The scheduler's nodes while a decision looks at and changes them. What is changed through the
/// pointers is written by `commit`. Indexes, inboxes and timers change at once.
class book {
public:
  /// `common` outlives it; `random` is any number, a new one for each decision.
  book(troupe::decision_tree& tree, const settings& common, std::uint64_t random);

  [[nodiscard]] troupe::decision_tree& tree() noexcept { return tree_; }
  [[nodiscard]] const layout& paths() const noexcept { return common_.paths; }
  [[nodiscard]] const settings& common() const noexcept { return common_; }
  [[nodiscard]] instant now() const { return tree_.now().ms; }
  /// Another number at each call.
  std::uint64_t random() noexcept;

  /// Null if there is none.
  job_record* job(std::string_view job);
  trigger_record* trigger(std::string_view job);
  run_record* run(std::string_view job, std::string_view run);
  task_record* task(const task_name& name);
  pool_record* pool(std::string_view pool);
  holding_record* holding(std::string_view worker);

  void add_job(std::string_view job, job_record record);
  void add_trigger(std::string_view job, trigger_record record);
  run_record& add_run(std::string_view job, std::string_view run, run_record record);
  task_record& add_task(const task_name& name, task_record record);
  void add_pool(std::string_view pool, pool_record record);
  /// Made at once, because assignments go below it.
  holding_record& add_holding(std::string_view worker);
  void forget_task(const task_name& name);
  void forget_run(std::string_view job, std::string_view run);
  void forget_holding(std::string_view worker);
  /// A node that is created after all records.
  void create_later(std::string path, std::string data);

  /// Refuses the decision if there is none.
  const known_job& definition(std::string_view job, std::uint32_t revision);
  /// Of a task that exists.
  const task_definition& definition(const task_name& name, const task_record& task);

  /// Tasks that are over, and whose successors and run have not heard of it.
  std::deque<task_name> ended;

  /// Writes all records that have changed.
  void commit();

private:
  troupe::decision_tree& tree_;
  const settings& common_;
  std::uint64_t random_;
  table<job_record> jobs_;
  table<trigger_record> triggers_;
  table<run_record> runs_;
  table<task_record> tasks_;
  table<pool_record> pools_;
  table<holding_record> holdings_;
  std::map<std::string, std::shared_ptr<const known_job>> definitions_;
  std::vector<std::pair<std::string, std::string>> later_;
};

/// Refuses the decision.
[[noreturn]] void refuse(troupe::error_code error, const std::string& why);

}  // namespace scheduler
