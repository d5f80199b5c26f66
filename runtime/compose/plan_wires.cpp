#include "runtime/compose/plan_wires.hpp"

#include <algorithm>
#include <optional>

namespace troupe::compose {

namespace {

using config::quoted;

std::string versioned(const sdk::role_ref& role) {
  return "version " + std::to_string(role.version) + " of " + role.name;
}

/// Resolves the wires of one component after the other.
class resolver {
public:
  resolver(std::vector<wiring>& members, const sdk::catalog& types, config::report& errors)
      : members_(members), types_(types), errors_(errors) {
    some_unknown_ = std::any_of(members.begin(), members.end(),
                                [](const wiring& member) { return member.type == nullptr; });
  }

  void run() {
    for (auto& member : members_) {
      if (member.type == nullptr) continue;
      const bool clear = !refuse_unknown_wires(member) && !member.entry->wires_broken;
      for (const auto& need : member.type->needs)
        resolve(member, need, clear);
    }
  }

private:
  using located = config::located_text;

  /// @returns whether there were any.
  bool refuse_unknown_wires(const wiring& member) {
    bool found = false;
    std::vector<std::string> known;
    for (const auto& need : member.type->needs)
      known.push_back(need.wire);
    for (const auto& [wire, target] : member.entry->wires) {
      if (std::find(known.begin(), known.end(), wire.text) != known.end()) continue;
      found = true;
      const auto meant = sdk::nearest(wire.text, known);
      std::string hint = "did you mean " + quoted(meant) + "?";
      if (known.empty()) {
        hint = "it needs nothing; remove the wire";
      } else if (meant.empty()) {
        hint = "its wires: " + config::all_of(known);
      }
      errors_.error(wire.where, member.type->name + " has no wire " + quoted(wire.text), hint);
    }
    return found;
  }

  /// @param clear whether it is certain that a need without a wire was meant to have none.
  void resolve(wiring& member, const sdk::need& need, bool clear) {
    const auto& explicit_wires = member.entry->wires;
    const auto named = std::find_if(explicit_wires.begin(), explicit_wires.end(),
                                    [&](const auto& wire) { return wire.first.text == need.wire; });
    const auto target =
        named == explicit_wires.end() ? by_role(member, need, clear) : by_name(need, named->second);
    if (target) member.wires[need.wire] = *target;
  }

  std::optional<std::size_t> by_name(const sdk::need& need, const located& target) {
    const auto found = std::find_if(members_.begin(), members_.end(), [&](const wiring& other) {
      return other.entry->name.text == target.text;
    });
    if (found == members_.end()) {
      report_no_component(need, target);
      return std::nullopt;
    }
    if (found->type == nullptr) return std::nullopt;
    const auto& gives = found->type->gives;
    if (gives.name != need.role.name) {
      errors_.error(target.where,
                    "the wire " + need.wire + " needs the role " + need.role.name + ", but " +
                        quoted(target.text) + " (" + found->type->name + ") gives " + gives.name,
                    candidates_hint(need));
      return std::nullopt;
    }
    if (gives.version != need.role.version) {
      errors_.error(target.where,
                    "the wire " + need.wire + " needs " + versioned(need.role) + ", but " +
                        quoted(target.text) + " (" + found->type->name + ") gives version " +
                        std::to_string(gives.version),
                    "the two come from different releases; use matching ones");
      return std::nullopt;
    }
    return static_cast<std::size_t>(found - members_.begin());
  }

  void report_no_component(const sdk::need& need, const located& target) {
    std::vector<std::string> names;
    for (const auto& member : members_)
      names.push_back(member.entry->name.text);
    const auto meant = sdk::nearest(target.text, names);
    errors_.error(target.where, "there is no component " + quoted(target.text),
                  meant.empty() ? candidates_hint(need) : "did you mean " + quoted(meant) + "?");
  }

  std::vector<std::string> candidates(const sdk::role_ref& role, bool any_version) const {
    std::vector<std::string> names;
    for (const auto& member : members_) {
      if (member.type == nullptr || member.type->gives.name != role.name) continue;
      if (any_version || member.type->gives.version == role.version) {
        names.push_back(member.entry->name.text);
      }
    }
    return names;
  }

  std::string candidates_hint(const sdk::need& need) const {
    const auto names = candidates(need.role, false);
    if (!names.empty()) return need.role.name + " is given by " + config::all_of(names);
    return giving_types_hint(need.role);
  }

  std::string giving_types_hint(const sdk::role_ref& role) const {
    auto givers = types_.givers_of(role.name);
    std::erase_if(givers, [&](const auto& name) { return types_.find(name)->gives != role; });
    if (givers.empty()) return "no known component type gives " + versioned(role);
    return "add a component of type " + config::one_of(givers);
  }

  std::optional<std::size_t> by_role(const wiring& member, const sdk::need& need, bool clear) {
    const auto names = candidates(need.role, false);
    if (names.size() == 1) {
      const auto found = std::find_if(members_.begin(), members_.end(), [&](const wiring& other) {
        return other.entry->name.text == names.front();
      });
      return static_cast<std::size_t>(found - members_.begin());
    }
    if (!clear) return std::nullopt;
    if (names.size() > 1) {
      report_choice(member, need, names);
    } else if (!need.optional) {
      report_nobody(member, need);
    }
    return std::nullopt;
  }

  void report_choice(const wiring& member, const sdk::need& need,
                     const std::vector<std::string>& names) {
    std::string all;
    for (const auto& name : names)
      all += (all.empty() ? "" : " and ") + quoted(name);
    errors_.error(member.entry->name.where,
                  "component " + quoted(member.entry->name.text) + " needs one " + need.role.name +
                      ", but " + all + " give it",
                  "choose one: wires: { " + need.wire + ": " + names.front() + " }");
  }

  void report_nobody(const wiring& member, const sdk::need& need) {
    const auto others = candidates(need.role, true);
    const auto start = "component " + quoted(member.entry->name.text) + " needs ";
    if (!others.empty()) {
      errors_.error(member.entry->name.where,
                    start + versioned(need.role) + ", but " + quoted(others.front()) +
                        " gives another",
                    "the two come from different releases; use matching ones");
    } else if (!some_unknown_) {
      errors_.error(member.entry->name.where, start + need.role.name + ", which no component gives",
                    giving_types_hint(need.role));
    }
  }

  std::vector<wiring>& members_;
  const sdk::catalog& types_;
  config::report& errors_;
  bool some_unknown_ = false;
};

}  // namespace

void resolve_wires(std::vector<wiring>& members, const sdk::catalog& types,
                   config::report& errors) {
  resolver(members, types, errors).run();
}

}  // namespace troupe::compose
