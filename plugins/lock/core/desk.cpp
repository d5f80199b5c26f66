#include "core/desk.hpp"

#include <algorithm>

#include <troupe/base/znode_path.hpp>

namespace locks {

namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

/// An answer of any kind as an outcome.
template <class T>
desk_outcome outcome_of(answer_or_refusal<T> answer) {
  if (!answer) return answer.error();
  return *std::move(answer);
}

std::vector<std::string> paths_of(const acquire_ask& ask) {
  std::vector<std::string> paths;
  for (const auto& one : ask.locks)
    paths.push_back(one.path);
  return paths;
}

}  // namespace

desk_outcome decide(troupe::decision_tree& tree, const mount_rules& rules, const desk_ask& ask) {
  return std::visit(
      overloaded{
          [&](const acquire_ask& one) { return outcome_of(acquire(tree, rules, one)); },
          [&](const withdraw_ask& one) { return outcome_of(withdraw(tree, rules, one)); },
          [&](const look_ask& one) { return outcome_of(look(tree, rules, one.path)); },
          [&](const permits_ask& one) { return outcome_of(acquire_permits(tree, rules, one)); },
          [&](const permits_withdraw_ask& one) {
            return outcome_of(withdraw_permits(tree, rules, one.ask, one.even_if_held));
          }},
      ask);
}

// ------------------------------------------------------------- from callers

void desk::acquire(call_number number, acquire_ask ask) {
  auto checked = canonical(rules_, std::move(ask));
  if (!checked) return effects_.answers.push_back({number, checked.error()});
  calls_[number].ask = *checked;
  this->ask({number, {}}, *std::move(checked));
}

void desk::acquire(call_number number, permits_ask ask) {
  if (auto wrong = check(rules_, ask))
    return effects_.answers.push_back({number, *std::move(wrong)});
  calls_[number].ask = ask;
  this->ask({number, {}}, ask);
}

void desk::time_out(call_number number) {
  end(number, {refusal_kind::timed_out, "the time for which the caller waits is over"}, false);
}

void desk::cancel(call_number number) {
  end(number, {refusal_kind::cancelled, "the caller cancelled the wait"}, true);
}

void desk::forget(call_number number) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  found->second.forgotten = true;
  // What is under way is told of this call; one that ends is better ended.
  if (found->second.stage == stage::waiting) drop(number);
}

void desk::clear(const refusal& why) {
  while (!calls_.empty())
    finish(calls_.begin()->first, why);
  tickets_.clear();
  expected_.clear();
}

// ---------------------------------------------------------------- inside

void desk::ask(ticket about, desk_ask what) {
  for (const auto& path : about.paths)
    ++expected_[path];
  tickets_[next_ticket_] = std::move(about);
  effects_.decisions.push_back({next_ticket_++, std::move(what)});
}

void desk::end_expectation(const std::string& path) {
  const auto found = expected_.find(path);
  if (found != expected_.end() && --found->second == 0) expected_.erase(found);
}

void desk::finish(call_number number, outcome with) {
  if (!calls_.at(number).forgotten) effects_.answers.push_back({number, std::move(with)});
  drop(number);
}

void desk::end(call_number number, refusal why, bool unwanted) {
  const auto found = calls_.find(number);
  if (found == calls_.end()) return;
  auto& one = found->second;
  one.over = true;
  one.unwanted = one.unwanted || unwanted;
  one.why = std::move(why);
  if (one.stage != stage::waiting) return;  // the outcome of what is under way will go on
  if (has_company(one)) return finish(number, one.why);
  begin_ending(number);
}

void desk::begin_ending(call_number number) {
  auto& one = calls_.at(number);
  one.stage = stage::ending;
  if (const auto* permits = std::get_if<permits_ask>(&one.ask))
    return ask({number, {}}, permits_withdraw_ask{*permits, one.unwanted});
  const auto& wish = std::get<acquire_ask>(one.ask);
  ask({number, paths_of(wish)}, withdraw_ask{wish, one.unwanted, one.ring});
}

std::vector<std::string> desk::nodes_of(const call& one) const {
  std::vector<std::string> nodes;
  for (const auto& lock : one.locks)
    nodes.push_back(below(lock.path, lock.name));
  if (!one.queued.empty()) nodes.push_back(one.queued);
  return nodes;
}

/// Whether another call waits with the same node: an earlier or later try of the same request.
bool desk::has_company(const call& one) const {
  const auto nodes = nodes_of(one);
  return std::any_of(nodes.begin(), nodes.end(), [this](const std::string& node) {
    const auto found = by_node_.find(node);
    return found != by_node_.end() && found->second.size() > 1;
  });
}

void desk::drop(call_number number) {
  const auto one = std::move(calls_.at(number));
  calls_.erase(number);
  graph_.forget(number);
  for (const auto& node : nodes_of(one)) {
    const auto found = by_node_.find(node);
    if (found == by_node_.end()) continue;
    found->second.erase(number);
    if (found->second.empty()) by_node_.erase(found);
  }
  std::vector<std::string> paths;
  if (const auto* wish = std::get_if<acquire_ask>(&one.ask))
    paths = paths_of(*wish);
  else
    paths = {std::get<permits_ask>(one.ask).path};
  for (const auto& path : paths) {
    const auto lock = locks_.find(path);
    if (lock == locks_.end() || lock->second.calls.erase(number) == 0) continue;
    if (!lock->second.calls.empty()) continue;
    if (lock->second.is_semaphore)
      std::erase_if(folders_, [&](const auto& entry) { return entry.second == path; });
    locks_.erase(lock);
  }
}

}  // namespace locks
