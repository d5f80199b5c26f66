#include "runtime/cli/shell/shell.hpp"

#include <algorithm>
#include <ostream>

#include <CLI/CLI.hpp>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/shell/verbs.hpp"
#include "runtime/cli/shell/words.hpp"

namespace troupe::cli {
namespace {

constexpr const char* quit_names[] = {"quit", "exit"};

bool is_quit(const std::string& word) {
  return std::find(std::begin(quit_names), std::end(quit_names), word) != std::end(quit_names);
}

/// The commands of the shell; parsing gives the job.
std::unique_ptr<CLI::App> parser(job& chosen) {
  auto app = std::make_unique<CLI::App>("Commands; `COMMAND --help` says more about one", "");
  app->require_subcommand(1);
  add_verbs(*app, [&chosen](job wanted) { chosen = std::move(wanted); });
  app->add_subcommand("quit", "End the session and the shell")->alias("exit");
  return app;
}

}  // namespace

line_outcome run_line(const std::string& line, session& with, printer& show, std::ostream& out,
                      std::ostream& err) {
  std::vector<std::string> words;
  try {
    words = words_of(line);
  } catch (const bad_line& problem) {
    err << "troupe: " << problem.what() << '\n';
    return {exit_usage};
  }
  if (words.empty() || words.front().starts_with('#')) return {};
  if (is_quit(words.front())) return {exit_ok, true};
  if (words.front() == "help") words = {"--help"};
  job chosen;
  const auto app = parser(chosen);
  try {
    app->parse(std::vector<std::string>{words.rbegin(), words.rend()});  // from the end
  } catch (const CLI::ParseError& problem) {
    const bool unknown = problem.get_exit_code() != 0 && app->get_subcommands().empty();
    if (unknown) {
      err << "troupe: there is no command " << words.front() << "; `help` lists them\n";
      return {exit_usage};
    }
    return {app->exit(problem, out, err) == 0 ? exit_ok : exit_usage};
  }
  workplace here{with, show, err};
  return {chosen ? chosen(here) : exit_ok};
}

int run_shell(session& with, printer& show, const ask_line& ask, std::ostream& out,
              std::ostream& err) {
  line_outcome last;
  while (!last.quit) {
    const auto line = ask();
    if (!line) break;
    const auto before = last.code;
    last = run_line(*line, with, show, out, err);
    if (last.quit) last.code = before;
    out.flush();
  }
  return last.code;
}

std::vector<std::string> completions(const std::string& line, session& with) {
  const auto space = line.find_last_of(" \t");
  const auto word = space == std::string::npos ? line : line.substr(space + 1);
  std::vector<std::string> found;
  if (space == std::string::npos) {
    job ignored;
    const auto app = parser(ignored);
    for (const auto* command : app->get_subcommands([](const CLI::App*) { return true; }))
      if (command->get_name().starts_with(word)) found.push_back(command->get_name());
    return found;
  }
  if (!word.starts_with('/')) return found;
  const auto slash = word.rfind('/');
  const auto parent = slash == 0 ? "/" : word.substr(0, slash);
  const auto answer = with.read(get_children_op{parent});
  if (answer.error != error_code::ok) return found;
  for (const auto& name : answer.names.to_vector())
    if (auto path = child_path(parent, name); path.starts_with(word))
      found.push_back(std::move(path));
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace troupe::cli
