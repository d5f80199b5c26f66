// Between this server's session component and those of the others.
#include <utility>

#include "actors/broadcast/zab_actor.hpp"

namespace troupe::broadcast {

namespace effect = zab::effect;

void zab_actor::carry_out(effect::session_claims& wanted) {
  if (sessions_.pointer())
    sessions_.send(role::broadcast::claims_asked{wanted.from, std::move(wanted.claims)});
}

void zab_actor::carry_out(effect::session_answers& wanted) {
  if (sessions_.pointer())
    sessions_.send(role::broadcast::claims_answered{std::move(wanted.answers)});
}

void zab_actor::carry_out(effect::sessions_moved& wanted) {
  if (sessions_.pointer())
    sessions_.send(role::broadcast::sessions_moved{std::move(wanted.sessions)});
}

}  // namespace troupe::broadcast
