// Calls that do not wait for a turn: each is one decision.
#include "core/listing.hpp"
#include "lock_actor.hpp"

namespace locks {

using troupe::decision_tree;
using troupe::sdk::decided;
using troupe::sdk::recipe_call;

void lock_actor::serve_all() {
  const auto on = [this](method number, const char* called,
                         void (lock_actor::*how)(const recipe_call&)) {
    serve(locks_interface_id(), static_cast<std::uint16_t>(number), called,
          [this, how](const recipe_call& call) { (this->*how)(call); });
  };
  on(method::acquire, "acquire", &lock_actor::acquire);
  on(method::release, "release", &lock_actor::release);
  on(method::acquire_permits, "acquire_permits", &lock_actor::acquire_permits);
  on(method::release_permits, "release_permits", &lock_actor::release_permits);
  on(method::resize, "resize", &lock_actor::resize);
  on(method::transfer, "transfer", &lock_actor::transfer);
  on(method::revoke, "revoke", &lock_actor::revoke);
  on(method::proclaim, "proclaim", &lock_actor::proclaim);
  on(method::claims, "claims", &lock_actor::list_claims);
}

/// Numbers of different times of leading never meet: a late `released` is for nobody else.
std::uint64_t lock_actor::new_lease(lease what) {
  const auto number = lead_ << 40 | next_lease_++;
  leases_.add(number, std::move(what));
  return number;
}

void lock_actor::on_released(std::uint64_t capability) {
  for (const auto& one : leases_.drop(capability))
    give_back(one.ask, one.permits, 0);
}

void lock_actor::release(const recipe_call& call) {
  give_back(read_release(call), false, call.number);
}

void lock_actor::release_permits(const recipe_call& call) {
  give_back(read_release_permits(call), true, call.number);
}

/// @param call that is answered; zero: nobody asked, and nobody is told.
void lock_actor::give_back(const release_ask& ask, bool permits, std::uint64_t call) {
  const auto rules = rules_;
  const auto of = permits ? method::release_permits : method::release;
  const auto tell = [this, of, call](const refusal& why) { answer(call, write_refused(of, why)); };
  if (permits) {
    using outcome = answer_or_refusal<bool>;
    transact(
        "release_permits",
        [rules, ask](decision_tree& tree) { return locks::release_permits(tree, rules, ask); },
        [this, of, call, tell](const decided<outcome>& reply) {
          if (reply.value == nullptr) return refuse(call, reply.error, reply.why);
          if (!reply.value->ok()) return tell(reply.value->error());
          answer(call, write_released(of, reply.value->value()));
        });
    return;
  }
  using outcome = answer_or_refusal<release_done>;
  desk_.expect(ask.path);
  transact(
      "release", [rules, ask](decision_tree& tree) { return locks::release(tree, rules, ask); },
      [this, of, call, tell, path = ask.path](const decided<outcome>& reply) {
        if (reply.value != nullptr && reply.value->ok()) {
          answer(call, write_released(of, reply.value->value().now));
          desk_.learned(reply.value->value().after, reply.as_of);
          return carry_out();
        }
        if (reply.value != nullptr)
          tell(reply.value->error());
        else
          refuse(call, reply.error, reply.why);
        desk_.not_learned(path);
        carry_out();
      });
}

void lock_actor::transfer(const recipe_call& call) {
  const auto ask = read_transfer(call);
  if (ask.request == 0) throw troupe::sdk::bad_call("a transfer needs a request id");
  using outcome = answer_or_refusal<transfer_done>;
  desk_.expect(ask.from.path);
  transact(
      "transfer",
      [rules = rules_, ask](decision_tree& tree) { return locks::transfer(tree, rules, ask); },
      [this, ask, number = call.number](const decided<outcome>& reply) {
        if (reply.value != nullptr && reply.value->ok()) {
          const auto& what = reply.value->value();
          // The lease belongs to whoever has it now; this answer only tells of it.
          auto encoded = write_granted(method::transfer, {what.given},
                                       new_lease({ask.from.session, ask.request, false, {}}));
          answer(number, std::move(encoded.bytes), std::move(encoded.capabilities));
          if (!what.replaced.empty()) desk_.moved(what.replaced, what.given);
          desk_.learned(what.after, reply.as_of);
          return carry_out();
        }
        if (reply.value != nullptr)
          answer(number, write_refused(method::transfer, reply.value->error()));
        else
          refuse(number, reply.error, reply.why);
        desk_.not_learned(ask.from.path);
        carry_out();
      });
}

void lock_actor::revoke(const recipe_call& call) {
  const auto ask = read_revoke(call);
  const auto number = call.number;
  if (!ask.force) {
    using outcome = answer_or_refusal<holder>;
    transact(
        "revoke",
        [rules = rules_, ask](decision_tree& tree) {
          return locks::revoke(tree, rules, ask.path, ask.token);
        },
        [this, number](const decided<outcome>& reply) {
          if (reply.value == nullptr) return refuse(number, reply.error, reply.why);
          answer(number, reply.value->ok() ? write_released(method::revoke, true)
                                           : write_refused(method::revoke, reply.value->error()));
        });
    return;
  }
  using outcome = answer_or_refusal<release_done>;
  desk_.expect(ask.path);
  transact(
      "take_away",
      [rules = rules_, ask](decision_tree& tree) {
        return take_away(tree, rules, ask.path, ask.token);
      },
      [this, number, path = ask.path](const decided<outcome>& reply) {
        if (reply.value == nullptr)
          refuse(number, reply.error, reply.why);
        else
          answer(number, reply.value->ok() ? write_released(method::revoke, true)
                                           : write_refused(method::revoke, reply.value->error()));
        if (reply.value != nullptr && reply.value->ok())
          desk_.learned(reply.value->value().after, reply.as_of);
        else
          desk_.not_learned(path);
        carry_out();
      });
}

void lock_actor::resize(const recipe_call& call) {
  const auto ask = read_resize(call);
  using outcome = std::optional<refusal>;
  transact(
      "resize",
      [rules = rules_, ask](decision_tree& tree) {
        return locks::resize(tree, rules, ask.path, ask.permits);
      },
      [this, number = call.number](const decided<outcome>& reply) {
        if (reply.value == nullptr) return refuse(number, reply.error, reply.why);
        answer(number, *reply.value ? write_refused(method::resize, **reply.value)
                                    : write_done(method::resize));
      });
}

void lock_actor::proclaim(const recipe_call& call) {
  const auto ask = read_proclaim(call);
  using outcome = answer_or_refusal<holder>;
  transact(
      "proclaim",
      [rules = rules_, ask](decision_tree& tree) {
        return locks::proclaim(tree, rules, ask.by, ask.value);
      },
      [this, number = call.number](const decided<outcome>& reply) {
        if (reply.value == nullptr) return refuse(number, reply.error, reply.why);
        answer(number, reply.value->ok() ? write_done(method::proclaim)
                                         : write_refused(method::proclaim, reply.value->error()));
      });
}

void lock_actor::list_claims(const recipe_call& call) {
  const auto path = read_claims(call);
  using outcome = answer_or_refusal<std::vector<listed_claim>>;
  transact(
      "claims", [rules = rules_, path](decision_tree& tree) { return list(tree, rules, path); },
      [this, number = call.number](const decided<outcome>& reply) {
        if (reply.value == nullptr) return refuse(number, reply.error, reply.why);
        answer(number, reply.value->ok() ? write_claims(reply.value->value())
                                         : write_refused(method::claims, reply.value->error()));
      });
}

}  // namespace locks
