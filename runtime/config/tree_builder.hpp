#pragma once

#include <optional>
#include <string>
#include <vector>

#include <yaml-cpp/eventhandler.h>

#include "runtime/config/located.hpp"
#include "runtime/config/text_lines.hpp"
#include "runtime/config/yaml_reader.hpp"

namespace troupe::config {

/// Thrown through the YAML parser to end it when a bound is passed. The error is reported before.
struct gave_up {};

/// Builds the located tree of a document from the parser's events. Events, unlike yaml-cpp's nodes,
/// show duplicate keys and the places of aliases, and let us stop before a hostile document has
/// been built.
class tree_builder : public YAML::EventHandler {
public:
  /// The references must outlive the builder.
  tree_builder(const text_lines& lines, report& errors, const yaml_limits& limits)
      : lines_(lines), errors_(errors), limits_(limits) {}

  /// Whether the first document has ended.
  bool finished() const { return finished_; }

  /// Where the innermost list or mapping begins that has not ended yet.
  std::optional<place> unfinished() const;

  located_value take() && { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override;
  void OnDocumentEnd() override { finished_ = true; }
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override;
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override;
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override;
  void OnMapEnd() override { close(); }

private:
  /// An unfinished sequence or mapping; a mapping alternates between keys and values.
  struct frame {
    located_value value;
    bool has_key = false;
    located_text key;
  };

  void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor);
  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
            located_value::shape kind);
  void close();
  void add(located_value value);
  void take_key(frame& top, const located_value& value);
  bool is_duplicate(const frame& top);

  const text_lines& lines_;
  report& errors_;
  const yaml_limits& limits_;
  std::size_t values_ = 0;
  bool finished_ = false;
  std::vector<frame> stack_;
  located_value root_;
};

}  // namespace troupe::config
