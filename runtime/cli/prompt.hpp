/// Where the shell's lines come from.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::cli {

/// Asks at the terminal, with history (kept in `history_file`) and completion; takes lines as they
/// come from anything else. One at a time: the library below has one state for the process.
/// Belongs to the program, not to libtroupe, whose users should not have to link a terminal.
class prompt {
public:
  /// What can stand at the end of a line that was begun.
  using complete = std::function<std::vector<std::string>(const std::string& line)>;

  explicit prompt(complete known);
  ~prompt();
  prompt(const prompt&) = delete;
  prompt& operator=(const prompt&) = delete;

  /// Nothing at the end of the input.
  std::optional<std::string> ask();

private:
  const bool terminal_;
};

/// $XDG_STATE_HOME/troupe/history, or ~/.local/state/troupe/history; empty without a home.
std::string history_file();

}  // namespace troupe::cli
