#include "decisions/history.hpp"

#include "decisions/runs.hpp"

namespace scheduler {

namespace {

constexpr duration day = 86'400'000;
/// Of an error or an explanation, in one line.
constexpr std::size_t most_in_line = 200;
/// A node must be able to hold it.
constexpr std::size_t most_outcome = 256 * 1024;

std::string_view name_of(run_state state) {
  switch (state) {
  case run_state::active:
    return "ACTIVE";
  case run_state::succeeded:
    return "SUCCEEDED";
  case run_state::failed:
    return "FAILED";
  case run_state::cancelled:
    break;
  }
  return "CANCELLED";
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text.substr(0, most_in_line)) {
    const bool printable = c >= ' ' && c != '"' && c != '\\' && c != '\x7f';
    result += printable || static_cast<unsigned char>(c) >= 0x80 ? c : ' ';
  }
  return result + "\"";
}

std::string line_of(const task_name& name, const task_record& task) {
  auto line = "task " + name.task + " " + std::string{to_string(task.state)} + " " +
              std::string{to_string(task.why)} + " ready=" + std::to_string(task.first_ready) +
              " attempts=" + std::to_string(task.attempt) + "\n";
  for (const auto& one : task.attempts) {
    line += "attempt " + name.task + " " + std::to_string(one.number) +
            " fence=" + std::to_string(one.fence) + " worker=" + one.worker +
            " assigned=" + std::to_string(one.assigned) +
            " started=" + std::to_string(one.started) + " ended=" + std::to_string(one.ended) +
            " " + std::string{to_string(one.why)};
    if (!one.error.empty()) line += " error=" + quoted(one.error);
    if (!one.explanation.empty()) line += " chosen=" + quoted(one.explanation);
    line += "\n";
  }
  return line;
}

/// Moves one run into the history. Returns how many nodes that removed.
std::size_t move_into_history(book& with, const std::string& job, const std::string& run,
                              instant ended) {
  const auto text = outcome_of(with, job, run);
  const auto path = with.paths().run(job, run);
  std::size_t removed = 0;
  for (const auto& child : with.tree().children(path)) {
    must(with.tree().remove(path + "/" + child, troupe::any_version), "remove", path + "/" + child);
    with.forget_task({job, run, child});
    ++removed;
  }
  must(with.tree().remove(path, troupe::any_version), "remove", path);
  with.forget_run(job, run);
  const auto of_job = with.paths().history(job);
  const auto of_day = of_job + "/" + day_of(ended);
  for (const auto& folder : {of_job, of_day})
    if (!with.tree().node(folder)) create_node(with.tree(), folder, {});
  const auto kept = of_day + "/" + run;
  if (with.tree().node(kept)) {  // the same key, once more
    must(with.tree().set_data(kept, troupe::blob{text}, troupe::any_version), "write", kept);
  } else {
    create_node(with.tree(), kept, troupe::blob{text});
  }
  return removed + 1;
}

void forget_days(book& with, const std::string& job, std::size_t most, compact_reply& reply) {
  const auto* record = with.job(job);
  const auto kept = with.definition(job, record->revision).job.days_kept;
  const auto oldest = day_of(with.now() - static_cast<duration>(kept) * day);
  const auto folder = with.paths().history(job);
  for (const auto& name : with.tree().children(folder)) {
    if (name >= oldest) return;
    const auto path = folder + "/" + name;
    for (const auto& run : with.tree().children(path)) {
      if (reply.forgotten == most) {
        reply.more = true;
        return;
      }
      must(with.tree().remove(path + "/" + run, troupe::any_version), "remove", path);
      ++reply.forgotten;
    }
    must(with.tree().remove(path, troupe::any_version), "remove", path);
  }
}

}  // namespace

std::string outcome_of(book& with, const std::string& job, const std::string& run) {
  const auto* record = with.run(job, run);
  if (record == nullptr) return {};
  auto text = "run " + run + " " + std::string{name_of(record->state)} +
              " due=" + std::to_string(record->due) + " begun=" + std::to_string(record->begun) +
              " ended=" + std::to_string(record->ended) +
              " revision=" + std::to_string(record->revision) +
              " tasks=" + std::to_string(record->tasks) + "\n";
  for (const auto& name : tasks_of(with, job, run)) {
    if (text.size() > most_outcome) return text + "and more tasks\n";
    if (const auto* task = with.task(name)) text += line_of(name, *task);
  }
  return text;
}

compact_reply compact(book& with, const std::string& job, instant before, std::size_t most) {
  compact_reply reply;
  if (with.job(job) == nullptr) refuse(troupe::error_code::no_node, "there is no job " + job);
  std::size_t removed = 0;
  for (const auto& run : with.tree().children(with.paths().runs(job))) {
    const auto* record = with.run(job, run);
    if (record == nullptr || record->state == run_state::active || record->ended >= before)
      continue;
    if (removed > 0 && removed + record->tasks > most) {
      reply.more = true;
      break;
    }
    removed += move_into_history(with, job, run, record->ended);
    ++reply.compacted;
  }
  forget_days(with, job, most, reply);
  return reply;
}

}  // namespace scheduler
