#include <exception>
#include <iostream>

#include "runtime/cli/commands.hpp"
#include "runtime/embed/builtins.hpp"

/// The program: the list of built-in types, and the commands on top.
int main(int argc, char** argv) {
  try {
    troupe::sdk::catalog types;
    troupe::register_builtin_types(types);
    return troupe::cli::main_program(argc, argv,
                                     {types, troupe::preferred_builtin_types(),
                                      troupe::builtin_formats(),
                                      troupe::config::process_environment(), std::cout, std::cerr});
  } catch (const std::exception& problem) {
    std::cerr << "troupe: " << problem.what() << '\n';
    return troupe::cli::exit_failure;
  }
}
