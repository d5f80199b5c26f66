/// Numbers for monitoring: what a component counts and measures, shown at `/metrics`.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace troupe::sdk {

/// A number that only grows. A handle: copies count together; it may outlive the deployment. One
/// that was made by itself counts, but is shown nowhere. Safe from any thread, without a lock;
/// where a request must cost nothing, count in a plain variable and hand it over once per batch, or
/// when the component is asked for its status, which happens before every scrape.
class counter {
public:
  void add(std::uint64_t n = 1) const noexcept { value_->fetch_add(n, std::memory_order_relaxed); }
  /// Takes over a total that is counted elsewhere. Not together with `add`.
  void advance_to(std::uint64_t total) const noexcept {
    value_->store(total, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t value() const noexcept {
    return value_->load(std::memory_order_relaxed);
  }

private:
  std::shared_ptr<std::atomic<std::uint64_t>> value_ =
      std::make_shared<std::atomic<std::uint64_t>>(0);
};

/// A number that goes up and down. Otherwise like `counter`.
class gauge {
public:
  void set(double value) const noexcept { value_->store(value, std::memory_order_relaxed); }
  void set(std::uint64_t value) const noexcept { set(static_cast<double>(value)); }
  [[nodiscard]] double value() const noexcept { return value_->load(std::memory_order_relaxed); }

private:
  std::shared_ptr<std::atomic<double>> value_ = std::make_shared<std::atomic<double>>(0.0);
};

/// How often a measured value was at most each of some bounds. Otherwise like `counter`.
class histogram {
public:
  /// `bounds` in ascending order; a last bucket without a bound is added.
  explicit histogram(std::vector<double> bounds = {});

  /// Counts `value`, `times` times: a batch of equal values costs as much as one.
  void observe(double value, std::uint64_t times = 1) const noexcept;
  /// Takes over what is counted elsewhere: one count per bound and one for the rest, and the sum of
  /// all values. Not together with `observe`. What does not fit the bounds is left out.
  void advance_to(std::span<const std::uint64_t> counts, double sum) const noexcept;

  [[nodiscard]] const std::vector<double>& bounds() const noexcept { return state_->bounds; }
  /// By bucket, not cumulative.
  [[nodiscard]] std::vector<std::uint64_t> counts() const;
  [[nodiscard]] double sum() const noexcept { return state_->sum.load(std::memory_order_relaxed); }

private:
  struct state {
    explicit state(std::vector<double> all)
        : bounds(std::move(all)),
          counts(std::make_unique<std::atomic<std::uint64_t>[]>(bounds.size() + 1)) {}
    const std::vector<double> bounds;
    std::unique_ptr<std::atomic<std::uint64_t>[]> counts;
    std::atomic<double> sum{0.0};
  };
  std::shared_ptr<state> state_;
};

/// Name and value, such as {"reason", "limit"}. Values that a client can choose do not belong here:
/// every new one is a new series for ever.
using metric_labels = std::vector<std::pair<std::string, std::string>>;

/// Where a component gets its counters and gauges. Each series carries the labels `component`,
/// `type` and, if the type comes from a plugin, `plugin`, besides those given. Asking again for the
/// same series gives the same, so that a component that is made anew goes on counting.
///
/// Names are Prometheus's: snake_case with the unit last (`_seconds`, `_bytes`), counters end in
/// `_total`; plugins begin theirs with their own name. `help` is one sentence.
/// Each call throws `std::logic_error` for a name that is none, and when the same name was used
/// with another kind, help or bounds: a mistake in the component. Safe from any thread; meant for
/// constructors.
class metrics {
public:
  virtual ~metrics() = default;
  virtual sdk::counter counter(const std::string& name, const std::string& help,
                               const metric_labels& labels = {}) = 0;
  virtual sdk::gauge gauge(const std::string& name, const std::string& help,
                           const metric_labels& labels = {}) = 0;
  virtual sdk::histogram histogram(const std::string& name, const std::string& help,
                                   std::vector<double> bounds,
                                   const metric_labels& labels = {}) = 0;

  /// Metrics that nobody looks at: for components that are made outside of a deployment.
  static std::shared_ptr<metrics> unseen();
};

/// Bounds for times from 50 microseconds to 10 seconds.
inline constexpr std::array<double, 17> latency_bounds_seconds{
    0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
    0.05,    0.1,    0.25,    0.5,    1.0,   2.5,    5.0,   10.0};

}  // namespace troupe::sdk
