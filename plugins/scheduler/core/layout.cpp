#include "core/layout.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>

#include "core/job.hpp"

namespace scheduler {

namespace {

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string path;
  for (const auto part : parts) {
    if (!path.empty()) path += '/';
    path += part;
  }
  return path;
}

/// name or name~number
bool is_task(std::string_view text) noexcept {
  const auto tilde = text.find('~');
  if (tilde == text.npos) return is_name(text);
  const auto number = text.substr(tilde + 1);
  return is_name(text.substr(0, tilde)) && !number.empty() && number.size() <= 6 &&
         std::all_of(number.begin(), number.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string entry_of(const task_name& task) { return task.job + "." + task.run + "." + task.task; }

std::optional<task_name> task_of(std::string_view entry) {
  const auto first = entry.find('.'), last = entry.rfind('.');
  if (first == entry.npos || first == last) return std::nullopt;
  task_name name{std::string{entry.substr(0, first)},
                 std::string{entry.substr(first + 1, last - first - 1)},
                 std::string{entry.substr(last + 1)}};
  if (!is_name(name.job) || !is_run(name.run) || !is_task(name.task)) return std::nullopt;
  return name;
}

std::string day_of(instant when) { return run_of(when).substr(0, 8); }

std::string run_of(instant due) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds{due}};
  const auto day = floor<days>(moment);
  const year_month_day date{day};
  const hh_mm_ss time{moment - day};
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d%02u%02uT%02d%02d%02d",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()));
  std::string name = text.data();
  if (const auto ms = static_cast<int>(time.subseconds().count()); ms != 0) {
    std::snprintf(text.data(), text.size(), "_%03d", ms);
    name += text.data();
  }
  return name + "Z";
}

std::string run_of_key(std::string_view key) { return "k-" + std::string{key}; }

bool is_run(std::string_view text) noexcept {
  return is_name(text.starts_with("k-") ? text.substr(2) : text);
}

std::string layout::folder(std::string_view name) const { return joined({root_, name}); }

std::string layout::job(std::string_view job) const { return joined({root_, "jobs", job}); }

std::string layout::definition(std::string_view job, std::uint32_t revision) const {
  return joined({root_, "jobs", job, std::to_string(revision)});
}

std::string layout::trigger(std::string_view job) const { return joined({root_, "triggers", job}); }

std::string layout::runs(std::string_view job) const { return joined({root_, "runs", job}); }

std::string layout::run(std::string_view job, std::string_view run) const {
  return joined({root_, "runs", job, run});
}

std::string layout::task(const task_name& task) const {
  return joined({root_, "runs", task.job, task.run, task.task});
}

std::string layout::worker(std::string_view worker) const {
  return joined({root_, "workers", worker});
}

std::string layout::inbox(std::string_view worker) const {
  return joined({root_, "inbox", worker});
}

std::string layout::assignment(std::string_view worker, const task_name& task) const {
  return joined({root_, "inbox", worker, entry_of(task)});
}

std::string layout::pool(std::string_view pool) const { return joined({root_, "pools", pool}); }

std::string layout::history(std::string_view job) const { return joined({root_, "history", job}); }

}  // namespace scheduler
