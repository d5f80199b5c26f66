#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/cli/native_session.hpp"
#include "runtime/cli/shell/shell.hpp"
#include "runtime/cli/shell/verbs.hpp"
#include "runtime/compose/plan_load.hpp"

namespace troupe::cli {

/// Exit codes of the program.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failure = 1;      ///< Something went wrong while running.
inline constexpr int exit_usage = 2;        ///< The command line or the deployment is wrong.
inline constexpr int exit_refused = 3;      ///< The server refused the operation.
inline constexpr int exit_unreachable = 4;  ///< No server answered, or the session was lost.

/// What the commands look at besides their own options, so that tests can replace it.
struct surroundings {
  const sdk::catalog& types;
  std::vector<std::string> preferred;                        ///< See `compose::all_options`.
  std::vector<std::pair<std::string, std::string>> formats;  ///< Name and version, for `version`.
  config::environment variables;
  std::ostream& out;
  std::ostream& err;
  /// How commands that work on a tree reach one.
  std::function<std::unique_ptr<session>(const connect_request&)> connect = connect_native;
  /// Where the shell's lines come from; empty: there are none.
  std::function<ask_line(session&)> lines = {};
};

/// A deployment named on the command line.
struct deployment_request {
  std::string path;
  std::vector<std::string> settings;     ///< The values of `--set`, in order.
  std::vector<std::string> plugin_path;  ///< Directories of `--plugin-path`, in order.
};

/// Plugins named on the command line.
struct plugin_request {
  std::vector<std::string> plugins;      ///< Names or paths of `--plugin`.
  std::vector<std::string> directories;  ///< Those of `--plugin-path`.
};

/// `describe`'s own options.
struct describe_request {
  std::string type;             ///< Empty for an overview of all types.
  std::string format = "text";  ///< Or `yaml`.
  bool all_options = false;     ///< Print the text of configs/all-options.yaml instead.
  plugin_request plugins;       ///< Whose types are shown as well.
};

/// What all commands have in common that work on a tree.
struct tree_request {
  std::string servers;                  ///< HOST:PORT, several by commas; empty: the default
  std::vector<std::string> identities;  ///< SCHEME:SECRET of `--auth`
  double timeout_s = 10;
  bool json = false;
};

/// Each command prints to `out`, or its errors to `err`, and returns an exit code.
int run(const deployment_request& request, const surroundings& around);
int check(const deployment_request& request, const surroundings& around);
/// @param format `mermaid` or `dot`.
int graph(const deployment_request& request, const std::string& format, const surroundings& around);
int describe(const describe_request& request, const surroundings& around);
int version(const plugin_request& plugins, const surroundings& around);
/// Connects and does what `wanted` says, or is a shell if that is empty.
int work_on_tree(const tree_request& request, const job& wanted, const surroundings& around);

/// Parses the command line and carries out its command.
int main_program(int argc, const char* const* argv, const surroundings& around);

}  // namespace troupe::cli
