#include "runtime/config/yaml_reader.hpp"

#include <sstream>

#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "runtime/config/text_lines.hpp"
#include "runtime/config/tree_builder.hpp"
#include "runtime/config/utf8.hpp"

namespace troupe::config {

namespace {

bool is_text(std::string_view text, const text_lines& lines, report& errors) {
  int line = 0;
  int column = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto length = utf8_length(text.substr(i));
    if (length == 0) {
      errors.error(lines.at(line, column), "this is not UTF-8 text",
                   "save the file as UTF-8, without binary data");
      return false;
    }
    column = text[i] == '\n' ? 0 : column + static_cast<int>(length);
    line += text[i] == '\n' ? 1 : 0;
    i += length;
  }
  return true;
}

/// The parser's messages are terse, and name the place where it noticed instead of the cause.
void report_syntax(const YAML::Exception& problem, const tree_builder& builder,
                   const text_lines& lines, report& errors) {
  const std::string_view said = problem.msg;
  const auto where = lines.at(problem.mark);
  const bool open_map = said == YAML::ErrorMsg::END_OF_MAP_FLOW;
  if (open_map || said == YAML::ErrorMsg::END_OF_SEQ_FLOW) {
    errors.error(builder.unfinished().value_or(where),
                 std::string{"this is not valid YAML: the "} + (open_map ? "{" : "[") +
                     " is not closed properly",
                 "look for a missing bracket, comma or quote up to line " +
                     std::to_string(where.line));
    return;
  }
  std::string hint;
  if (lines.indented_with_tab(problem.mark)) {
    hint = "the line begins with a tab; indent with spaces";
  } else if (said == YAML::ErrorMsg::MAP_VALUE) {
    hint = "there is a colon too many; text with a colon and a space needs quotes";
  } else if (said == YAML::ErrorMsg::END_OF_MAP || said == YAML::ErrorMsg::END_OF_SEQ) {
    hint = "the line is indented differently from those that it seems to belong to";
  }
  errors.error(where, "this is not valid YAML: " + problem.msg, hint);
}

}  // namespace

std::optional<located_value> read_yaml(std::uint32_t source, report& errors,
                                       const yaml_limits& limits) {
  const std::string text = errors.source_at(source).text;
  const text_lines lines(source, text);
  if (text.size() > limits.max_bytes) {
    errors.error({source, 0, 0, 0},
                 "the file is larger than " + std::to_string(limits.max_bytes) + " bytes",
                 "a deployment file is a page or two; is this the right file?");
    return std::nullopt;
  }
  if (!is_text(text, lines, errors)) return std::nullopt;
  tree_builder builder(lines, errors, limits);
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      errors.error({source, 0, 0, 0}, "the file is empty",
                   "a deployment begins with the line `troupe: 1`");
      return std::nullopt;
    }
    parser.HandleNextDocument(builder);  // refuses a second document
  } catch (const gave_up&) {
    if (!builder.finished()) return std::nullopt;
  } catch (const YAML::Exception& problem) {
    report_syntax(problem, builder, lines, errors);
    return std::nullopt;
  }
  return std::move(builder).take();
}

}  // namespace troupe::config
