#include "actors/tree/core/script_run.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include <troupe/base/znode_path.hpp>

namespace troupe::tree {
namespace {

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;  // clang 14 does not deduce it by itself

/// The number that the data is; nothing if it is none.
std::optional<std::int64_t> number_in(std::string_view data) {
  if (data.empty()) return 0;
  std::int64_t number = 0;
  const auto* const end = data.data() + data.size();
  const auto [stopped, error] = std::from_chars(data.data(), end, number);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return number;
}

/// The path of what a step is about; empty if it is about more than one.
std::string path_in(const script_step& one) {
  return std::visit(overloaded{[](const choose_op&) { return std::string{}; },
                               [](const create_if_absent_op& op) { return op.node.path; },
                               [](const create_with_parents_op& op) { return op.node.path; },
                               [](const auto& op) { return op.path; }},
                    one.what);
}

}  // namespace

error_code script_run::run(script_op& script) {
  try {
    return run(script.steps, 0);
  } catch (const decision_over_budget&) {
    // Of the step in which it happened nobody knows more.
    results_.push_back({error_code::limit_exceeded,
                        {},
                        {},
                        static_cast<std::int64_t>(in_.options.decision_accesses)});
    return error_code::limit_exceeded;
  }
}

bool script_run::changes_something() const {
  return std::any_of(
      into_.begin() + static_cast<std::ptrdiff_t>(before_), into_.end(),
      [](const txn_change& one) { return !std::holds_alternative<change::checked>(one); });
}

error_code script_run::run(std::vector<script_step>& steps, std::size_t depth) {
  for (auto& one : steps) {
    view_.spend(1);
    refused_ = {};
    refused_.path = path_in(one);
    const auto error =
        std::visit(overloaded{[&](choose_op& choice) { return choose(choice, depth); },
                              [&](auto& single) { return step(single); }},
                   one.what);
    if (error == error_code::ok) continue;
    // A choice whose steps failed has said so already.
    if (results_.empty() || results_.back().error == error_code::ok) {
      refused_.error = error;
      results_.push_back(std::move(refused_));
    }
    return error;
  }
  return error_code::ok;
}

error_code script_run::done(std::int64_t number) {
  const auto newest = static_cast<std::int32_t>(into_.size() - before_) - 1;
  told_.push_back({newest, number});
  auto& result = results_.emplace_back();
  result.number = number;
  return error_code::ok;
}

error_code script_run::seen(std::string path) {
  auto facts = view_.node(path);
  into_.emplace_back(change::checked{path});
  (void)done();
  results_.back().path = std::move(path);
  if (facts) results_.back().stat = facts->stat;
  return error_code::ok;
}

error_code script_run::noted(std::int64_t number, std::string path) {
  told_.push_back({-1, number});
  results_.push_back({error_code::ok, std::move(path), {}, number});
  return error_code::ok;
}

// ------------------------------------------------------------------- steps

error_code script_run::step(create_op& op) {
  const auto error = check_and_draft(in_, op, into_);
  return error == error_code::ok ? done() : error;
}
error_code script_run::step(delete_op& op) {
  const auto error = check_and_draft(in_, op, into_);
  return error == error_code::ok ? done() : error;
}
error_code script_run::step(set_data_op& op) {
  const auto error = check_and_draft(in_, op, into_);
  return error == error_code::ok ? done() : error;
}
error_code script_run::step(set_acl_op& op) {
  const auto error = check_and_draft(in_, op, into_);
  return error == error_code::ok ? done() : error;
}

error_code script_run::step(check_op& op) {
  const auto error = test(op);
  return error == error_code::ok ? seen(std::move(op.path)) : error;
}
error_code script_run::step(check_absent_op& op) {
  const auto error = test(op);
  return error == error_code::ok ? noted(0, std::move(op.path)) : error;
}
error_code script_run::step(guard_op& op) {
  const auto error = test(op);
  return error == error_code::ok ? seen(std::move(op.path)) : error;
}

error_code script_run::step(create_if_absent_op& op) {
  if (op.node.sequential) return error_code::bad_arguments;
  if (!in_.pending.exists(op.node.path)) return step(op.node);
  if (in_.session && !in_.pending.is_open(in_.session)) return error_code::session_expired;
  return seen(std::move(op.node.path));
}

error_code script_run::step(create_with_parents_op& op) {
  const auto& path = op.node.path;
  std::int64_t made = 0;
  for (auto slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    view_.spend(1);
    create_op ancestor{path.substr(0, slash),
                       blob{std::string_view{}},
                       op.ancestors,
                       node_kind::persistent,
                       false,
                       -1};
    if (in_.pending.exists(ancestor.path)) continue;
    // A short message makes long paths and many copies of its list.
    view_.spend_bytes(bytes_of(ancestor));
    if (const auto error = check_and_draft(in_, ancestor, into_); error != error_code::ok)
      return error;
    ++made;
  }
  const auto error = check_and_draft(in_, op.node, into_);
  return error == error_code::ok ? done(made) : error;
}

error_code script_run::collect(std::string_view path, std::size_t most,
                               std::vector<std::string>& into) {
  into.emplace_back(path);
  for (std::size_t i = 0; i < into.size(); ++i) {
    const auto children = view_.children(into[i]);
    if (into.size() + children.size() > most) return error_code::limit_exceeded;
    for (const auto& name : children) {
      view_.spend_bytes(into[i].size() + name.size() + 1);
      into.push_back((into[i] == "/" ? "" : into[i]) + "/" + name);
    }
  }
  return error_code::ok;
}

error_code script_run::step(delete_tree_op& op) {
  if (op.most == 0 || is_special(op.path)) return error_code::bad_arguments;
  if (!in_.pending.exists(op.path)) return error_code::no_node;
  std::vector<std::string> doomed;
  if (const auto error = collect(op.path, op.most, doomed); error != error_code::ok) {
    refused_.number = op.most;
    return error;
  }
  for (auto one = doomed.rbegin(); one != doomed.rend(); ++one) {
    delete_op single{*one, any_version};
    if (const auto error = check_and_draft(in_, single, into_); error != error_code::ok) {
      refused_.path = std::move(*one);
      return error;
    }
  }
  return noted(static_cast<std::int64_t>(doomed.size()));
}

error_code script_run::step(add_op& op) {
  const auto before = view_.node(op.path);
  if (!before) return error_code::no_node;
  // The sum is told, and with it what was there.
  if (!may_read(op.path)) return error_code::no_auth;
  const auto known = number_in(before->data.view());
  if (!known) return error_code::bad_arguments;
  std::int64_t sum = 0;
  if (__builtin_add_overflow(*known, op.amount, &sum)) {
    refused_.number = *known;
    return error_code::limit_exceeded;
  }
  set_data_op set{std::move(op.path), blob{std::string_view{std::to_string(sum)}}, any_version};
  const auto error = check_and_draft(in_, set, into_);
  return error == error_code::ok ? done(sum) : error;
}

error_code script_run::choose(choose_op& op, std::size_t depth) {
  if (depth >= script_op::deepest) return error_code::bad_arguments;
  bool holds = true;
  for (const auto& condition : op.when) {
    view_.spend(1);
    const auto error = test(condition);
    if (error == error_code::bad_arguments || error == error_code::session_expired) return error;
    if (error != error_code::ok) holds = false;
  }
  (void)noted(holds ? 1 : 0);
  return run(holds ? op.then : op.otherwise, depth + 1);
}

// -------------------------------------------------------------- conditions

error_code script_run::test(const script_step& condition) {
  return std::visit(overloaded{[&](const check_op& op) { return test(op); },
                               [&](const check_absent_op& op) { return test(op); },
                               [&](const guard_op& op) { return test(op); },
                               [](const auto&) { return error_code::bad_arguments; }},
                    condition.what);
}

error_code script_run::test(const check_op& op) {
  std::vector<txn_change> forgotten;
  auto copy = op;
  return check_and_draft(in_, copy, forgotten);
}

error_code script_run::test(const check_absent_op& op) {
  if (in_.session && !in_.pending.is_open(in_.session)) return error_code::session_expired;
  if (!is_valid_path(op.path)) return error_code::bad_arguments;
  return in_.pending.exists(op.path) ? error_code::node_exists : error_code::ok;
}

error_code script_run::test(const guard_op& op) {
  if (in_.session && !in_.pending.is_open(in_.session)) return error_code::session_expired;
  if (!is_valid_path(op.path)) return error_code::bad_arguments;
  const auto holder = view_.node(op.path);
  if (!holder || holder->stat.czxid != op.token) return error_code::fenced;
  return may_read(op.path) ? error_code::ok : error_code::no_auth;
}

}  // namespace troupe::tree
