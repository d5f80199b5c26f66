#include <algorithm>
#include <set>
#include <stdexcept>

#include <troupe/sdk/component_type.hpp>

#include "runtime/compose/declaration.hpp"

namespace troupe::sdk {

namespace {

constexpr std::size_t max_compared = 64;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

/// Edits (insert, remove, replace, swap neighbours) between two words, ignoring case.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> cost(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i)
    cost[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j)
    cost[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      cost[i][j] =
          std::min({cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
    }
  }
  return cost[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > max_compared) return {};
  std::string best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > max_compared) continue;
    const auto edits = distance(word, candidate);
    if (edits < best_distance && edits < candidate.size()) {
      best = candidate;
      best_distance = edits;
    }
  }
  return best;
}

void catalog::add(component_type type) {
  if (auto mistake = compose::find_mistake(type); !mistake.empty()) {
    throw std::invalid_argument("component type " + type.name + ": " + mistake);
  }
  const auto name = type.name;
  if (!types_.try_emplace(name, std::move(type)).second) {
    throw std::invalid_argument("component type " + name + ": the name is taken");
  }
}

const component_type* catalog::find(std::string_view name) const {
  const auto found = types_.find(name);
  return found == types_.end() ? nullptr : &found->second;
}

std::vector<const component_type*> catalog::all() const {
  std::vector<const component_type*> result;
  for (const auto& [name, type] : types_)
    result.push_back(&type);
  return result;
}

std::vector<std::string> catalog::givers_of(std::string_view role) const {
  std::vector<std::string> result;
  for (const auto& [name, type] : types_) {
    if (type.gives.name == role) result.push_back(name);
  }
  return result;
}

std::string catalog::suggest(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& [known, type] : types_)
    names.push_back(known);
  return nearest(name, names);
}

}  // namespace troupe::sdk
