#include <exception>
#include <ostream>

#include <CLI/CLI.hpp>

#include <troupe/version.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/config/diagnostic.hpp"

namespace troupe::cli {

namespace {

/// `--name WORD`, any number of times.
void add_repeated(CLI::App& command, const std::string& name, const std::string& type_name,
                  std::vector<std::string>& values, const std::string& text) {
  command.add_option(name, values, text)
      ->type_name(type_name)
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->take_all();
}

void add_plugin_path(CLI::App& command, std::vector<std::string>& directories) {
  add_repeated(command, "--plugin-path", "DIR", directories,
               "Look for plugins here first; may be repeated");
}

/// The arguments that name plugins where there is no deployment.
void add_plugins(CLI::App& command, plugin_request& request) {
  add_repeated(command, "--plugin", "NAME|PATH", request.plugins,
               "Load this plugin as well; may be repeated");
  add_plugin_path(command, request.directories);
}

/// The arguments that name a deployment, the same for three commands.
void add_deployment(CLI::App& command, deployment_request& request) {
  command.add_option("CONFIG", request.path, "Deployment file")->required();
  add_repeated(command, "--set", "PATH=VALUE", request.settings,
               "Set one value over the file: COMPONENT.OPTION=VALUE, node.id=..., "
               "node.data_dir=... or runtime.reactors=...; may be repeated");
  add_plugin_path(command, request.plugin_path);
}

/// The commands that work on a tree, and their common options, which may stand before or behind
/// them.
void add_tree_commands(CLI::App& app, tree_request& request, const surroundings& around,
                       int& code) {
  app.add_option("--server", request.servers,
                 "For commands that work on a tree: HOST:PORT of the native protocol, several by "
                 "commas (default: $TROUPE_SERVER, or 127.0.0.1:2190)")
      ->type_name("HOST:PORT");
  app.add_flag("--json", request.json, "One JSON object per line instead of text");
  app.add_option("--timeout", request.timeout_s, "Of the session, and for connecting; in seconds")
      ->check(CLI::Range(0.1, 86400.0));
  add_repeated(app, "--auth", "SCHEME:SECRET", request.identities,
               "An identity, such as digest:USER:PASSWORD; may be repeated");
  app.fallthrough();
  add_verbs(app, [&](const job& wanted) { code = work_on_tree(request, wanted, around); });
  app.add_subcommand("shell", "Commands that work on a tree, line by line; `help` lists them")
      ->callback([&] { code = work_on_tree(request, {}, around); });
}

/// The parser only says that a command is missing, also where there is one that it does not know.
int explain(const CLI::App& app, const std::string& word, std::ostream& err) {
  std::vector<std::string> known;
  for (const auto* command : app.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  const auto meant = sdk::nearest(word, known);
  err << "troupe: there is no command " << config::quoted(word) << "; ";
  if (meant.empty())
    err << "`troupe --help` lists them\n";
  else
    err << "did you mean " << config::quoted(meant) << "?\n";
  return exit_usage;
}

}  // namespace

int main_program(int argc, const char* const* argv, const surroundings& around) {
  CLI::App app("Troupe: a coordination service composed from actors", "troupe");
  app.require_subcommand(1);
  app.set_version_flag("--version", "troupe " + std::string{troupe::version},
                       "Print the version; the command `version` says more");
  int code = exit_ok;
  deployment_request deployment;
  describe_request description;
  plugin_request versions;
  std::string graph_format = "mermaid";

  auto& run_command = *app.add_subcommand("run", "Start a server from a deployment file");
  add_deployment(run_command, deployment);
  run_command.callback([&] { code = run(deployment, around); });

  auto& check_command = *app.add_subcommand("check", "Report every error of a deployment file");
  add_deployment(check_command, deployment);
  check_command.callback([&] { code = check(deployment, around); });

  auto& graph_command = *app.add_subcommand("graph", "Draw how the components are wired");
  add_deployment(graph_command, deployment);
  graph_command.add_option("--format", graph_format, "mermaid or dot")
      ->check(CLI::IsMember({"mermaid", "dot"}));
  graph_command.callback([&] { code = graph(deployment, graph_format, around); });

  auto& describe_command = *app.add_subcommand("describe", "Show component types and options");
  describe_command.add_option("TYPE", description.type, "Component type; all when left out");
  describe_command.add_option("--format", description.format, "text or yaml")
      ->check(CLI::IsMember({"text", "yaml"}));
  describe_command.add_flag("--all-options", description.all_options,
                            "Print a deployment file with every option of every type");
  add_plugins(describe_command, description.plugins);
  describe_command.callback([&] { code = describe(description, around); });

  auto& version_command =
      *app.add_subcommand("version", "Show the versions of the program and its formats");
  add_plugins(version_command, versions);
  version_command.callback([&] { code = version(versions, around); });

  tree_request tree;
  add_tree_commands(app, tree, around, code);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    const auto unknown = app.remaining();
    if (problem.get_exit_code() != 0 && app.get_subcommands().empty() && !unknown.empty())
      return explain(app, unknown.front(), around.err);
    return app.exit(problem, around.out, around.err) == 0 ? exit_ok : exit_usage;
  } catch (const std::exception& problem) {
    around.err << "troupe: " << problem.what() << '\n';
    return exit_failure;
  }
  return code;
}

}  // namespace troupe::cli
