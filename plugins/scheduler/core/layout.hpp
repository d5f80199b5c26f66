/// Where everything is in the tree.
///
///     <root>/jobs/<job>                      which definition counts
///           /jobs/<job>/<revision>           a definition; never changes
///           /triggers/<job>                  when it is due, which runs are active
///           /runs/<job>/<run>                a run
///           /runs/<job>/<run>/<task>         a task
///           /runs/<job>/<run>/~params        what the run was given
///           /workers/<worker>                ephemeral, written by the worker
///           /inbox/<worker>                  what it has
///           /inbox/<worker>/<assignment>     a task that it has; text
///           /inbox/<worker>/<assignment>/report  what it says about it; text
///           /ready/<class>/<priority>/<chunk>/<task>   an index
///           /timers/<bucket>/<chunk>/<who>             an index
///           /pools/<pool>                    limits
///           /history/<job>/<yyyymmdd>/<run>  what became of it
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/schedule.hpp"

namespace scheduler {

/// Names a task: nightly, 20261122T050000Z, pack or pack~7 (the eighth of many).
struct task_name {
  std::string job, run, task;
  bool operator==(const task_name&) const = default;
};

/// The name of an assignment, and of a task in the indexes: job.run.task. Also the key by which a
/// worker makes its outside effects idempotent.
std::string entry_of(const task_name& task);
/// Nothing for other texts.
std::optional<task_name> task_of(std::string_view entry);

/// The name of the run for an instant: 20261122T050000Z, with milliseconds where they are not
/// zero. Equal instants have equal names, so firing twice is found out.
std::string run_of(instant due);
/// The name of the run that somebody asked for with a key of their own.
std::string run_of_key(std::string_view key);
/// Whether something may be a run's name.
bool is_run(std::string_view text) noexcept;
/// The folder of a day: 20261122.
std::string day_of(instant when);

/// The paths below a root, which is the mount of the recipe.
class layout {
public:
  explicit layout(std::string root) : root_(std::move(root)) {}

  [[nodiscard]] const std::string& root() const noexcept { return root_; }
  [[nodiscard]] std::string folder(std::string_view name) const;
  [[nodiscard]] std::string job(std::string_view job) const;
  [[nodiscard]] std::string definition(std::string_view job, std::uint32_t revision) const;
  [[nodiscard]] std::string trigger(std::string_view job) const;
  [[nodiscard]] std::string runs(std::string_view job) const;
  [[nodiscard]] std::string run(std::string_view job, std::string_view run) const;
  [[nodiscard]] std::string task(const task_name& task) const;
  [[nodiscard]] std::string worker(std::string_view worker) const;
  [[nodiscard]] std::string inbox(std::string_view worker) const;
  [[nodiscard]] std::string assignment(std::string_view worker, const task_name& task) const;
  [[nodiscard]] std::string pool(std::string_view pool) const;
  [[nodiscard]] std::string history(std::string_view job) const;

private:
  std::string root_;
};

}  // namespace scheduler
