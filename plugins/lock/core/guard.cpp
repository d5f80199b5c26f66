#include "core/guard.hpp"

#include <algorithm>

#include <troupe/base/znode_path.hpp>

namespace locks {

std::string_view to_string(dialect how) noexcept {
  switch (how) {
  case dialect::curator:
    return "curator";
  case dialect::kazoo:
    return "kazoo";
  case dialect::native:
    return "native";
  }
  return "unknown";
}

dialect_guard::dialect_guard(mount_rules rules)
    : rules_(std::move(rules)), name_("recipe.lock at " + rules_.path) {}

std::optional<std::string> dialect_guard::check_claim(troupe::tree_view& tree,
                                                      const write& what) const {
  const auto name = troupe::base_name(what.path);
  const auto path = troupe::parent_path(what.path);
  const auto parsed = parse_claim(rules_.how, name);
  if (!parsed && parse_lease(rules_.how, name)) return std::nullopt;
  if (!parsed)
    return std::string{what.path} + " is no claim in the dialect " +
           std::string{to_string(rules_.how)} + " of the locks at " + rules_.path +
           ": use a client of that make, or a path outside of " + rules_.path;
  // A number of one's own choice would jump the line. Curator gives a writer that reads the number
  // of its own claim.
  if (!what.sequential && parsed->kind != claim_kind::read)
    return std::string{what.path} + " chooses its own place in the line: make it sequential";
  const auto lock = tree.node(path);
  if (!lock || lock->stat.pzxid != tree.next_zxid()) return std::nullopt;
  for (const auto& other : tree.children(path)) {
    if (other == name || !parse_claim(rules_.how, other)) continue;
    const auto node = tree.node(below(path, other));
    if (node && node->stat.czxid == tree.next_zxid())
      return std::string{path} + " would get two claims with the same token: make them in two "
                                 "transactions";
  }
  return std::nullopt;
}

std::optional<std::string> dialect_guard::objection(troupe::tree_view& tree,
                                                    const write& what) const {
  if (what.what != write::kind::create || what.path == rules_.path) return std::nullopt;
  const auto name = troupe::base_name(what.path);
  const bool claim_like = what.sequential || what.node == troupe::node_kind::ephemeral ||
                          parse_claim(rules_.how, name).has_value();
  if (claim_like) return check_claim(tree, what);
  if (troupe::parent_path(what.path) == rules_.path) return std::nullopt;  // the mount is no lock
  const auto siblings = tree.children(troupe::parent_path(what.path));
  const bool in_use = std::any_of(siblings.begin(), siblings.end(), [&](const std::string& one) {
    return parse_claim(rules_.how, one).has_value();
  });
  if (!in_use) return std::nullopt;
  return std::string{what.path} + " would stand among the claims on a lock, and be taken for one: "
                                  "make it elsewhere";
}

}  // namespace locks
