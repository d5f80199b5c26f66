/// What the tests of the decisions share.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/release.hpp"
#include "core/semaphore.hpp"
#include "small_tree.hpp"

namespace locks::test {

/// A mount at /locks with a tree. Each call is a transaction.
struct world {
  explicit world(dialect how = dialect::curator) { rules = {"/locks", how, 100, 100}; }

  acquire_ask ask(troupe::session_id session, const std::string& path, claim_kind kind,
                  bool wait = true, const std::string& owner = "") {
    return {{{path, kind}}, {session, owner}, ++requests, owner, wait};
  }
  answer_or_refusal<std::vector<taken>> acquire(const acquire_ask& wish) {
    return tree.run([&](auto& t) -> answer_or_refusal<std::vector<taken>> {
      auto checked = canonical(rules, wish);
      if (!checked) return checked.error();
      return locks::acquire(t, rules, *checked);
    });
  }
  /// The single lock of an ask that is not refused.
  taken take(const acquire_ask& wish) {
    const auto all = acquire(wish);
    return all.value().front();
  }
  taken mutex(troupe::session_id session, const std::string& path = "/locks/a") {
    return take(ask(session, path, claim_kind::mutex));
  }
  answer_or_refusal<release_done> release(troupe::session_id session, const taken& what) {
    return tree.run([&](auto& t) {
      return locks::release(t, rules, {what.path, session, what.token});
    });
  }
  std::vector<holder> holders(const std::string& path = "/locks/a") {
    return look(tree, rules, path).value().holders;
  }

  mount_rules rules;
  small_tree tree;
  std::uint64_t requests = 0;
};

template <class T>
refusal_kind kind_of(const answer_or_refusal<T>& answer) {
  return answer.error().kind;
}

}  // namespace locks::test
