#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/sdk/options.hpp>

namespace troupe::sdk {

/// What a component gets to start with, and what it hands back. Defined in
/// <troupe/sdk/component_context.hpp>, so that declaring and checking types needs no actors.
struct component_context;
struct component_instance;

/// Makes the component's actor on its reactor. Called once per start, in wiring order, after all
/// checks of the deployment have passed.
using component_factory = std::function<component_instance(component_context&)>;

/// Looks at all options of one component together; each may be assumed to be valid by itself.
/// Pure: it runs during `troupe check` and must touch neither files nor sockets.
using option_check = std::function<std::vector<option_problem>(const option_values&)>;

/// The same for what depends on which server it is: one deployment file may be for all of them.
/// Runs after the `option_check`, if that finds nothing.
using server_check = std::function<std::vector<option_problem>(const option_values&, server_id)>;

/// What happens when a component fails.
enum class failure_policy {
  stop_node,  ///< Its truth is on disk: stop the process cleanly and recover at the next start.
  restart,    ///< Start it again with back-off, and everything that depends on it.
  /// Like restart, but the deployment is ready without it, and it is tried again however often it
  /// fails, also at the start: for what only shows others, and must never take them down.
  dispensable,
};

/// A role and the version of its contract. Two components fit when both are equal.
struct role_ref {
  std::string name;
  int version = 1;
  friend bool operator==(const role_ref&, const role_ref&) = default;
};

/// A role that a component cannot (or, if `optional`, can) do without.
struct need {
  std::string wire;  ///< Name under `wires:` and in the component's code.
  role_ref role;
  bool optional = false;  ///< Left unwired, without an error, when nobody gives the role.
};

/// Everything the composition knows about a kind of component.
struct component_type {
  std::string name;     ///< `room.variant`, such as `storage.wal`.
  std::string summary;  ///< One line for people.
  role_ref gives;
  std::vector<need> needs = {};
  std::vector<option_spec> options = {};  ///< In the order shown to people.
  failure_policy on_failure = failure_policy::stop_node;
  component_factory factory = {};
  option_check check = {};  ///< May be empty.
  /// Name of the plugin that brought the type, empty for a built-in one. The loader sets it,
  /// whatever the plugin wrote here.
  std::string plugin = {};
  server_check check_for_server = {};  ///< May be empty.
};

/// "did you mean": the candidate nearest to a mistyped word, or an empty string if none is near.
/// Ties go to the first in order.
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

/// The component types a program knows. Filled once, by an explicit list, before a deployment is
/// read; afterwards read only, so it may be shared between threads.
class catalog {
public:
  /// Adds a type.
  /// @throws std::invalid_argument when the name is taken or the declaration contradicts itself
  ///         (two options or wires of one name, an option called `type`, `on` or `wires`).
  void add(component_type type);

  /// The type of this name, or null. The pointer lives as long as the catalog.
  const component_type* find(std::string_view name) const;

  /// All types, sorted by name.
  std::vector<const component_type*> all() const;

  /// Names of all types that give a role, sorted; any version.
  std::vector<std::string> givers_of(std::string_view role) const;

  /// The known type name nearest to a mistyped one, or an empty string.
  std::string suggest(std::string_view name) const;

private:
  std::map<std::string, component_type, std::less<>> types_;
};

}  // namespace troupe::sdk
