#include "core/claims.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

namespace locks {

namespace {

/// A writer's own read claim copies its number and comes right after it.
auto place_of(const claim& one) {
  return std::tuple{one.parsed.sequence, one.parsed.kind == claim_kind::read,
                    std::string_view{one.name}};
}

}  // namespace

std::string below(std::string_view path, std::string_view name) {
  std::string whole{path};
  whole += '/';
  whole += name;
  return whole;
}

answer_or_refusal<claims> claims::read(troupe::decision_tree& tree, dialect how,
                                       std::string_view path, std::optional<claim_kind> kind) {
  claims found;
  found.path_ = path;
  for (auto& name : tree.children(path)) {
    auto parsed = parse_claim(how, name);
    if (!parsed)
      return refusal{refusal_kind::foreign_node, below(path, name) +
                                                     " is no claim in the mount's dialect: delete "
                                                     "it, or use another path as the lock"};
    if (kind && !fit_together(how, parsed->kind, *kind))
      return refusal{refusal_kind::wrong_kind, std::string{path} + " is used as a lock of kind " +
                                                   std::string{to_string(parsed->kind)} + " by " +
                                                   name};
    found.all_.push_back({std::move(name), std::move(*parsed), false});
  }
  std::sort(found.all_.begin(), found.all_.end(),
            [](const claim& a, const claim& b) { return place_of(a) < place_of(b); });
  found.mark_holders();
  return found;
}

/// Whoever is first, and readers up to the first writer: just as the clients of the dialects see
/// it.
void claims::mark_holders() {
  auto first_writer = std::numeric_limits<std::int64_t>::max();
  for (auto& one : all_) {
    const bool reads = one.parsed.kind == claim_kind::read;
    one.holds = reads ? one.parsed.sequence <= first_writer : &one == &all_.front();
    if (!reads) first_writer = std::min<std::int64_t>(first_writer, one.parsed.sequence);
  }
}

bool claims::free_for(claim_kind kind) const noexcept {
  if (kind != claim_kind::read) return all_.empty();
  return std::all_of(all_.begin(), all_.end(),
                     [](const claim& one) { return one.parsed.kind == claim_kind::read; });
}

const claim* claims::find(std::string_view id) const noexcept {
  const auto found =
      std::find_if(all_.begin(), all_.end(), [&](const claim& one) { return one.parsed.id == id; });
  return found == all_.end() ? nullptr : &*found;
}

std::vector<holder> claims::holders(troupe::decision_tree& tree) const {
  std::vector<holder> all;
  for (const auto& one : all_) {
    if (!one.holds) continue;
    const auto node = tree.node(below(path_, one.name));
    if (node) all.push_back({one.name, node->stat.czxid, node->stat.ephemeral_owner});
  }
  return all;
}

std::optional<holder> claims::holder_of(troupe::decision_tree& tree, troupe::zxid token) const {
  for (auto& one : holders(tree))
    if (one.token == token) return std::move(one);
  return std::nullopt;
}

}  // namespace locks
