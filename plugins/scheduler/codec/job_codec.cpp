#include "codec/job_codec.hpp"

#include <schemas/scheduler.capnp.h>

#include "codec/amounts.hpp"
#include "codec/capnp_bytes.hpp"
#include "codec/job_reader.hpp"

namespace scheduler {

namespace {

void put(const demand& what, wire::Demand::Builder to) {
  put_amounts(what.needs, to.initNeeds(static_cast<unsigned>(what.needs.size())));
  put_texts(to.initLabels(static_cast<unsigned>(what.labels.size())), what.labels);
  to.setApart(text_of(what.apart));
  to.setPool(text_of(what.pool));
}

demand demand_of(wire::Demand::Reader from) {
  demand what;
  what.needs = amounts_of(from.getNeeds());
  for (const auto label : from.getLabels())
    what.labels.push_back(string_of(label));
  what.apart = string_of(from.getApart());
  what.pool = string_of(from.getPool());
  return what;
}

void put(const retry_rules& rules, wire::Task::Builder to) {
  to.setMostAttempts(rules.most_attempts);
  to.setBackoffMs(rules.backoff);
  to.setLongestBackoffMs(rules.longest_backoff);
  to.setGrowthPercent(rules.growth_percent);
  to.setMostLosses(rules.most_losses);
  auto errors = to.initErrors(static_cast<unsigned>(rules.errors.size()));
  for (unsigned i = 0; i < errors.size(); ++i) {
    errors[i].setErrorClass(text_of(rules.errors[i].error_class));
    errors[i].setRetry(rules.errors[i].retry);
    errors[i].setBackoffMs(rules.errors[i].backoff);
  }
}

retry_rules retry_of(wire::Task::Reader from) {
  retry_rules rules;
  rules.most_attempts = from.getMostAttempts();
  rules.backoff = from.getBackoffMs();
  rules.longest_backoff = from.getLongestBackoffMs();
  rules.growth_percent = from.getGrowthPercent();
  rules.most_losses = from.getMostLosses();
  for (const auto one : from.getErrors())
    rules.errors.push_back({string_of(one.getErrorClass()), one.getRetry(), one.getBackoffMs()});
  return rules;
}

void put(const task_definition& task, wire::Task::Builder to) {
  to.setName(text_of(task.name));
  to.setPayload(data_of(task.payload));
  put_texts(to.initUpstream(static_cast<unsigned>(task.upstream.size())), task.upstream);
  to.setRule(static_cast<std::uint8_t>(task.rule));
  to.setPriority(task.priority);
  to.setWeight(task.weight);
  to.setDelayMs(task.delay);
  to.setEachOf(text_of(task.each_of));
  to.setMostItems(task.most_items);
  put(task.needs, to.initDemand());
  put(task.retry, to);
  to.setScheduleToStartMs(task.limits.schedule_to_start);
  to.setStartToCloseMs(task.limits.start_to_close);
  to.setScheduleToCloseMs(task.limits.schedule_to_close);
  to.setHeartbeatMs(task.limits.heartbeat);
}

bool read(wire::Task::Reader from, task_definition& to) {
  to.name = string_of(from.getName());
  to.payload = string_of(from.getPayload());
  for (const auto before : from.getUpstream())
    to.upstream.push_back(string_of(before));
  to.priority = from.getPriority();
  to.weight = from.getWeight();
  to.delay = from.getDelayMs();
  to.each_of = string_of(from.getEachOf());
  to.most_items = from.getMostItems();
  to.needs = demand_of(from.getDemand());
  to.retry = retry_of(from);
  to.limits = {from.getScheduleToStartMs(), from.getStartToCloseMs(), from.getScheduleToCloseMs(),
               from.getHeartbeatMs()};
  return read_enum(from.getRule(), 4, to.rule);
}

}  // namespace

void put(const job_definition& job, wire::Job::Builder root) {
  root.setName(text_of(job.name));
  auto tasks = root.initTasks(static_cast<unsigned>(job.tasks.size()));
  for (unsigned i = 0; i < tasks.size(); ++i)
    put(job.tasks[i], tasks[i]);
  root.setSchedule(text_of(job.schedule));
  root.setZone(text_of(job.zone));
  root.setRepeatDst(job.repeat_dst);
  root.setSpreadMs(job.spread);
  root.setMisfire(static_cast<std::uint8_t>(job.misfire.policy));
  root.setMostMissed(job.misfire.most_missed);
  root.setToleranceMs(job.misfire.tolerance);
  root.setStartDeadlineMs(job.misfire.start_deadline);
  root.setOverlap(static_cast<std::uint8_t>(job.overlap.policy));
  root.setMostActive(job.overlap.most_active);
  root.setMostQueued(job.overlap.most_queued);
  root.setGraceMs(job.grace);
  root.setCancelGraceMs(job.cancel_grace);
  root.setDaysKept(job.days_kept);
}

std::optional<job_definition> job_of(wire::Job::Reader root) {
  job_definition job;
  job.name = string_of(root.getName());
  for (const auto one : root.getTasks())
    if (!read(one, job.tasks.emplace_back())) return std::nullopt;
  job.schedule = string_of(root.getSchedule());
  job.zone = string_of(root.getZone());
  job.repeat_dst = root.getRepeatDst();
  job.spread = root.getSpreadMs();
  job.misfire.most_missed = root.getMostMissed();
  job.misfire.tolerance = root.getToleranceMs();
  job.misfire.start_deadline = root.getStartDeadlineMs();
  job.overlap.most_active = root.getMostActive();
  job.overlap.most_queued = root.getMostQueued();
  job.grace = root.getGraceMs();
  job.cancel_grace = root.getCancelGraceMs();
  job.days_kept = root.getDaysKept();
  if (!read_enum(root.getMisfire(), 3, job.misfire.policy) ||
      !read_enum(root.getOverlap(), 4, job.overlap.policy)) {
    return std::nullopt;
  }
  return job;
}

troupe::blob encode(const job_definition& job) {
  return encoded<wire::Job>([&](wire::Job::Builder root) { put(job, root); });
}

std::optional<job_definition> decode_job(std::string_view bytes) {
  return decoded<wire::Job>(bytes, [](wire::Job::Reader root) { return job_of(root); });
}

troupe::blob encode(const class_record& what) {
  return encoded<wire::ClassRecord>([&](wire::ClassRecord::Builder root) {
    put(what.needs, root.initDemand());
    root.setWeight(what.weight);
    root.setObstacle(text_of(what.obstacle));
    root.setJob(text_of(what.job));
  });
}

std::optional<class_record> decode_class(std::string_view bytes) {
  return decoded<wire::ClassRecord>(
      bytes, [](wire::ClassRecord::Reader root) -> std::optional<class_record> {
        return class_record{string_of(root.getJob()), demand_of(root.getDemand()), root.getWeight(),
                            string_of(root.getObstacle())};
      });
}

}  // namespace scheduler
