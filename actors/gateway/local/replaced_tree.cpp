// When the tree was replaced as a whole by a snapshot of the leader.
#include <utility>

#include "actors/gateway/local/local_gateway.hpp"

namespace troupe::local {

namespace coordinator = role::coordinator;

/// What was asked for before may never be answered: reads that waited for a write went with the
/// tree, and the outcomes of writes may be part of it. Some writes are still to be done.
void local_gateway::begin_anew(zxid seen) {
  for (const auto& [sequence, request] : std::exchange(pending_, {}))
    give_up(request);
  for (auto& [number, one] : clients_) {
    one.last_write = 0;
    if (one.watches.empty()) continue;
    const auto sequence = next_sequence_++;
    pending_[sequence] = {0, 0, kind::read, 0, {}, {}};
    role::tree::read again{number_, {}};
    again.requests.push_back({sequence, 0, number, {}, one.watches_as, one.watches.again(seen)});
    tree_.send(std::move(again));
  }
  if (stopping_ && all_answered()) finish();
}

void local_gateway::give_up(const pending& request) {
  auto* const asking = find(request.client);
  if (!asking) return;
  constexpr auto unknown = error_code::operation_timeout;
  if (request.kind == kind::open)
    return tell(*asking, coordinator::opened{request.token, unknown, {}, {}});
  if (request.kind == kind::transact)
    return tell(*asking, decided{request.to, {request.token, serving_.applied, unknown, {}}});
  if (request.kind == kind::write) {
    std::vector<write_result> results(request.results, write_result{unknown, {}, {}});
    return tell(*asking, coordinator::wrote{request.token, serving_.applied, std::move(results)});
  }
  read_result nothing;
  nothing.error = unknown;
  tell(*asking, coordinator::read_done{request.token, serving_.applied, std::move(nothing)});
}

}  // namespace troupe::local
