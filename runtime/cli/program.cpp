#include <exception>
#include <ostream>

#include <CLI/CLI.hpp>

#include "runtime/cli/commands.hpp"

namespace troupe::cli {

namespace {

/// The arguments that name a deployment, the same for three commands.
void add_deployment(CLI::App& command, deployment_request& request) {
  command.add_option("CONFIG", request.path, "Deployment file")->required();
  command
      .add_option("--set", request.settings,
                  "Set one value over the file: COMPONENT.OPTION=VALUE, node.id=..., "
                  "node.data_dir=... or runtime.reactors=...; may be repeated")
      ->type_name("PATH=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->take_all();
}

}  // namespace

int main_program(int argc, const char* const* argv, const surroundings& around) {
  CLI::App app("Troupe: a coordination service composed from actors", "troupe");
  app.require_subcommand(1);
  int code = exit_ok;
  deployment_request deployment;
  describe_request description;
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
  describe_command.callback([&] { code = describe(description, around); });

  app.add_subcommand("version", "Show the versions of the program and its formats")->callback([&] {
    code = version(around);
  });

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem, around.out, around.err) == 0 ? exit_ok : exit_usage;
  } catch (const std::exception& problem) {
    around.err << "troupe: " << problem.what() << '\n';
    return exit_failure;
  }
  return code;
}

}  // namespace troupe::cli
