/// When a task may begin, by what became of those before it.
#pragma once

#include <cstdint>

#include "core/task_state.hpp"

namespace scheduler {

/// The numbers are those of schemas/scheduler.capnp.
enum class dependency_rule : std::uint8_t {
  all_success,  ///< all before it succeeded
  all_done,     ///< all before it are over, however
  one_success,  ///< one before it succeeded; the others may still be at work
  none_failed,  ///< all before it are over, none failed or was cancelled
};

/// How the tasks before one stand.
struct upstream_counts {
  std::uint32_t total = 0;
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;  ///< dead or cancelled
  std::uint32_t skipped = 0;

  [[nodiscard]] std::uint32_t over() const noexcept { return succeeded + failed + skipped; }
  /// Counts one that is over.
  void add(task_state end) noexcept;
  /// Takes back one that was counted: it is rerun.
  void take_back(task_state end) noexcept;
  bool operator==(const upstream_counts&) const noexcept = default;
};

enum class readiness : std::uint8_t { wait, go, skip };

/// What a task is to do. It says `skip` as soon as it can never go.
readiness judge(dependency_rule rule, const upstream_counts& upstream) noexcept;

}  // namespace scheduler
