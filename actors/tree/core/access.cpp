#include "actors/tree/core/access.hpp"

#include <algorithm>

namespace troupe::tree {
namespace {

bool is_world(const identity& who) { return who.scheme == "world" && who.id == "anyone"; }

bool lets_in(const identity& entry, const std::vector<identity>& who) {
  if (is_world(entry)) return true;
  return std::any_of(who.begin(), who.end(), [&](const identity& one) {
    return one.scheme == entry.scheme && matches(entry.scheme, one.id, entry.id);
  });
}

}  // namespace

bool is_allowed(const acl& list, std::int32_t wanted, const identities& who) {
  static const std::vector<identity> nobody;
  if (list.empty()) return true;
  const auto& ids = who ? *who : nobody;
  for (const auto& one : ids)
    if (one.scheme == "super") return true;
  return std::any_of(list.begin(), list.end(), [&](const acl_entry& entry) {
    return (entry.permissions & wanted) != 0 && lets_in(entry.who, ids);
  });
}

std::int32_t allowed_to_anyone(const acl& list) {
  if (list.empty()) return ~0;
  std::int32_t granted = 0;
  for (const auto& entry : list)
    if (is_world(entry.who)) granted |= entry.permissions;
  return granted;
}

std::optional<acl> fix_up(acl list, const identities& who, const scheme_set& allowed) {
  // Nearly every list is this one.
  if (list.size() == 1 && is_world(list.front().who)) return list;
  acl fixed;
  for (auto entry = list.begin(); entry != list.end(); ++entry) {
    if (std::find(list.begin(), entry, *entry) != entry) continue;
    if (is_world(entry->who)) {
      fixed.push_back(*entry);
    } else if (entry->who.scheme == "auth") {
      const auto before = fixed.size();
      if (who)
        for (const auto& one : *who)
          if (is_authenticated(one.scheme)) fixed.push_back({entry->permissions, one});
      if (fixed.size() == before) return std::nullopt;
    } else if (is_valid_id(allowed, entry->who.scheme, entry->who.id)) {
      fixed.push_back(*entry);
    } else {
      return std::nullopt;
    }
  }
  if (fixed.empty()) return std::nullopt;
  return fixed;
}

acl masked(const acl& list) {
  acl shown = list;
  for (auto& entry : shown)
    if (entry.who.scheme == "digest")
      entry.who.id = entry.who.id.substr(0, entry.who.id.find(':')) + ":x";
  return shown;
}

}  // namespace troupe::tree
