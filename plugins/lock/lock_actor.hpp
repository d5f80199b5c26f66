/// The component: a thin actor around the desk and the decisions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <troupe/sdk/recipe.hpp>

#include "codec/locks_codec.hpp"
#include "core/desk.hpp"
#include "core/leases.hpp"

namespace locks {

/// Serves the interface Locks.
class lock_actor final : public troupe::sdk::recipe_actor {
public:
  lock_actor(caf::actor_config& config, troupe::sdk::reactor_unit& home,
             troupe::sdk::component_context& context);

  void on_exit() override;
  const char* name() const override { return "recipe.lock"; }

protected:
  void on_leader(bool leading) override;
  void on_change(const troupe::sdk::recipe_change& change) override;
  void on_cancel(std::uint64_t call) override;
  void on_forget(std::uint64_t call) override;
  void on_released(std::uint64_t capability) override;
  void add_facts(std::vector<std::pair<std::string, std::string>>& facts) override;

private:
  struct waiting_call {
    method of = method::acquire;
    std::string path;  ///< of permits
    troupe::session_id session;
    std::uint64_t request = 0;
    troupe::sdk::timer limit;
  };
  // The handlers of calls that may wait.
  void acquire(const troupe::sdk::recipe_call& call);
  void acquire_permits(const troupe::sdk::recipe_call& call);
  void begin_wait(std::uint64_t call, waiting_call what, std::int64_t timeout_ms);
  void carry_out();
  void answer_call(const desk::answer& one);
  void decide_again(std::uint64_t ticket, const desk_ask& ask);

  // lock_calls.cpp: the others.
  void serve_all();
  void release(const troupe::sdk::recipe_call& call);
  void release_permits(const troupe::sdk::recipe_call& call);
  void transfer(const troupe::sdk::recipe_call& call);
  void revoke(const troupe::sdk::recipe_call& call);
  void resize(const troupe::sdk::recipe_call& call);
  void proclaim(const troupe::sdk::recipe_call& call);
  void list_claims(const troupe::sdk::recipe_call& call);
  void give_back(const release_ask& ask, bool permits, std::uint64_t call);
  std::uint64_t new_lease(lease what);

  const mount_rules rules_;
  desk desk_;
  std::map<std::uint64_t, waiting_call> waiting_;
  lease_book leases_;
  std::uint64_t next_lease_ = 1;
  std::uint64_t lead_ = 0;                               ///< counts the times that this server led
  std::map<std::uint64_t, troupe::sdk::timer> retries_;  ///< by ticket
  const troupe::sdk::counter granted_, refused_, deadlocks_;
  const troupe::sdk::gauge waits_;
};

/// As a call of the recipe that did not come to pass.
refusal refusal_of(troupe::error_code error, const std::string& why);

}  // namespace locks
