/// All metrics of one deployment, and their text for Prometheus.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <troupe/sdk/metrics.hpp>

namespace troupe::observe {

/// A value that is looked up when the text is made, such as the memory of the process.
struct sample {
  std::string name;
  std::string help;
  bool counts = false;  ///< a counter, not a gauge
  double value = 0;
};

/// Families and series by name. Safe from any thread. Belongs to a deployment, never to the
/// process, because one process can have several deployments.
class metric_registry {
public:
  metric_registry();
  ~metric_registry();

  /// Metrics whose series all carry these labels. May outlive the registry.
  std::shared_ptr<sdk::metrics> with_labels(sdk::metric_labels labels);

  /// Prometheus's text format, version 0.0.4, families sorted by name; `more` are added to them.
  [[nodiscard]] std::string text(const std::vector<sample>& more = {}) const;

private:
  struct state;
  const std::shared_ptr<state> state_;
  class view;
};

}  // namespace troupe::observe
