#include "decisions/work.hpp"

#include <algorithm>

#include "decisions/history.hpp"
#include "decisions/runs.hpp"
#include "decisions/speaking.hpp"
#include "decisions/watching.hpp"

namespace scheduler {

namespace {

/// Of each kind, in one decision.
constexpr std::size_t most_timers = 64;
constexpr std::size_t most_lost = 256;
constexpr std::size_t most_compacted = 2'000;

}  // namespace

work_done do_work(book& with, const work& what) {
  work_done done;
  for (const auto& worker : what.came)
    greet(with, worker);
  for (const auto& worker : what.gone)
    done.gone_again = sweep(with, worker, most_lost).more || done.gone_again;
  for (const auto& [worker, entry] : what.reports) {
    const auto heard = take_report(with, worker, entry);
    if (!heard) done.problems.push_back(heard.error().message);
  }
  if (what.time) {
    const auto ticked = tick(with, most_timers);
    done.time_again = ticked.handled == most_timers;
    if (ticked.next) done.wait = std::max<duration>(*ticked.next - with.now(), 0);
  }
  if (what.assign)
    done.assigned = assign_batch(with, what.limits, what.after_class, what.after_worker);
  if (!what.compact.empty()) {
    done.compact_again = compact(with, what.compact, with.now() - what.keep, most_compacted).more;
  }
  with.commit();
  return done;
}

beginning begin_to_lead(book& with) {
  make_folders(with);
  beginning found;
  found.gone = missing_workers(with);
  found.came = with.tree().children(with.paths().folder("workers"));
  found.jobs = with.tree().children(with.paths().folder("jobs"));
  for (const auto& job : found.jobs) {
    const auto* record = with.job(job);
    if (record == nullptr || record->revision == 0) continue;
    const auto& zone = with.definition(job, record->revision).job.zone;
    if (!zone.empty()) found.zones.push_back(zone);
  }
  for (const auto& worker : with.tree().children(with.paths().folder("inbox")))
    for (const auto& entry : with.tree().children(with.paths().inbox(worker))) {
      const auto facts = with.tree().node(with.paths().inbox(worker) + "/" + entry);
      if (facts && facts->stat.num_children > 0) found.reports.emplace_back(worker, entry);
    }
  with.commit();
  return found;
}

}  // namespace scheduler
