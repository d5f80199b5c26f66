// Which sessions the leader of an ensemble may give up.
#include <algorithm>

#include "actors/session/session_actor.hpp"

namespace troupe::session {

namespace {

/// Of its timeout, a client may be silent for so long before it looks for another server.
constexpr int signs_of_life = 3;

/// Whether what the server's clients said in the last `limit` is known here. One that came back
/// within that time may not have told yet what it heard before.
bool is_heard(const role::broadcast::learner& one, milliseconds limit) {
  return one.synced && one.silence < limit && one.synced_for >= limit;
}

bool all_heard(const role::broadcast::inspection& around, milliseconds limit) {
  const auto heard = std::count_if(around.learners.begin(), around.learners.end(),
                                   [&](const auto& one) { return is_heard(one, limit); });
  return static_cast<std::size_t>(heard) + 1 >= around.voters.size() + around.observers.size();
}

}  // namespace

/// A member that is cut off goes on answering its clients until it notices, and nothing that it
/// heard arrives here. So before a session is given up, the broadcast is asked who is heard.
void session_actor::ask_who_is_heard() {
  if (asking_) return;
  asking_ = true;
  broadcast_.send(role::broadcast::inspect{self<role::broadcast::asker>(), 0});
}

/// Its clients have to find out, and to come back elsewhere: for that they get the shortest timeout
/// of all. Of sessions whose server is not known, because this leader is new, it may be any.
void session_actor::expire_unless_unheard(const role::broadcast::inspection& around) {
  asking_ = false;
  if (!leading_) return;
  const auto unheard = [&](const session_record& one) {
    const auto limit = one.timeout / signs_of_life;
    if (one.owner.server == server_) return false;
    if (one.owner.server == server_id{}) return !all_heard(around, limit);
    return std::none_of(around.learners.begin(), around.learners.end(), [&](const auto& learner) {
      return learner.server == one.owner.server && is_heard(learner, limit);
    });
  };
  close_all(deadlines_.expire(clock_.now(), unheard, shortest_));
  schedule();
}

}  // namespace troupe::session
