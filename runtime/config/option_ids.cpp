#include "runtime/config/option_ids.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "runtime/config/fields.hpp"
#include "runtime/config/overlay.hpp"
#include "runtime/config/scalars.hpp"

namespace troupe::config {

namespace {

using shape = located_value::shape;
using ids = std::vector<std::int64_t>;

constexpr std::int64_t least_id = 1, largest_id = 254;

/// One entry of a list of ids, if it is not among those `seen` before.
void add_id(const located_text& text, std::set<std::int64_t>& seen, ids& to, report& errors) {
  const auto id = read_id(text, errors);
  if (!id) return;
  if (!seen.insert(*id).second) {
    errors.error(text.where, "server " + text.text + " is named twice", "name it once");
    return;
  }
  to.push_back(*id);
}

ids read_sequence(const std::string& what, const located_value& value, std::set<std::int64_t>& seen,
                  report& errors) {
  ids result;
  for (const auto& item : value.items) {
    if (expect_shape(item, shape::scalar, "each entry of " + what, errors))
      add_id({item.text, item.where}, seen, result, errors);
  }
  return result;
}

/// From the command line, where there are no lists.
ids split_ids(const located_value& value, report& errors) {
  ids result;
  std::set<std::int64_t> seen;
  for (std::size_t begin = 0; begin < value.text.size();) {
    const auto comma = std::min(value.text.find(',', begin), value.text.size());
    add_id({value.text.substr(begin, comma - begin), value.where}, seen, result, errors);
    begin = comma + 1;
  }
  return result;
}

}  // namespace

std::optional<std::int64_t> read_id(const located_text& text, report& errors) {
  const auto id = parse_integer(text.text);
  if (id.value && *id.value >= least_id && *id.value <= largest_id) return *id.value;
  errors.error(text.where, quoted(text.text) + " is not a server id",
               "ids are whole numbers from 1 to 254");
  return std::nullopt;
}

std::optional<sdk::option_value> read_ids(const std::string& option, const located_value& value,
                                          report& errors) {
  const auto before = errors.size();
  if (value.is_scalar() && !value.broken && is_overlay(value.where, errors)) {
    auto result = split_ids(value, errors);
    return errors.size() == before ? std::optional<sdk::option_value>{std::move(result)}
                                   : std::nullopt;
  }
  if (!expect_shape(value, shape::sequence, option, errors)) return std::nullopt;
  std::set<std::int64_t> seen;
  auto result = read_sequence(option, value, seen, errors);
  if (result.size() != value.items.size()) return std::nullopt;
  return result;
}

std::optional<sdk::option_value> read_numbers(const sdk::option_spec& spec,
                                              const located_value& value, report& errors) {
  if (!expect_shape(value, shape::mapping, spec.name, errors)) return std::nullopt;
  std::map<std::int64_t, std::int64_t> result;
  const auto none = spec.minimum.value_or(0) - 1;
  for (const auto& entry : value.entries) {
    if (entry.key.text.empty()) continue;
    const auto id = read_id(entry.key, errors);
    const auto number =
        read_integer(entry.value, "the number of server " + entry.key.text,
                     spec.minimum.value_or(0), spec.maximum.value_or(INT32_MAX), none, errors);
    if (id && number != none) result[*id] = number;
  }
  if (result.size() != value.entries.size()) return std::nullopt;
  return result;
}

std::optional<sdk::option_value> read_id_groups(const std::string& option,
                                                const located_value& value, report& errors) {
  if (!expect_shape(value, shape::sequence, option, errors)) return std::nullopt;
  const auto before = errors.size();
  std::vector<ids> groups;
  std::set<std::int64_t> seen;
  for (const auto& item : value.items) {
    if (!expect_shape(item, shape::sequence, "each group of " + option, errors)) continue;
    if (item.items.empty()) {
      errors.error(item.where, "a group of " + option + " is empty", "name its servers");
    }
    groups.push_back(read_sequence("a group of " + option, item, seen, errors));
  }
  bool complete = errors.size() == before && groups.size() == value.items.size();
  for (std::size_t i = 0; complete && i < groups.size(); ++i)
    complete = groups[i].size() == value.items[i].items.size();
  if (!complete) return std::nullopt;
  return groups;
}

}  // namespace troupe::config
