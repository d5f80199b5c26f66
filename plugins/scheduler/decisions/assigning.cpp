#include "decisions/assigning.hpp"

#include <algorithm>

#include "codec/job_codec.hpp"
#include "core/assignment.hpp"
#include "core/text.hpp"
#include "decisions/life.hpp"
#include "decisions/ready_index.hpp"

namespace scheduler {

namespace {

constexpr std::size_t alternatives_kept = 4;

/// The worker as it can be given tasks; nothing if it cannot.
std::optional<open_worker> look_at(book& with, const std::string& id) {
  const auto facts = with.tree().node(with.paths().worker(id));
  if (!facts || !facts->stat.ephemeral_owner || !is_name(id)) return std::nullopt;
  if (!with.tree().is_open(facts->stat.ephemeral_owner)) return std::nullopt;
  const auto said = read_worker(facts->data.view());
  if (!said || said->draining) return std::nullopt;
  open_worker worker;
  worker.id = id;
  worker.slots = said->slots;
  worker.load = said->load;
  worker.capacity = said->capacity;
  worker.labels.insert(said->labels.begin(), said->labels.end());
  if (auto* has = with.holding(id)) {
    has->gone = false;  // it has come back; what it lost it may still reclaim
    worker.slots = has->tasks < said->slots ? said->slots - has->tasks : 0;
    worker.load += has->load;
    worker.used = has->used;
    worker.apart.insert(has->apart.begin(), has->apart.end());
  }
  return worker;
}

std::vector<open_worker> workers_after(book& with, std::string_view after, std::size_t most,
                                       batch_reply& reply) {
  auto names = with.tree().children(with.paths().folder("workers"));
  std::rotate(names.begin(), std::upper_bound(names.begin(), names.end(), after), names.end());
  if (names.size() > most) reply.saw_all = false;
  if (names.size() > most) names.resize(most);
  if (!names.empty()) reply.last_worker = names.back();
  std::vector<open_worker> found;
  for (const auto& name : names)
    if (auto worker = look_at(with, name)) found.push_back(std::move(*worker));
  return found;
}

/// What stands in the way of all tasks of a class: the obstacle of the worker that comes closest.
obstacle obstacle_for(const class_record& what, const std::vector<open_worker>& workers) {
  const open_task probe{1, what.weight, &what.needs};
  auto best = obstacle::no_worker;
  for (const auto& worker : workers) {
    const auto one = obstacle_to(probe, worker);
    if (one == obstacle::none) return one;
    if (best == obstacle::no_worker || one > best) best = one;
  }
  return best;
}

void note_obstacle(book& with, const waiting_class& which, obstacle what) {
  auto record = which.what;
  record.obstacle = what == obstacle::none ? "" : std::string{to_string(what)};
  if (record == which.what) return;
  must(with.tree().set_data(which.path, encode(record), troupe::any_version), "write", which.path);
}

/// So many of a pool may still be given out.
std::size_t room_in_pool(book& with, const std::string& name, std::size_t most) {
  if (name.empty()) return most;
  const auto* pool = with.pool(name);
  if (pool == nullptr) return most;
  if (pool->paused || pool->used >= pool->limit) return 0;
  return std::min<std::size_t>(most, pool->limit - pool->used);
}

struct candidate {
  const waiting_class* of;
  const waiting_class::one* which;
  importance matters;
};

/// The heads of all classes that fit somewhere; what matters most first.
std::vector<candidate> candidates_of(book& with, const std::vector<waiting_class>& classes,
                                     const std::vector<open_worker>& workers, std::size_t most) {
  std::vector<candidate> all;
  for (const auto& one : classes) {
    auto what = obstacle_for(one.what, workers);
    if (what == obstacle::none && room_in_pool(with, one.what.needs.pool, 1) == 0) {
      what = obstacle::pool;
    }
    note_obstacle(with, one, what);
    if (what != obstacle::none) continue;
    for (const auto& head : one.first)
      all.push_back({&one, &head,
                     importance_of(head.priority, with.now() - head.since, with.common().growth)});
  }
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.matters != b.matters ? a.matters > b.matters : a.which->since < b.which->since;
  });
  // What a pool has no room for does not keep others from being looked at.
  std::map<std::string, std::size_t> room;
  std::erase_if(all, [&](const candidate& one) {
    const auto& pool = one.of->what.needs.pool;
    const auto [where, is_new] = room.try_emplace(pool, 0);
    if (is_new) where->second = room_in_pool(with, pool, most);
    return where->second == 0 || (where->second--, false);
  });
  if (all.size() > most) all.resize(most);
  return all;
}

std::string explanation_of(const std::vector<alternative>& all,
                           const std::vector<open_worker>& workers) {
  std::string text;
  for (const auto& one : all) {
    text += text.empty() ? "" : "; ";
    text += workers[one.worker].id + ": ";
    text += one.why_not == obstacle::none ? std::to_string(one.score)
                                          : std::string{to_string(one.why_not)};
  }
  return text;
}

}  // namespace

batch_reply assign_batch(book& with, const batch_limits& limits, std::string_view after_class,
                         std::string_view after_worker) {
  batch_reply reply;
  const auto workers = workers_after(with, after_worker, limits.workers, reply);
  std::vector<waiting_class> classes;
  const auto all = with.tree().node(with.paths().folder("ready"));
  if (all && static_cast<std::size_t>(all->stat.num_children) > limits.classes) {
    reply.saw_all = false;
  }
  for (const auto& path : classes_after(with, after_class, limits.classes)) {
    reply.last_class = path.substr(path.rfind('/') + 1);
    auto one = look_into(with, path, limits.tasks);
    const auto* job = with.job(one.what.job);
    if (job == nullptr || job->paused) continue;
    classes.push_back(std::move(one));
  }
  const auto chosen = candidates_of(with, classes, workers, limits.tasks);
  std::vector<open_task> tasks;
  for (const auto& one : chosen)
    tasks.push_back({one.matters, one.of->what.weight, &one.of->what.needs});
  const auto given = assign(tasks, workers);
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (!given[i]) continue;
    const auto& name = chosen[i].which->name;
    auto* task = with.task(name);
    if (task == nullptr || task->state != task_state::ready) continue;
    const auto why = explain(tasks, workers, given, i, alternatives_kept);
    hand_out(with, name, *task, workers[*given[i]].id, explanation_of(why, workers));
    ++reply.given_out;
  }
  return reply;
}

}  // namespace scheduler
