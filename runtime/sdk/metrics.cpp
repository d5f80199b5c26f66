#include <troupe/sdk/metrics.hpp>

#include <algorithm>

namespace troupe::sdk {

histogram::histogram(std::vector<double> bounds)
    : state_(std::make_shared<state>(std::move(bounds))) {}

void histogram::observe(double value, std::uint64_t times) const noexcept {
  const auto& bounds = state_->bounds;
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), value) - bounds.begin();
  state_->counts[static_cast<std::size_t>(bucket)].fetch_add(times, std::memory_order_relaxed);
  state_->sum.fetch_add(value * static_cast<double>(times), std::memory_order_relaxed);
}

void histogram::advance_to(std::span<const std::uint64_t> counts, double sum) const noexcept {
  const auto most = std::min(counts.size(), state_->bounds.size() + 1);
  for (std::size_t i = 0; i < most; ++i)
    state_->counts[i].store(counts[i], std::memory_order_relaxed);
  state_->sum.store(sum, std::memory_order_relaxed);
}

std::vector<std::uint64_t> histogram::counts() const {
  std::vector<std::uint64_t> all;
  for (std::size_t i = 0; i <= state_->bounds.size(); ++i)
    all.push_back(state_->counts[i].load(std::memory_order_relaxed));
  return all;
}

}  // namespace troupe::sdk
