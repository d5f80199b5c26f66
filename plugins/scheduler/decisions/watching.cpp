#include "decisions/watching.hpp"

#include <troupe/base/znode_path.hpp>

#include "core/attempt.hpp"
#include "decisions/chunked_list.hpp"
#include "decisions/life.hpp"
#include "decisions/runs.hpp"
#include "decisions/settle.hpp"
#include "decisions/timers.hpp"

namespace scheduler {

namespace {

duration grace_of(book& with, const task_name& name) {
  const auto* run = with.run(name.job, name.run);
  return with.definition(name.job, run->revision).job.grace;
}

void lose(book& with, const task_name& name, task_record& task, reason why) {
  task.until = with.now() + grace_of(with, name);
  move(with, name, task, task_state::lost, why);
}

/// The worker did not come back: somebody else may have the task, under the next fence.
void give_up_on_worker(book& with, const task_name& name, task_record& task) {
  ++task.losses;
  ++task.forgiven;
  const auto most = with.definition(name, task).retry.most_losses;
  if (task.losses > most) {
    move(with, name, task, task_state::dead, reason::attempts_exhausted);
  } else {
    move(with, name, task, task_state::ready, reason::grace_over);
  }
}

void ring(book& with, const task_name& name, task_record& task, reason why) {
  switch (why) {
  case reason::time_reached:
  case reason::backoff_over:
    return move(with, name, task, task_state::ready, why);
  case reason::grace_over:
    return give_up_on_worker(with, name, task);
  case reason::cancel_forced:
    return move(with, name, task, task_state::cancelled, why);
  case reason::heartbeat_timeout:
    return lose(with, name, task, why);
  case reason::start_to_close_timeout:
    move(with, name, task, task_state::failed, why);
    return after_failed_attempt(with, name, task, why, "timeout");
  default:
    return move(with, name, task, task_state::dead, why);
  }
}

void ring_task(book& with, const task_name& name, const std::string& entry) {
  auto* task = with.task(name);
  const auto folder = with.paths().folder("timers");
  if (task == nullptr || task->timer != entry) return remove_entry(with.tree(), entry, folder);
  const auto what = next_alarm(*task, with.definition(name, *task).limits);
  if (what && what->at <= with.now()) {
    ring(with, name, *task, what->why);
  } else {
    rearm(with, name, *task);
  }
}

bool is_there(book& with, const std::string& worker) {
  const auto facts = with.tree().node(with.paths().worker(worker));
  return facts && facts->stat.ephemeral_owner && with.tree().is_open(facts->stat.ephemeral_owner);
}

}  // namespace

tick_reply tick(book& with, std::size_t most) {
  tick_reply reply;
  const auto folder = with.paths().folder("timers");
  for (const auto& entry : due_timers(with, most)) {
    ++reply.handled;
    const auto owner = owner_of(troupe::base_name(entry));
    if (owner.task) {
      ring_task(with, *owner.task, entry);
      settle(with);
    } else if (owner.job && with.trigger(*owner.job) != nullptr &&
               with.trigger(*owner.job)->timer == entry) {
      fire(with, *owner.job);
    } else {
      remove_entry(with.tree(), entry, folder);
    }
  }
  reply.next = next_timer(with);
  return reply;
}

sweep_reply sweep(book& with, const std::string& worker, std::size_t most) {
  sweep_reply reply;
  auto* holding = with.holding(worker);
  if (holding == nullptr || is_there(with, worker)) return reply;
  holding->gone = true;
  for (const auto& entry : with.tree().children(with.paths().inbox(worker))) {
    const auto name = task_of(entry);
    auto* task = name ? with.task(*name) : nullptr;
    if (task == nullptr || !is_held(task->state) || task->attempts.back().worker != worker) {
      continue;
    }
    if (task->state == task_state::lost) continue;
    if (reply.handled == most) {
      reply.more = true;
      break;
    }
    ++reply.handled;
    if (task->state == task_state::cancelling) {
      move(with, *name, *task, task_state::cancelled, reason::worker_gone);
    } else {
      lose(with, *name, *task, reason::worker_gone);
    }
  }
  settle(with);
  clear_away(with, worker);
  return reply;
}

void greet(book& with, const std::string& worker) {
  const auto facts = with.tree().node(with.paths().worker(worker));
  if (!is_name(worker) || !facts || !is_there(with, worker)) return;
  auto* present = with.holding(worker);
  auto& holding = present != nullptr ? *present : with.add_holding(worker);
  holding.gone = false;
  holding.session = facts->stat.ephemeral_owner.value;
}

std::vector<std::string> missing_workers(book& with) {
  std::vector<std::string> missing;
  for (auto& worker : with.tree().children(with.paths().folder("inbox")))
    if (!is_there(with, worker)) missing.push_back(std::move(worker));
  return missing;
}

}  // namespace scheduler
