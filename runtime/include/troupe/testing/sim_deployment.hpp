/// A deployment for the simulator, from the text of a deployment file.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <troupe/sdk/component_type.hpp>

namespace troupe::compose {
struct plan;
}  // namespace troupe::compose

namespace troupe::testing {

/// Reads and checks a deployment as the program does, and keeps what a simulated server runs. It
/// must outlive the servers that were started with it.
class sim_deployment {
public:
  /// @param yaml the text of the file. Paths of plugins are relative to the working directory, and
  ///        environment variables are not seen.
  /// @param add puts types beside the built-in ones: those of the plugin under test, without
  ///        loading a library, or types that only the test knows.
  /// @throws std::invalid_argument with all errors, as `troupe check` would print them.
  explicit sim_deployment(std::string yaml, const std::function<void(sdk::catalog&)>& add = {});
  ~sim_deployment();

  sim_deployment(const sim_deployment&) = delete;
  sim_deployment& operator=(const sim_deployment&) = delete;

  /// For `sim_server::start`.
  [[nodiscard]] const compose::plan& plan() const;

private:
  struct state;
  std::unique_ptr<const state> state_;
};

}  // namespace troupe::testing
