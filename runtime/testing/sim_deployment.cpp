#include <troupe/testing/sim_deployment.hpp>

#include <stdexcept>
#include <utility>

#include "runtime/compose/plan_load.hpp"
#include "runtime/embed/builtins.hpp"

namespace troupe::testing {

struct sim_deployment::state {
  sdk::catalog types;
  compose::plan plan;
};

sim_deployment::sim_deployment(std::string yaml, const std::function<void(sdk::catalog&)>& add) {
  auto made = std::make_unique<state>();
  register_builtin_types(made->types);
  if (add) add(made->types);
  const auto nothing = [](const std::string&) { return std::optional<std::string>{}; };
  auto loaded = compose::load_text("deployment", std::move(yaml), {}, nothing, made->types);
  if (!loaded.value) throw std::invalid_argument(loaded.errors);
  made->plan = std::move(*loaded.value);
  state_ = std::move(made);
}

sim_deployment::~sim_deployment() = default;

const compose::plan& sim_deployment::plan() const { return state_->plan; }

}  // namespace troupe::testing
