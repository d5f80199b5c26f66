#include "runtime/cli/prompt.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <utility>

#include <readline/history.h>
#include <readline/readline.h>

namespace troupe::cli {
namespace {

constexpr int longest_history = 1000;

/// The library's callbacks carry nothing with them.
prompt::complete known_words;
std::vector<std::string> found;

char* next_found(const char*, int) {
  if (found.empty()) return nullptr;
  auto* const word = strdup(found.back().c_str());
  found.pop_back();
  return word;
}

char** complete_word(const char* word, int begin, int) {
  rl_attempted_completion_over = 1;  // no names of files
  try {
    found = known_words(std::string{rl_line_buffer, static_cast<std::size_t>(begin)} + word);
  } catch (const std::exception&) {
    found.clear();  // without a server there is nothing to be found
  }
  return rl_completion_matches(word, next_found);
}

/// Secrets are not written down.
bool is_secret(const std::string& line) { return line.find("addauth") != std::string::npos; }

}  // namespace

std::string history_file() {
  if (const auto* const state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state != '\0')
    return std::string{state} + "/troupe/history";
  const auto* const home = std::getenv("HOME");
  return home == nullptr ? std::string{} : std::string{home} + "/.local/state/troupe/history";
}

prompt::prompt(complete known) : terminal_(isatty(STDIN_FILENO) == 1) {
  if (!terminal_) return;
  known_words = std::move(known);
  rl_readline_name = "troupe";
  rl_attempted_completion_function = complete_word;
  rl_completer_word_break_characters = " \t";
  using_history();
  stifle_history(longest_history);
  if (const auto file = history_file(); !file.empty()) read_history(file.c_str());
}

prompt::~prompt() {
  if (!terminal_) return;
  known_words = nullptr;
  const std::filesystem::path file{history_file()};
  if (file.empty()) return;
  // Without a place for it there is no history, and nothing else is wrong.
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  if (write_history(file.c_str()) == 0)
    std::filesystem::permissions(file, std::filesystem::perms{0600}, ignored);
}

std::optional<std::string> prompt::ask() {
  if (!terminal_) {
    std::string line;
    if (!std::getline(std::cin, line)) return std::nullopt;
    return line;
  }
  const std::unique_ptr<char, decltype(&std::free)> typed{readline("troupe> "), &std::free};
  if (!typed) {
    std::cout << '\n';
    return std::nullopt;
  }
  if (*typed != '\0' && !is_secret(typed.get())) add_history(typed.get());
  return std::string{typed.get()};
}

}  // namespace troupe::cli
