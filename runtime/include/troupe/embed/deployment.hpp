/// A deployment inside an application that has a caf::actor_system of its own.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/result.hpp>
#include <troupe/base/time.hpp>
#include <troupe/roles/coordinator.hpp>
#include <troupe/sdk/component_type.hpp>

namespace caf {
class actor_system;
}  // namespace caf

namespace troupe::embed {

/// Every mistake of a deployment's description at once, as `troupe check` prints them: file, line,
/// column, the line itself with a caret, and what to do. Nothing was started.
class invalid_deployment : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The component types that come with Troupe. An application adds its own:
/// `auto types = builtin_types(); types.add(my_type());`
sdk::catalog builtin_types();

/// The description of a deployment, in the format of docs/deployment-file.md.
class yaml {
public:
  static yaml file(std::string path) { return {std::move(path), std::nullopt}; }
  /// `name` is what messages call the text.
  static yaml text(std::string content, std::string name = "embedded") {
    return {std::move(name), std::move(content)};
  }

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  /// Nothing if it is to be read from the file `name`.
  [[nodiscard]] const std::optional<std::string>& content() const noexcept { return content_; }

private:
  yaml(std::string name, std::optional<std::string> content)
      : name_(std::move(name)), content_(std::move(content)) {}
  std::string name_;
  std::optional<std::string> content_;
};

/// How a deployment ended.
struct outcome {
  bool clean = true;
  /// A component did not end. Its thread goes on, the data directory may still be in use, and the
  /// actor system cannot end before the thread does; all that is left is to end the process soon.
  bool stuck = false;
  std::string reason;  ///< why, if not clean: component and sentence
};

/// A component with what it says of itself; names in snake_case with units last.
struct component_status {
  std::string name, type;
  bool ready = false;
  std::uint32_t restarts = 0;
  std::vector<std::pair<std::string, std::string>> facts;
};

/// What an application may add to a deployment's description.
struct settings {
  /// Values over those of the file, as after `--set`: "clients.listen=127.0.0.1:0".
  std::vector<std::string> overrides = {};
  /// All types that the description may name. Copied, so one catalog may serve many deployments.
  sdk::catalog types = builtin_types();
  /// Directories where plugins are looked for before all others.
  std::vector<std::string> plugin_path = {};
  /// Looks up `${NAME}`; the environment of the process if empty.
  std::function<std::optional<std::string>(const std::string&)> variables = {};
  /// Called once, on the deployment's thread, when every component works. Must be quick. Neither
  /// of the two may throw; what they throw is logged.
  std::function<void()> on_ready = {};
  /// Called once, on the deployment's thread, when it has ended, for whatever reason: a stop, or
  /// the failure of a component. The deployment may be destroyed in it.
  std::function<void(const outcome&)> on_ended = {};
  /// How long the destructor, and `stop` without an argument, wait.
  nanoseconds stop_within = std::chrono::minutes{1};
};

class engine;

/// Starts, watches and stops a deployment on threads of its own: one per reactor, and what its
/// components need for blocking work. Any number of them may run in one process, with different
/// data directories and ports, on one actor system or several. All members may be called from any
/// thread.
///
/// It leaves the process alone: no signal handler, no exit, no log level. Its threads take none of
/// the process's signals. Destroy it before its actor system; an actor system that goes first says
/// so in the log and waits until the deployment is stopped.
class deployment {
public:
  /// Checks everything, then starts. Does not wait until the components work: see `ready`.
  /// @throws invalid_deployment with every mistake of the description.
  deployment(caf::actor_system& system, const yaml& what, settings added = {});
  /// Stops it, if that is not done yet, and joins its threads. Threads of stuck components are left
  /// behind after `stop_within`, with an event in the log. On the deployment's own thread it only
  /// asks for the stop.
  ~deployment();

  deployment(deployment&&) noexcept;
  deployment& operator=(deployment&&) noexcept;

  /// Nothing, as soon as every component works; or why it will not come to that.
  [[nodiscard]] std::shared_future<std::optional<failure>> ready() const;
  /// Waits for it.
  std::optional<failure> wait_ready() const { return ready().get(); }

  /// Asks it to stop, and returns at once; `on_ended` and `ended` tell the rest.
  void request_stop();
  /// Stops the components in reverse wiring order, each with a deadline, and waits until threads,
  /// ports and the data directory are given back. What clients have asked for before is answered.
  /// Harmless when it has ended already. When `within` is over, the outcome says `stuck`; the stop
  /// goes on, and may be waited for again.
  /// @throws std::logic_error on the deployment's own thread, for example in `on_ready`.
  outcome stop();
  outcome stop(nanoseconds within);
  /// How it ended, as soon as it has.
  [[nodiscard]] std::shared_future<outcome> ended() const;

  /// The component with role coordinator, for actors of this process: troupe/roles/coordinator.hpp.
  /// Waits until the components are made, not until they work. Empty when the deployment has ended.
  /// A coordinator that fails is made anew; who monitors it asks here again. For plain threads see
  /// troupe/embed/client.hpp.
  /// @throws std::invalid_argument when there is none, or several and `name` is empty, or no
  ///         coordinator of this name.
  [[nodiscard]] role::coordinator::actor coordinator(const std::string& name = {}) const;

  /// The state of every component, as soon as all have answered; empty when the deployment has
  /// ended.
  [[nodiscard]] std::future<std::vector<component_status>> status() const;

private:
  friend class client;
  std::shared_ptr<engine> engine_;
};

}  // namespace troupe::embed
