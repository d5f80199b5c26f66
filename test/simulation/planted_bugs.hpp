/// Bugs planted on purpose, to prove that the checkers find them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <troupe/sdk/component_type.hpp>

namespace troupe::test {

/// A bug: a built-in component type is made with this factory instead of its own. It exists only in
/// the test program; production code knows nothing of it.
struct planted_bug {
  std::string name;
  std::string type;     ///< the component type that is spoilt
  std::string finding;  ///< part of the violation that gives it away
  std::function<sdk::component_instance(sdk::component_context&, const sdk::component_factory&)>
      make;
};

const std::vector<planted_bug>& planted_bugs();

/// The built-in types, with `bug` in one of them.
sdk::catalog catalog_with(const planted_bug& bug);
/// The same with other types.
sdk::catalog catalog_with(const planted_bug& bug, const sdk::catalog& types);

}  // namespace troupe::test
