#include "actors/broadcast/core/local_order.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <troupe/base/check.hpp>

namespace troupe::broadcast {

void local_order::start_after(zxid last) {
  TROUPE_CHECK(waiting_.empty(), "a new history begins with nothing in flight");
  last_proposed_ = last;
  committed_ = last;
}

void local_order::proposed(std::vector<proposal> proposals, std::uint64_t round) {
  for (auto& one : proposals) {
    if (const auto* txn = std::get_if<encoded_txn>(&one)) {
      TROUPE_CHECK(follows(last_proposed_, txn->zxid), "proposals have no gap");
      last_proposed_ = txn->zxid;
      appends_.push_back(*txn);
    }
    waiting_.push_back({std::move(one), round});
  }
}

bool local_order::may_leave(const waiting& one) const noexcept {
  if (const auto* txn = std::get_if<encoded_txn>(&one.what)) return txn->zxid <= committed_;
  // What a quorum has taken from here after a refusal confirms it as well.
  return one.round <= confirmed_ || committed_ > std::get<verdict>(one.what).after;
}

void local_order::persisted(zxid through) {
  TROUPE_CHECK(through <= last_proposed_, "only what was proposed can be durable");
  committed_ = std::max(committed_, through);
}

std::vector<local_order::proposal> local_order::withdraw() {
  std::vector<proposal> withdrawn;
  withdrawn.reserve(waiting_.size());
  for (auto& one : waiting_)
    withdrawn.push_back(std::move(one.what));
  waiting_.clear();
  appends_.clear();
  last_proposed_ = committed_;
  return withdrawn;
}

std::size_t local_order::waiting_syncs() const {
  return static_cast<std::size_t>(
      std::count_if(waiting_.begin(), waiting_.end(), [](const waiting& one) {
        const auto* answer = std::get_if<verdict>(&one.what);
        // Nothing else is answered with success although there is no transaction.
        return answer && answer->kind == txn_kind::create && answer->results.size() == 1 &&
               answer->results.front().error == error_code::ok;
      }));
}

std::vector<encoded_txn> local_order::take_appends() { return std::exchange(appends_, {}); }

std::vector<local_order::proposal> local_order::take_deliveries() {
  std::vector<proposal> deliveries;
  while (!waiting_.empty() && may_leave(waiting_.front())) {
    deliveries.push_back(std::move(waiting_.front().what));
    waiting_.pop_front();
  }
  return deliveries;
}

}  // namespace troupe::broadcast
