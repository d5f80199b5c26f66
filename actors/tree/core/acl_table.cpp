#include "actors/tree/core/acl_table.hpp"

#include <string_view>

#include <troupe/base/check.hpp>

#include "actors/tree/core/access.hpp"
#include "actors/tree/core/fast_hash.hpp"

namespace troupe::tree {
namespace {

std::uint64_t mix(std::uint64_t seed, std::string_view text) noexcept {
  return fast_hash(text, seed);
}

}  // namespace

std::uint64_t hash_of(const acl& list) noexcept {
  std::uint64_t hash = list.size();
  for (const auto& entry : list) {
    // The bits go in first: two strings hashed in turn cannot be confused with other splits.
    hash = hash * 31 + static_cast<std::uint32_t>(entry.permissions);
    hash = mix(mix(hash, entry.who.scheme), entry.who.id);
  }
  return hash;
}

std::uint32_t acl_table::acquire(const acl& list) {
  const acl_pointer probe{acl_pointer{}, &list};
  if (const auto found = by_content_.find(probe); found != by_content_.end()) {
    ++by_number_.find(found->second)->second.users;
    return found->second;
  }
  do
    ++next_;
  while (by_number_.contains(next_));
  auto kept = std::make_shared<const acl>(list);
  by_number_.emplace(next_, entry{kept, hash_of(list), 1, allowed_to_anyone(list)});
  by_content_.emplace(std::move(kept), next_);
  return next_;
}

acl_pointer acl_table::shared(const acl& list) const {
  const auto found = by_content_.find(acl_pointer{acl_pointer{}, &list});
  return found == by_content_.end() ? std::make_shared<const acl>(list) : found->first;
}

void acl_table::release(std::uint32_t number) {
  const auto found = by_number_.find(number);
  TROUPE_CHECK(found != by_number_.end(), "a node uses an access control list that is gone");
  if (--found->second.users != 0) return;
  by_content_.erase(found->second.list);
  by_number_.erase(found);
}

void acl_table::clear() {
  by_content_.clear();
  by_number_.clear();
}

}  // namespace troupe::tree
