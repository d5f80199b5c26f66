#include "actors/tree/core/decision_run.hpp"

#include <memory>
#include <utility>

#include "actors/tree/core/access.hpp"
#include "actors/tree/core/checks.hpp"

namespace troupe::tree {

std::size_t bytes_of(const create_op& op) noexcept {
  constexpr std::size_t entry_bytes = 16;  // of an entry without its texts, about
  auto bytes = op.path.size() + op.data.size();
  for (const auto& one : op.acl)
    bytes += entry_bytes + one.who.scheme.size() + one.who.id.size();
  return bytes;
}

void decision_run::spend(std::size_t accesses) {
  accesses_ += accesses;
  if (accesses_ <= options_.decision_accesses) return;
  exceeded_ = true;
  throw decision_over_budget{"more than " + std::to_string(options_.decision_accesses) +
                             " accesses to the tree (option decision_accesses of tree.znode)"};
}

void decision_run::spend_bytes(std::size_t bytes) {
  bytes_ += bytes;
  if (bytes_ <= most_bytes) return;
  exceeded_ = true;
  throw decision_over_budget{"more than " + std::to_string(most_bytes) +
                             " bytes of data and paths to write"};
}

std::optional<tree_view::node_facts> decision_run::node(std::string_view path) {
  spend(1);
  return pending_.facts(path);
}

std::vector<std::string> decision_run::children(std::string_view path) {
  // Counted before they are gathered, so that the budget also bounds that.
  const auto parent = pending_.look(path);
  spend(1 + (parent.exists ? static_cast<std::size_t>(parent.num_children) : 0));
  return pending_.children_of(path);
}

bool decision_run::is_open(session_id session) {
  spend(1);
  return pending_.is_open(session);
}

bool decision_run::allows(std::string_view path, std::int32_t wanted, const identities& who) {
  spend(1);
  const auto view = pending_.look(path);
  return view.exists && is_allowed(*view.acl, wanted, who);
}

template <class Op>
error_code decision_run::draft(Op& op, session_id owner) {
  static const identities server =
      std::make_shared<const std::vector<identity>>(std::vector<identity>{{"super", ""}});
  spend(1);
  return check_and_draft({committed_, options_, pending_, owner, server}, op, into_);
}

decision_tree::created decision_run::create(create_op op, session_id owner) {
  spend_bytes(bytes_of(op));
  const auto error = draft(op, owner);
  if (error != error_code::ok) return {error, {}};
  return {error, std::get<change::create_node>(into_.back()).path};
}

error_code decision_run::remove(std::string_view path, std::int32_t version) {
  delete_op op{std::string{path}, version};
  spend_bytes(path.size());
  return draft(op, {});
}

error_code decision_run::set_data(std::string_view path, blob data, std::int32_t version) {
  spend_bytes(path.size() + data.size());
  set_data_op op{std::string{path}, std::move(data), version};
  return draft(op, {});
}

}  // namespace troupe::tree
