#include "actors/tree/core/reader.hpp"

#include <algorithm>
#include <utility>

#include "actors/tree/core/access.hpp"

namespace troupe::tree {
namespace {

/// A request of a megabyte can name a thousand large nodes many times over. What is asked for
/// behind this much is refused, operation by operation.
constexpr std::size_t most_multi_read_bytes = std::size_t{64} << 20;

/// A list that is longer does not fit into any reply.
constexpr std::uint64_t most_list_bytes = std::uint64_t{1} << 30;

std::uint64_t size_of(const read_result& one) {
  return one.data.size() + one.names.bytes().size() + one.names_to_come;
}

read_result failed(error_code error) {
  read_result result;
  result.error = error;
  return result;
}

/// One run of one read.
class reader {
public:
  reader(const state& committed, watch_table& watches, listing_line& listings,
         std::vector<effect::any>& effects, const read_asker& asker)
      : state_(committed), watches_(watches), listings_(listings), effects_(effects),
        asker_(asker) {}

  read_result operator()(const exists_op& op) {
    if (op.path.find('\0') != std::string::npos) return failed(error_code::bad_arguments);
    const node* which = state_.find(op.path);
    if (which && !may(*which, permission_read)) return failed(error_code::no_auth);
    // A watch on a node that is not there waits for its creation.
    if (op.watch) watch(op.path, watch_data);
    return which ? described(*which) : failed(error_code::no_node);
  }

  read_result operator()(const get_data_op& op) {
    auto result = data_at(op.path);
    if (result.error == error_code::ok && op.watch) watch(op.path, watch_data);
    return result;
  }

  read_result operator()(const get_acl_op& op) {
    const node* which = state_.find(op.path);
    if (!which) return failed(error_code::no_node);
    if (!may(*which, permission_read | permission_admin)) return failed(error_code::no_auth);
    auto result = described(*which);
    const acl& list = *state_.acl_of(*which).list;
    result.acl = may(*which, permission_admin) ? list : masked(list);
    return result;
  }

  read_result operator()(const get_children_op& op) {
    auto result = children_at(op.path, true);
    if (result.error == error_code::ok && op.watch) watch(op.path, watch_child);
    return result;
  }

  read_result operator()(const get_all_children_number_op& op) {
    const node* top = state_.find(op.path);
    if (!top) return failed(error_code::no_node);
    if (!may(*top, permission_read)) return failed(error_code::no_auth);
    read_result result;
    const auto& nodes = state_.nodes();
    for (const node* n = nodes.next_in_preorder(*top, top); n; n = nodes.next_in_preorder(*n, top))
      ++result.number;
    return result;
  }

  read_result operator()(const get_ephemerals_op& op) {
    read_result result;
    const auto* session = state_.sessions().find(asker_.session);
    if (!session) return result;
    const bool all = op.prefix.find_first_not_of(' ') == std::string::npos || op.prefix == "/";
    for (const auto& path : session->ephemerals)
      if (all || path.starts_with(op.prefix)) result.names.push_back(path);
    return result;
  }

  read_result operator()(const multi_read_op& op) {
    read_result result;
    std::uint64_t bytes = 0;
    for (const auto& item : op.items) {
      if (bytes > most_multi_read_bytes) {
        result.items.emplace_back().error = error_code::system_error;
        continue;
      }
      const auto* data = std::get_if<get_data_op>(&item);
      result.items.push_back(data ? data_at(data->path)
                                  : children_at(std::get<get_children_op>(item).path, false));
      bytes += size_of(result.items.back());
    }
    return result;
  }

  read_result operator()(const set_watches_op& op) {
    for (const auto& path : op.data) {
      const node* which = state_.find(path);
      if (!which)
        tell(event_kind::node_deleted, path);
      else if (which->mzxid > op.relative)
        tell(event_kind::node_data_changed, path);
      else
        watch(path, watch_data);
    }
    for (const auto& path : op.exist) {
      if (state_.find(path))
        tell(event_kind::node_created, path);
      else
        watch(path, watch_data);
    }
    for (const auto& path : op.child) {
      const node* which = state_.find(path);
      if (!which)
        tell(event_kind::node_deleted, path);
      else if (state_.nodes().pzxid(*which) > op.relative)
        tell(event_kind::node_children_changed, path);
      else
        watch(path, watch_child);
    }
    for (const auto& path : op.persistent)
      watch(path, watch_persistent);
    for (const auto& path : op.persistent_recursive)
      watch(path, watch_recursive);
    return {};
  }

  read_result operator()(const add_watch_op& op) {
    watch(op.path, op.mode == watch_mode::persistent ? watch_persistent : watch_recursive);
    return {};
  }

  read_result operator()(const check_watches_op& op) {
    const bool has = watches_.has(asker_.watcher, op.path, op.selector);
    return failed(has ? error_code::ok : error_code::no_watcher);
  }

  read_result operator()(const remove_watches_op& op) {
    const bool removed = watches_.remove(asker_.watcher, op.path, op.selector);
    return failed(removed ? error_code::ok : error_code::no_watcher);
  }

private:
  [[nodiscard]] bool may(const node& which, std::int32_t wanted) const {
    const auto& entry = state_.acl_of(which);
    return (entry.anyone_may & wanted) != 0 || is_allowed(*entry.list, wanted, asker_.who);
  }
  [[nodiscard]] read_result described(const node& which) const {
    read_result result;
    result.stat = state_.stat_of(which);
    return result;
  }
  [[nodiscard]] read_result data_at(const std::string& path) const {
    const node* which = state_.find(path);
    if (!which) return failed(error_code::no_node);
    if (!may(*which, permission_read)) return failed(error_code::no_auth);
    auto result = described(*which);
    result.data = state_.data_of(*which);
    return result;
  }
  /// `alone`: it is all that the read asks for.
  [[nodiscard]] read_result children_at(const std::string& path, bool alone) {
    const node* which = state_.find(path);
    if (!which) return failed(error_code::no_node);
    if (!may(*which, permission_read)) return failed(error_code::no_auth);
    const auto& nodes = state_.nodes();
    if (nodes.name_bytes(*which) > most_list_bytes) return failed(error_code::system_error);
    auto result = described(*which);
    const auto count = static_cast<std::size_t>(nodes.num_children(*which));
    if (!listings_.takes_at_once(count, alone)) {
      result.names_to_come = listings_.open(asker_.watcher, *which);
      return result;
    }
    const node* const first = nodes.first_child(*which);
    // Most names of a large directory have one length.
    if (first) result.names.reserve(count, count * first->name().size());
    for (const node* n = first; n; n = nodes.next_sibling(*n))
      result.names.push_back(n->name());
    return result;
  }
  void watch(const std::string& path, watch_kind kind) {
    watches_.add(asker_.watcher, path, kind, asker_.who);
  }
  void tell(event_kind kind, const std::string& path) {
    effects_.emplace_back(effect::event{kind, path, {}, {asker_.watcher}});
  }

  const state& state_;
  watch_table& watches_;
  listing_line& listings_;
  std::vector<effect::any>& effects_;
  const read_asker& asker_;
};

}  // namespace

read_result run_read(const state& committed, watch_table& watches, listing_line& listings,
                     std::vector<effect::any>& effects, const read_asker& asker,
                     const read_op& op) {
  reader here{committed, watches, listings, effects, asker};
  // By far the most reads are this one.
  if (const auto* data = std::get_if<get_data_op>(&op)) return here(*data);
  return std::visit(here, op);
}

}  // namespace troupe::tree
