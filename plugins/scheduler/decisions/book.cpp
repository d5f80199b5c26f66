#include "decisions/book.hpp"

#include <troupe/base/prng.hpp>

namespace scheduler {

void refuse(troupe::error_code error, const std::string& why) {
  throw troupe::decision_refused(error, why);
}

book::book(troupe::decision_tree& tree, const settings& common, std::uint64_t random)
    : tree_(tree), common_(common), random_(random) {}

std::uint64_t book::random() noexcept { return random_ = troupe::prng{random_}(); }

job_record* book::job(std::string_view job) { return jobs_.find(tree_, paths().job(job)); }

trigger_record* book::trigger(std::string_view job) {
  return triggers_.find(tree_, paths().trigger(job));
}

run_record* book::run(std::string_view job, std::string_view run) {
  return runs_.find(tree_, paths().run(job, run));
}

task_record* book::task(const task_name& name) { return tasks_.find(tree_, paths().task(name)); }

pool_record* book::pool(std::string_view pool) { return pools_.find(tree_, paths().pool(pool)); }

holding_record* book::holding(std::string_view worker) {
  return holdings_.find(tree_, paths().inbox(worker));
}

void book::add_job(std::string_view job, job_record record) {
  jobs_.add(paths().job(job), record);
  // Definitions go below it at once.
  jobs_.commit(tree_);
}

void book::add_trigger(std::string_view job, trigger_record record) {
  triggers_.add(paths().trigger(job), std::move(record));
}

run_record& book::add_run(std::string_view job, std::string_view run, run_record record) {
  return runs_.add(paths().run(job, run), record);
}

task_record& book::add_task(const task_name& name, task_record record) {
  return tasks_.add(paths().task(name), std::move(record));
}

void book::add_pool(std::string_view pool, pool_record record) {
  pools_.add(paths().pool(pool), record);
}

holding_record& book::add_holding(std::string_view worker) {
  auto& made = holdings_.add(paths().inbox(worker), {});
  holdings_.commit(tree_);
  return made;
}

void book::forget_task(const task_name& name) { tasks_.forget(paths().task(name)); }

void book::forget_run(std::string_view job, std::string_view run) {
  runs_.forget(paths().run(job, run));
}

void book::forget_holding(std::string_view worker) { holdings_.forget(paths().inbox(worker)); }

void book::create_later(std::string path, std::string data) {
  later_.emplace_back(std::move(path), std::move(data));
}

const known_job& book::definition(std::string_view job, std::uint32_t revision) {
  const auto path = paths().definition(job, revision);
  auto& known = definitions_[path];
  if (known) return *known;
  const auto facts = tree_.node(path);
  if (facts) known = common_.definitions->read(path, facts->data);
  if (!known) {
    refuse(troupe::error_code::marshalling_error,
           path + " is not the definition of a job; define the job again");
  }
  return *known;
}

const task_definition& book::definition(const task_name& name, const task_record& task) {
  const auto* of = run(name.job, name.run);
  if (of == nullptr) refuse(troupe::error_code::no_node, "there is no run " + name.run);
  const auto& known = definition(name.job, of->revision);
  if (task.definition >= known.job.tasks.size()) {
    refuse(troupe::error_code::marshalling_error,
           paths().task(name) + " belongs to another definition of its job");
  }
  return known.job.tasks[task.definition];
}

void book::commit() {
  jobs_.commit(tree_);
  triggers_.commit(tree_);
  pools_.commit(tree_);
  holdings_.commit(tree_);
  runs_.commit(tree_);
  tasks_.commit(tree_);
  for (auto& [path, data] : later_)
    create_node(tree_, path, troupe::blob{data});
  later_.clear();
}

}  // namespace scheduler
