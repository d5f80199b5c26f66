#include "lock_actor.hpp"

#include <algorithm>
#include <chrono>
#include <variant>

#include "core/guard.hpp"

namespace locks {

using namespace std::chrono_literals;
using troupe::error_code;
using troupe::sdk::recipe_call;

namespace {

constexpr troupe::nanoseconds retry_delay = 20ms;
/// A wait without end is one that nobody lives to see.
constexpr std::int64_t longest_wait_ms = std::int64_t{365} * 24 * 3600 * 1000;

dialect dialect_of(const std::string& text) {
  if (text == "kazoo") return dialect::kazoo;
  return text == "native" ? dialect::native : dialect::curator;
}

mount_rules rules_of(const troupe::sdk::option_values& options) {
  return {options.text("mount"), dialect_of(options.text("dialect")),
          static_cast<std::size_t>(options.integer("max_claims")),
          static_cast<std::int32_t>(options.integer("max_permits"))};
}

troupe::sdk::counter outcomes(troupe::sdk::component_context& context, const char* outcome) {
  return context.metrics->counter("lock_calls_total", "Calls for locks and permits, by outcome.",
                                  {{"outcome", outcome}});
}

/// Whether the same decision may come to pass a little later.
bool passes(error_code error) {
  return error == error_code::throttled || error == error_code::not_read_only;
}

}  // namespace

refusal refusal_of(error_code error, const std::string& why) {
  const auto kind =
      error == error_code::not_leader ? refusal_kind::not_leader : refusal_kind::failed;
  return {kind, why.empty() ? std::string{to_string(error)} : why};
}

lock_actor::lock_actor(caf::actor_config& config, troupe::sdk::reactor_unit& home,
                       troupe::sdk::component_context& context)
    : recipe_actor(config, home, context), rules_(rules_of(context.options)), desk_(rules_),
      granted_(outcomes(context, "granted")), refused_(outcomes(context, "refused")),
      deadlocks_(outcomes(context, "deadlock")),
      waits_(context.metrics->gauge("lock_calls_waiting", "Calls that wait for their turn.")) {
  serve_all();
  guard(std::make_shared<const dialect_guard>(rules_));
}

void lock_actor::on_exit() {
  waiting_.clear();
  retries_.clear();
  recipe_actor::on_exit();
}

void lock_actor::on_leader(bool leading) {
  desk_.clear({refusal_kind::not_leader, "this server does not lead any more"});
  desk_.take_effects();  // the base answers
  waiting_.clear();
  retries_.clear();
  leases_.clear();
  if (leading) ++lead_;
}

void lock_actor::on_change(const troupe::sdk::recipe_change& change) {
  desk_.changed(change.path, change.kind == troupe::event_kind::node_deleted, change.zxid);
  carry_out();
}

void lock_actor::on_cancel(std::uint64_t call) {
  desk_.cancel(call);
  carry_out();
}

void lock_actor::on_forget(std::uint64_t call) {
  waiting_.erase(call);
  desk_.forget(call);
  carry_out();
}

void lock_actor::acquire(const recipe_call& call) {
  auto read = read_acquire(call);
  begin_wait(call.number, {method::acquire, {}, call.session, read.ask.request, nullptr},
             read.timeout_ms);
  desk_.acquire(call.number, std::move(read.ask));
  carry_out();
}

void lock_actor::acquire_permits(const recipe_call& call) {
  auto read = read_acquire_permits(call);
  begin_wait(call.number,
             {method::acquire_permits, read.ask.path, call.session, read.ask.request, nullptr},
             read.timeout_ms);
  desk_.acquire(call.number, std::move(read.ask));
  carry_out();
}

void lock_actor::begin_wait(std::uint64_t call, waiting_call what, std::int64_t timeout_ms) {
  if (timeout_ms > 0) {
    what.limit = after(troupe::milliseconds{std::min(timeout_ms, longest_wait_ms)}, [this, call] {
      desk_.time_out(call);
      carry_out();
    });
  }
  waiting_[call] = std::move(what);
}

void lock_actor::carry_out() {
  auto effects = desk_.take_effects();
  for (const auto& one : effects.answers)
    answer_call(one);
  for (auto& one : effects.decisions)
    decide_again(one.ticket, one.ask);
  waits_.set(static_cast<double>(desk_.waiting()));
}

/// Also again, if the server was too busy: a place in a line must not be left behind.
void lock_actor::decide_again(std::uint64_t ticket, const desk_ask& ask) {
  const auto rules = rules_;
  transact(
      "desk", [rules, ask](troupe::decision_tree& tree) { return decide(tree, rules, ask); },
      [this, ticket, ask](const troupe::sdk::decided<desk_outcome>& reply) {
        if (reply.value != nullptr) {
          desk_.decided(ticket, *reply.value, reply.as_of);
        } else if (passes(reply.error)) {
          retries_[ticket] = after(retry_delay, [this, ticket, ask] {
            const auto timer = retries_.extract(ticket);  // it lasts until this has run
            decide_again(ticket, ask);
          });
        } else {
          desk_.failed(ticket, refusal_of(reply.error, reply.why));
        }
        carry_out();
      });
}

void lock_actor::answer_call(const desk::answer& one) {
  auto found = waiting_.extract(one.call);
  if (found.empty()) return;
  const auto& call = found.mapped();
  if (const auto* why = std::get_if<refusal>(&one.result)) {
    (why->kind == refusal_kind::deadlock ? deadlocks_ : refused_).add();
    if (why->kind == refusal_kind::not_leader)
      return refuse(one.call, error_code::not_leader, why->why);
    return answer(one.call, write_refused(call.of, *why));
  }
  granted_.add();
  lease held{call.session, call.request, call.of == method::acquire_permits, {}};
  if (const auto* permits = std::get_if<permits_taken>(&one.result)) {
    held.tokens.emplace_back(call.path, permits->token);
    auto encoded = write_granted(call.path, *permits, new_lease(std::move(held)));
    return answer(one.call, std::move(encoded.bytes), std::move(encoded.capabilities));
  }
  const auto& locks = std::get<std::vector<taken>>(one.result);
  for (const auto& lock : locks)
    held.tokens.emplace_back(lock.path, lock.token);
  auto encoded = write_granted(call.of, locks, new_lease(std::move(held)));
  answer(one.call, std::move(encoded.bytes), std::move(encoded.capabilities));
}

void lock_actor::add_facts(std::vector<std::pair<std::string, std::string>>& facts) {
  facts.emplace_back("dialect", to_string(rules_.how));
  facts.emplace_back("calls_waiting", std::to_string(desk_.waiting()));
  facts.emplace_back("leases", std::to_string(leases_.size()));
}

}  // namespace locks
