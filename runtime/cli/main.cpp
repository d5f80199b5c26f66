#include <exception>
#include <iostream>

#include "runtime/cli/commands.hpp"
#include "runtime/cli/prompt.hpp"
#include "runtime/embed/builtins.hpp"

namespace {

/// Lines from whoever sits there, or from a file.
troupe::cli::ask_line at_the_terminal(troupe::cli::session& with) {
  const auto terminal = std::make_shared<troupe::cli::prompt>(
      [&with](const std::string& line) { return troupe::cli::completions(line, with); });
  return [terminal] { return terminal->ask(); };
}

}  // namespace

/// The program: the list of built-in types, and the commands on top.
int main(int argc, char** argv) {
  try {
    troupe::sdk::catalog types;
    troupe::register_builtin_types(types);
    return troupe::cli::main_program(argc, argv,
                                     {types, troupe::preferred_builtin_types(),
                                      troupe::builtin_formats(),
                                      troupe::config::process_environment(), std::cout, std::cerr,
                                      troupe::cli::connect_native, at_the_terminal});
  } catch (const std::exception& problem) {
    std::cerr << "troupe: " << problem.what() << '\n';
    return troupe::cli::exit_failure;
  }
}
