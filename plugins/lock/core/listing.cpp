#include "core/listing.hpp"

namespace locks {

answer_or_refusal<std::vector<listed_claim>>
list(troupe::decision_tree& tree, const mount_rules& rules, const std::string& path) {
  if (auto wrong = check_path(rules, path)) return *std::move(wrong);
  const auto queue = claims::read(tree, rules.how, path);
  if (!queue) return queue.error();
  std::vector<listed_claim> all;
  for (const auto& one : queue.value().all()) {
    const auto at = below(path, one.name);
    const auto node = tree.node(at);
    if (!node) continue;
    all.push_back({at, one.parsed.kind, one.holds, node->stat.czxid, node->stat.ephemeral_owner,
                   node->data, node->stat.ctime_ms, is_native(one.parsed.id)});
  }
  return all;
}

}  // namespace locks
