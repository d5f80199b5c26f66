#include "actors/gateway/rpc/codec/link_context.hpp"

#include "actors/gateway/rpc/core/pages.hpp"

namespace troupe::rpc::codec {

void link_context::answer(std::unique_ptr<target> to, finished_batch&& with) {
  if (board && waiting.empty() && has_room()) return answer_now(*to, std::move(with));
  waiting.emplace_back(std::move(to), std::move(with));
}

void link_context::answer_waiting() {
  while (!waiting.empty() && has_room()) {
    auto next = std::move(waiting.front());
    waiting.pop_front();
    answer_now(*next.first, std::move(next.second));
  }
}

void link_context::answer_now(target& to, finished_batch&& with) {
  for (const auto& one : with.outcomes)
    promised_bytes += size_of(one);
  to.answer(std::move(with));
}

}  // namespace troupe::rpc::codec
