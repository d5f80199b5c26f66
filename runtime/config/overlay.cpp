#include "runtime/config/overlay.hpp"

#include <algorithm>

#include <troupe/sdk/component_type.hpp>

namespace troupe::config {

namespace {

constexpr std::size_t max_path = 6;
constexpr const char* form_hint =
    "write --set component.option=value, such as log.segment_bytes=1MiB";

place part_of(std::uint32_t source, std::string_view text, std::size_t begin, std::size_t end) {
  const auto before = count_characters(text.substr(0, begin));
  const auto length = count_characters(text.substr(begin, end - begin));
  return {source, 1, static_cast<std::uint32_t>(before + 1),
          static_cast<std::uint32_t>(length > 0 ? length : 1)};
}

/// The words of a dotted path, each with its place; empty when the path is malformed.
std::vector<located_text> split_path(std::uint32_t source, std::string_view text, std::size_t end) {
  std::vector<located_text> words;
  for (std::size_t begin = 0; begin <= end;) {
    const auto dot = std::min(text.find('.', begin), end);
    if (dot == begin || words.size() == max_path) return {};
    words.push_back(
        {std::string(text.substr(begin, dot - begin)), part_of(source, text, begin, dot)});
    begin = dot + 1;
  }
  return words;
}

located_value& child(located_value& parent, const located_text& key) {
  if (!parent.is_mapping()) {
    parent = {};
    parent.kind = located_value::shape::mapping;
    parent.where = key.where;
  }
  if (auto* entry = parent.find(key.text)) return entry->value;
  located_value empty;
  empty.where = key.where;
  parent.entries.push_back({key, std::move(empty)});
  return parent.entries.back().value;
}

/// The component a path begins with, or null after reporting that there is none.
located_value* find_component(located_value& root, const located_text& name, report& errors) {
  auto* components = root.find("components");
  std::vector<std::string> names;
  if (components != nullptr) {
    if (auto* entry = components->value.find(name.text)) return &entry->value;
    for (const auto& entry : components->value.entries)
      names.push_back(entry.key.text);
  }
  names.insert(names.end(), {"node", "runtime"});
  const auto meant = sdk::nearest(name.text, names);
  errors.error(name.where, "there is no component " + quoted(name.text),
               meant.empty() ? "names to set are " + all_of(names)
                             : "did you mean " + quoted(meant) + "?");
  return nullptr;
}

void apply(located_value& root, std::uint32_t source, report& errors) {
  const std::string text = errors.source_at(source).text;
  const auto equals = text.find('=');
  const auto end = std::min(equals, text.size());
  if (equals == std::string::npos) {
    errors.error(part_of(source, text, 0, end), "a `=` and a value are missing", form_hint);
    return;
  }
  const auto path = split_path(source, text, end);
  if (path.size() < 2) {
    errors.error(part_of(source, text, 0, end), "this is not a path to an option", form_hint);
    return;
  }
  const auto& first = path.front();
  located_value* target = first.text == "node" || first.text == "runtime"
                              ? &child(root, first)
                              : find_component(root, first, errors);
  if (target == nullptr) return;
  for (auto word = path.begin() + 1; word != path.end(); ++word)
    target = &child(*target, *word);
  *target = {};
  target->kind = located_value::shape::scalar;
  target->where = part_of(source, text, equals + 1, text.size());
  target->text = text.substr(equals + 1);
}

}  // namespace

void apply_overlays(located_value& root, const std::vector<std::string>& settings, report& errors) {
  for (std::size_t i = 0; i < settings.size(); ++i) {
    const auto source = errors.add_source({"--set #" + std::to_string(i + 1), settings[i], false});
    if (root.is_mapping()) apply(root, source, errors);
  }
}

}  // namespace troupe::config
