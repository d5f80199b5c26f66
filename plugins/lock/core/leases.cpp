#include "core/leases.hpp"

namespace locks {

void lease_book::add(std::uint64_t number, lease what) {
  for (const auto& token : what.tokens)
    ++counts_[token];
  auto& newest = by_call_[{what.session, what.request}];
  const auto former = std::exchange(newest, number);
  leases_[number] = std::move(what);
  if (former != 0) drop(former);
}

std::vector<lease_book::given_back> lease_book::drop(std::uint64_t number) {
  const auto found = leases_.extract(number);
  if (found.empty()) return {};
  const auto& what = found.mapped();
  if (const auto newest = by_call_.find({what.session, what.request});
      newest != by_call_.end() && newest->second == number)
    by_call_.erase(newest);
  std::vector<given_back> free;
  for (const auto& token : what.tokens) {
    const auto count = counts_.find(token);
    if (--count->second > 0) continue;
    counts_.erase(count);
    free.push_back({{token.first, what.session, token.second}, what.permits});
  }
  return free;
}

void lease_book::clear() {
  leases_.clear();
  by_call_.clear();
  counts_.clear();
}

}  // namespace locks
