#include <troupe/embed/deployment.hpp>

#include "runtime/compose/plan_load.hpp"
#include "runtime/embed/builtins.hpp"
#include "runtime/embed/engine.hpp"

namespace troupe::embed {
namespace {

compose::plan read(const yaml& what, const settings& added) {
  const auto variables = added.variables ? added.variables : config::process_environment();
  auto result = what.content() ? compose::load_text(what.name(), *what.content(), added.overrides,
                                                    variables, added.types, added.plugin_path)
                               : compose::load_file(what.name(), added.overrides, variables,
                                                    added.types, added.plugin_path);
  if (!result.value) throw invalid_deployment{result.errors};
  return *std::move(result.value);
}

}  // namespace

sdk::catalog builtin_types() {
  sdk::catalog types;
  register_builtin_types(types);
  return types;
}

deployment::deployment(caf::actor_system& system, const yaml& what, settings added) {
  auto plan = read(what, added);  // points into the catalog, also when that has moved
  engine_ = std::make_shared<engine>(system, std::move(added), std::move(plan));
  engine_->start();
}

deployment::~deployment() {
  if (engine_) engine_->abandon();
}

deployment::deployment(deployment&&) noexcept = default;

deployment& deployment::operator=(deployment&& other) noexcept {
  if (this == &other) return *this;
  if (engine_) engine_->abandon();
  engine_ = std::move(other.engine_);
  return *this;
}

std::shared_future<std::optional<failure>> deployment::ready() const { return engine_->ready(); }

void deployment::request_stop() { engine_->request_stop(); }

outcome deployment::stop() { return engine_->stop(engine_->patience()); }

outcome deployment::stop(nanoseconds within) { return engine_->stop(within); }

std::shared_future<outcome> deployment::ended() const { return engine_->ended(); }

role::coordinator::actor deployment::coordinator(const std::string& name) const {
  return engine_->coordinator(name);
}

std::future<std::vector<component_status>> deployment::status() const { return engine_->status(); }

}  // namespace troupe::embed
