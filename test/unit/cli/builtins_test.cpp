#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "runtime/compose/describe.hpp"
#include "runtime/compose/plan_load.hpp"
#include "runtime/embed/builtins.hpp"

using namespace troupe;

namespace {

const auto no_variables = [](const std::string&) { return std::optional<std::string>{}; };

sdk::catalog builtin_types() {
  sdk::catalog types;
  register_builtin_types(types);
  return types;
}

TEST_CASE("every built-in type can be started", "[cli]") {
  const auto types = builtin_types();
  CHECK(types.all().size() >= 7);
  for (const auto* type : types.all()) {
    INFO(type->name);
    CHECK(static_cast<bool>(type->factory));
  }
}

TEST_CASE("every configuration that comes with the program passes its checks", "[cli]") {
  const auto types = builtin_types();
  for (const auto* name : {"single", "memory", "all-options"}) {
    const auto path = std::string{"configs/"} + name + ".yaml";
    const auto result = compose::load_file(path, {}, no_variables, types);
    INFO(result.errors);
    CHECK(result.value);
  }
}

TEST_CASE("configs/all-options.yaml is what `troupe describe --all-options` prints", "[cli]") {
  std::ifstream file("configs/all-options.yaml");
  std::ostringstream text;
  text << file.rdbuf();
  CHECK(text.str() == compose::all_options(builtin_types(), preferred_builtin_types()));
}

}  // namespace
