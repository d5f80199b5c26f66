/// What plain ZooKeeper clients read and write: text that any language can handle.
///
/// Lines of `key: value`, an empty line, and then bytes. Unknown keys are ignored, so that newer
/// clients and servers may say more.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/result.hpp>

#include "core/layout.hpp"
#include "core/records.hpp"

namespace scheduler {

/// What a worker is told: inbox/<worker>/<assignment>.
struct assignment_text {
  task_name task;
  std::uint32_t attempt = 0;
  std::uint64_t fence = 0;
  bool cancelled = false;  ///< it should give the task up, and say so
  timeouts limits;
  std::string payload;  ///< of the task's definition
  std::string item;     ///< of one of many
  bool operator==(const assignment_text&) const = default;
};
std::string write_assignment(const assignment_text& what);
troupe::result<assignment_text> read_assignment(std::string_view text);

/// What a worker says: inbox/<worker>/<assignment>/report.
struct report_text {
  enum class what : std::uint8_t { running, succeeded, failed, cancelled };
  what state = what::running;
  std::uint32_t attempt = 0;
  std::uint64_t fence = 0;
  std::string error_class;         ///< of failed
  std::string body;                ///< result, error message or progress
  std::vector<std::string> items;  ///< of succeeded, for the task that is one for each
  bool operator==(const report_text&) const = default;
};
std::string write_report(const report_text& what);
troupe::result<report_text> read_report(std::string_view text);

/// What a worker is: workers/<worker>. Resources are keys that begin with "resource-".
std::string write_worker(const worker_record& what);
troupe::result<worker_record> read_worker(std::string_view text);

}  // namespace scheduler
