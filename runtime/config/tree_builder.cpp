#include "runtime/config/tree_builder.hpp"

namespace troupe::config {

std::optional<place> tree_builder::unfinished() const {
  if (stack_.empty()) return std::nullopt;
  return stack_.back().value.where;
}

void tree_builder::OnDocumentStart(const YAML::Mark& mark) {
  if (!finished_) return;
  errors_.error(lines_.at(mark), "a second YAML document begins here",
                "a deployment is a single document; remove the line with ---");
  throw gave_up{};
}

void tree_builder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
  check(mark, "?", anchor);
  located_value value;
  value.where = lines_.at(mark);
  add(std::move(value));
}

void tree_builder::OnAlias(const YAML::Mark& mark, YAML::anchor_t) {
  check(mark, "?", YAML::NullAnchor);
  errors_.error(lines_.at(mark), "aliases (*name) are not part of the deployment format",
                "write the value out");
  located_value value;
  value.kind = located_value::shape::scalar;
  value.broken = true;
  value.where = lines_.at(mark);
  add(std::move(value));
}

void tree_builder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                            const std::string& text) {
  check(mark, tag, anchor);
  located_value value;
  value.kind = located_value::shape::scalar;
  value.where = lines_.of_scalar(mark, text);
  value.text = text;
  add(std::move(value));
}

void tree_builder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                   YAML::anchor_t anchor, YAML::EmitterStyle::value) {
  open(mark, tag, anchor, located_value::shape::sequence);
}

void tree_builder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                              YAML::EmitterStyle::value) {
  open(mark, tag, anchor, located_value::shape::mapping);
}

void tree_builder::check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
  if (++values_ > limits_.max_values) {
    errors_.error(lines_.at(mark),
                  "the file has more than " + std::to_string(limits_.max_values) + " values");
    throw gave_up{};
  }
  if (anchor != YAML::NullAnchor) {
    errors_.error(lines_.at(mark), "anchors (&name) are not part of the deployment format",
                  "remove it, and write the value out where it is used");
  }
  // The parser's own tags: `?` for plain scalars, `!` for quoted ones, none for collections.
  if (!tag.empty() && tag != "?" && tag != "!") {
    errors_.error(lines_.at(mark), "tags (!name) are not part of the deployment format",
                  "remove it");
  }
}

void tree_builder::open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                        located_value::shape kind) {
  check(mark, tag, anchor);
  if (stack_.size() == limits_.max_depth) {
    errors_.error(lines_.at(mark),
                  "the file nests more than " + std::to_string(limits_.max_depth) + " levels deep");
    throw gave_up{};
  }
  frame next;
  next.value.kind = kind;
  next.value.where = lines_.at(mark);
  stack_.push_back(std::move(next));
}

void tree_builder::close() {
  auto done = std::move(stack_.back().value);
  stack_.pop_back();
  add(std::move(done));
}

void tree_builder::add(located_value value) {
  if (stack_.empty()) {
    root_ = std::move(value);
    return;
  }
  auto& top = stack_.back();
  if (top.value.is_sequence()) {
    top.value.items.push_back(std::move(value));
  } else if (!top.has_key) {
    take_key(top, value);
  } else {
    top.has_key = false;
    if (value.is_null()) value.where = top.key.where;
    if (!is_duplicate(top)) top.value.entries.push_back({std::move(top.key), std::move(value)});
  }
}

void tree_builder::take_key(frame& top, const located_value& value) {
  top.has_key = true;
  top.key = {value.text, value.where};
  if (value.is_scalar() && !value.text.empty()) return;
  top.key.text.clear();
  if (value.broken) return;
  errors_.error(value.where, std::string{"a key must be a word, but this is "} +
                                 (value.is_scalar() ? "empty" : describe(value.kind)));
}

bool tree_builder::is_duplicate(const frame& top) {
  const auto* earlier = top.value.find(top.key.text);
  if (earlier == nullptr) return false;
  if (top.key.text.empty()) return true;
  errors_.error(top.key.where, "duplicate key " + quoted(top.key.text),
                "it is already given in line " + std::to_string(earlier->key.where.line) +
                    ", column " + std::to_string(earlier->key.where.column));
  return true;
}

}  // namespace troupe::config
