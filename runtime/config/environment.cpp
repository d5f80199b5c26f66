#include "runtime/config/environment.hpp"

#include <algorithm>
#include <cstdlib>
#include <set>

namespace troupe::config {

namespace {

/// Longest value after replacement; a variable holding more is not an option's value.
constexpr std::size_t max_expanded = 64 * 1024;
constexpr std::size_t max_references = 100;

bool is_name(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto later = [&](char c) { return letter(c) || (c >= '0' && c <= '9'); };
  return !name.empty() && letter(name.front()) && std::all_of(name.begin(), name.end(), later);
}

/// Replaces the references in one scalar.
class expansion {
public:
  expansion(const environment& variables, report& errors)
      : variables_(variables), errors_(errors) {}

  void run(located_value& value) {
    std::string_view rest = value.text;
    std::string out;
    std::size_t references = 0;
    unset_.clear();
    while (true) {
      const auto start = rest.find("${");
      if (start == std::string_view::npos) break;
      if (start > 0 && rest[start - 1] == '$') {
        out += rest.substr(0, start - 1);
        out += "${";
        rest.remove_prefix(start + 2);
        continue;
      }
      out += rest.substr(0, start);
      rest.remove_prefix(start + 2);
      const auto end = rest.find('}');
      if (end == std::string_view::npos) {
        value.broken = true;
        errors_.error(value.where, "`${` without a closing `}`",
                      "write ${NAME} for a variable, or $${ for the plain characters");
        return;
      }
      if (++references > max_references) {
        value.broken = true;
        errors_.error(value.where, "the value names more than " + std::to_string(max_references) +
                                       " environment variables");
        return;
      }
      replace(value, rest.substr(0, end), out);
      rest.remove_prefix(end + 1);
    }
    out += rest;
    if (value.broken) return;
    if (out.size() > max_expanded) {
      value.broken = true;
      errors_.error(value.where, "the value is longer than " + std::to_string(max_expanded) +
                                     " bytes after its variables are replaced");
    }
    value.text = std::move(out);
  }

private:
  void replace(located_value& value, std::string_view inside, std::string& out) {
    const auto separator = inside.find(":-");
    const std::string name(inside.substr(0, separator));
    if (!is_name(name)) {
      value.broken = true;
      errors_.error(value.where, quoted(name) + " is not the name of an environment variable",
                    "names are letters, digits and underscores: ${NAME} or ${NAME:-default}");
      return;
    }
    const auto found = variables_(name);
    if (found && !(found->empty() && separator != std::string_view::npos)) {
      out += *found;
    } else if (separator != std::string_view::npos) {
      out += inside.substr(separator + 2);
    } else {
      value.broken = true;
      if (!unset_.insert(name).second) return;
      errors_.error(value.where, "the environment variable " + name + " is not set",
                    "set it, or give a default: ${" + name + ":-value}");
    }
  }

  const environment& variables_;
  report& errors_;
  std::set<std::string> unset_;  ///< Reported for the value at hand.
};

void expand_below(located_value& value, expansion& expand) {
  if (value.is_scalar()) expand.run(value);
  for (auto& item : value.items)
    expand_below(item, expand);
  for (auto& entry : value.entries)
    expand_below(entry.value, expand);
}

}  // namespace

environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return value;
  };
}

void expand_environment(located_value& root, const environment& variables, report& errors) {
  expansion expand(variables, errors);
  expand_below(root, expand);
}

}  // namespace troupe::config
