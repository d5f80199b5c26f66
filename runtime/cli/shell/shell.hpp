/// The interactive shell.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cli/shell/printer.hpp"
#include "runtime/cli/shell/session.hpp"

namespace troupe::cli {

/// Asks for the next line; nothing at the end of the input.
using ask_line = std::function<std::optional<std::string>()>;

/// What one line did.
struct line_outcome {
  int code = 0;
  bool quit = false;
};

/// Reads lines and carries out the commands in them, with one session, until the input ends or
/// somebody says `quit`. A command that fails is said, and the next one comes. Returns the exit
/// code of the last command, so that a script in the standard input can be trusted.
int run_shell(session& with, printer& show, const ask_line& ask, std::ostream& out,
              std::ostream& err);

/// Carries out one line.
/// @throws not_connected
line_outcome run_line(const std::string& line, session& with, printer& show, std::ostream& out,
                      std::ostream& err);

/// What can stand at the end of `line`: names of commands for its first word, and paths of the
/// server for words that begin with a slash.
std::vector<std::string> completions(const std::string& line, session& with);

}  // namespace troupe::cli
