#include "runtime/observe/metric_registry.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <variant>

#include <prometheus/check_names.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace troupe::observe {
namespace {

using instrument = std::variant<sdk::counter, sdk::gauge, sdk::histogram>;

prometheus::MetricType type_of(const instrument& one) {
  constexpr prometheus::MetricType types[] = {prometheus::MetricType::Counter,
                                              prometheus::MetricType::Gauge,
                                              prometheus::MetricType::Histogram};
  return types[one.index()];
}

void fill(prometheus::ClientMetric& into, const sdk::counter& from) {
  into.counter.value = static_cast<double>(from.value());
}

void fill(prometheus::ClientMetric& into, const sdk::gauge& from) {
  into.gauge.value = from.value();
}

void fill(prometheus::ClientMetric& into, const sdk::histogram& from) {
  const auto counts = from.counts();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    total += counts[i];
    const bool last = i == from.bounds().size();
    into.histogram.bucket.push_back(
        {total, last ? std::numeric_limits<double>::infinity() : from.bounds()[i]});
  }
  into.histogram.sample_count = total;
  into.histogram.sample_sum = from.sum();
}

[[noreturn]] void mistake(const std::string& name, const std::string& what) {
  throw std::logic_error("metric " + name + ": " + what);
}

void check_names(const std::string& name, const sdk::metric_labels& labels) {
  if (!prometheus::CheckMetricName(name)) mistake(name, "this is no name for a metric");
  for (auto one = labels.begin(); one != labels.end(); ++one) {
    if (!prometheus::CheckLabelName(one->first)) mistake(name, "no label name: " + one->first);
    if (std::any_of(labels.begin(), one, [&](const auto& b) { return b.first == one->first; }))
      mistake(name, "the label " + one->first + " is given twice");
  }
}

}  // namespace

struct metric_registry::state {
  struct family {
    std::string help;
    std::map<sdk::metric_labels, instrument> series;
  };

  template <class T>
  T get(const std::string& name, const std::string& help, const sdk::metric_labels& labels,
        T made) {
    check_names(name, labels);
    const std::lock_guard guard{mutex};
    auto& target = families.try_emplace(name, family{help, {}}).first->second;
    if (target.help != help) mistake(name, "it has another help text elsewhere");
    if (!target.series.empty()) check_same(name, target.series.begin()->second, made);
    return std::get<T>(target.series.try_emplace(labels, std::move(made)).first->second);
  }

  template <class T>
  static void check_same(const std::string& name, const instrument& first, const T& made) {
    const auto* same = std::get_if<T>(&first);
    if (!same) mistake(name, "it is of another kind elsewhere");
    if constexpr (std::is_same_v<T, sdk::histogram>) {
      if (same->bounds() != made.bounds()) mistake(name, "it has other bounds elsewhere");
    }
  }

  mutable std::mutex mutex;
  std::map<std::string, family> families;
};

class metric_registry::view final : public sdk::metrics {
public:
  view(std::shared_ptr<state> all, sdk::metric_labels labels)
      : all_(std::move(all)), labels_(std::move(labels)) {}

  sdk::counter counter(const std::string& name, const std::string& help,
                       const sdk::metric_labels& labels) override {
    if (!name.ends_with("_total")) mistake(name, "a counter's name ends in _total");
    return all_->get(name, help, with(labels), sdk::counter{});
  }
  sdk::gauge gauge(const std::string& name, const std::string& help,
                   const sdk::metric_labels& labels) override {
    return all_->get(name, help, with(labels), sdk::gauge{});
  }
  sdk::histogram histogram(const std::string& name, const std::string& help,
                           std::vector<double> bounds, const sdk::metric_labels& labels) override {
    if (!std::is_sorted(bounds.begin(), bounds.end())) mistake(name, "its bounds do not ascend");
    return all_->get(name, help, with(labels), sdk::histogram{std::move(bounds)});
  }

private:
  [[nodiscard]] sdk::metric_labels with(const sdk::metric_labels& more) const {
    auto all = labels_;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  const std::shared_ptr<state> all_;
  const sdk::metric_labels labels_;
};

metric_registry::metric_registry() : state_(std::make_shared<state>()) {}
metric_registry::~metric_registry() = default;

std::shared_ptr<sdk::metrics> metric_registry::with_labels(sdk::metric_labels labels) {
  return std::make_shared<view>(state_, std::move(labels));
}

std::string metric_registry::text(const std::vector<sample>& more) const {
  std::vector<prometheus::MetricFamily> all;
  {
    const std::lock_guard guard{state_->mutex};
    for (const auto& [name, family] : state_->families) {
      auto& shown = all.emplace_back();
      shown.name = name;
      shown.help = family.help;
      shown.type = type_of(family.series.begin()->second);
      for (const auto& [labels, one] : family.series) {
        auto& metric = shown.metric.emplace_back();
        for (const auto& [key, value] : labels)
          metric.label.push_back({key, value});
        std::visit([&](const auto& it) { fill(metric, it); }, one);
      }
    }
  }
  for (const auto& one : more) {
    auto& metric = all.emplace_back(prometheus::MetricFamily{
        one.name, one.help,
        one.counts ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge,
        std::vector<prometheus::ClientMetric>(1)});
    (one.counts ? metric.metric[0].counter.value : metric.metric[0].gauge.value) = one.value;
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  std::ostringstream text;
  prometheus::TextSerializer{}.Serialize(text, all);
  return std::move(text).str();
}

}  // namespace troupe::observe

namespace troupe::sdk {

std::shared_ptr<metrics> metrics::unseen() { return observe::metric_registry{}.with_labels({}); }

}  // namespace troupe::sdk
