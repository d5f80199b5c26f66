#include "actors/gateway/rpc/codec/operations.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include <troupe/base/znode_path.hpp>

#include "actors/gateway/rpc/codec/values.hpp"

namespace troupe::rpc::codec {
namespace {

using op_reader = api::Operation::Reader;
using op = api::Operation;

/// Thrown within this file: the operation cannot be tried.
struct not_possible {
  problem why;
};

[[noreturn]] void bad(std::string text) {
  problem why;
  why.what = problem::kind::bad_arguments;
  why.text = std::move(text);
  throw not_possible{std::move(why)};
}

const acl& open_acl() {
  static const acl everything{{permission_all, {"world", "anyone"}}};
  return everything;
}

acl get_acl(capnp::List<api::AclEntry>::Reader from, bool given) {
  if (!given) return open_acl();
  acl list;
  list.reserve(from.size());
  for (const auto entry : from) {
    const auto who = entry.getWho();
    list.push_back({entry.getPermissions(),
                    {std::string{view_of(who.getScheme())}, std::string{view_of(who.getId())}}});
  }
  return list;
}

class decoder {
public:
  decoder(const link_limits& limits, bool has_watcher)
      : limits_(limits), has_watcher_(has_watcher) {}

  std::variant<write_op, read_op, list_op, problem> what(op_reader from) const {
    switch (from.which()) {
    case op::CREATE:
      return write_op{create(from.getCreate())};
    case op::REMOVE:
      return write_op{removal(from.getRemove())};
    case op::SET_DATA:
      return write_op{set_data(from.getSetData())};
    case op::SET_ACL: {
      const auto set = from.getSetAcl();
      return write_op{set_acl_op{text_of(set.getPath()), get_acl(set.getAcl(), set.hasAcl()),
                                 set.getVersion()}};
    }
    case op::MULTI:
      if (is_script(from)) return write_op{script_op{steps(from.getMulti(), 0)}};
      return write_op{multi(from.getMulti())};
    case op::CHECK_ABSENT:
    case op::CREATE_IF_ABSENT:
    case op::CREATE_WITH_PARENTS:
    case op::REMOVE_TREE:
    case op::ADD:
    case op::GUARD:
    case op::CHOOSE:
      return alone(from);
    case op::SYNC:
      return write_op{sync_op{"/"}};
    case op::CHECK:
      bad("a check stands in a multi only");
    case op::LIST:
      return list(from.getList());
    default:
      return read(from);
    }
  }

private:
  template <class Reader>
  blob get_data(Reader from) const {
    if (!from.hasData()) return blob{};
    const auto bytes = from.getData();
    if (bytes.size() > limits_.data_bytes) {
      problem why;
      why.what = problem::kind::too_large;
      why.size = bytes.size();
      why.limit = limits_.data_bytes;
      why.text = "max_data_bytes is the limit of the data of one znode";
      throw not_possible{std::move(why)};
    }
    return blob{view_of(bytes)};
  }

  create_op create(api::Create::Reader from) const {
    if (from.getKind() > api::NodeKind::TTL)
      bad("an unknown kind of node: " + std::to_string(static_cast<int>(from.getKind())));
    return {text_of(from.getPath()),
            get_data(from),
            get_acl(from.getAcl(), from.hasAcl()),
            static_cast<node_kind>(from.getKind()),
            from.getSequential(),
            from.getTtlMs()};
  }
  static delete_op removal(api::VersionedPath::Reader from) {
    return {text_of(from.getPath()), from.getVersion()};
  }
  set_data_op set_data(api::SetData::Reader from) const {
    return {text_of(from.getPath()), get_data(from), from.getVersion()};
  }

  multi_item item(op_reader from) const {
    switch (from.which()) {
    case op::CREATE:
      return create(from.getCreate());
    case op::REMOVE:
      return removal(from.getRemove());
    case op::SET_DATA:
      return set_data(from.getSetData());
    case op::CHECK:
      return check_op{text_of(from.getCheck().getPath()), from.getCheck().getVersion()};
    default:
      bad("a multi has only writes and checks");
    }
  }

  /// Operations inside of others count as well.
  template <class Item, class Take>
  std::vector<Item> items(capnp::List<api::Operation>::Reader from, Take take) const {
    if (from.size() > limits_.batch_operations) {
      problem why;
      why.what = problem::kind::too_many;
      why.size = from.size();
      why.limit = limits_.batch_operations;
      why.text = "max_batch_operations is the limit of operations in one";
      throw not_possible{std::move(why)};
    }
    std::vector<Item> all;
    all.reserve(from.size());
    for (const auto one : from)
      all.push_back(take(one));
    return all;
  }
  multi_op multi(capnp::List<api::Operation>::Reader from) const {
    return {items<multi_item>(from, [this](op_reader one) { return item(one); })};
  }

  write_op alone(op_reader from) const {
    script_op made;
    made.steps.push_back({step(from, 0)});
    return made;
  }
  std::vector<script_step> steps(capnp::List<api::Operation>::Reader from,
                                 std::size_t depth) const {
    return items<script_step>(from, [&](op_reader one) { return script_step{step(one, depth)}; });
  }
  decltype(script_step::what) step(op_reader from, std::size_t depth) const {
    switch (from.which()) {
    case op::SET_ACL: {
      const auto set = from.getSetAcl();
      return set_acl_op{text_of(set.getPath()), get_acl(set.getAcl(), set.hasAcl()),
                        set.getVersion()};
    }
    case op::CHECK_ABSENT:
      return check_absent_op{text_of(from.getCheckAbsent())};
    case op::CREATE_IF_ABSENT:
      return create_if_absent_op{create(from.getCreateIfAbsent())};
    case op::CREATE_WITH_PARENTS: {
      const auto all = from.getCreateWithParents();
      return create_with_parents_op{create(all.getNode()),
                                    get_acl(all.getParentsAcl(), all.hasParentsAcl())};
    }
    case op::REMOVE_TREE:
      return delete_tree_op{text_of(from.getRemoveTree().getPath()),
                            from.getRemoveTree().getMost()};
    case op::ADD:
      return add_op{text_of(from.getAdd().getPath()), from.getAdd().getAmount()};
    case op::GUARD:
      return guard_op{text_of(from.getGuard().getPath()), {from.getGuard().getToken()}};
    case op::CHOOSE: {
      if (depth >= script_op::deepest)
        bad("choices within choices: " + std::to_string(script_op::deepest) + " deep at most");
      const auto choice = from.getChoose();
      return choose_op{steps(choice.getWhen(), depth + 1), steps(choice.getThen(), depth + 1),
                       steps(choice.getOtherwise(), depth + 1)};
    }
    default:
      return std::visit([](auto&& one) { return decltype(script_step::what){std::move(one)}; },
                        item(from));
    }
  }

  list_op list(api::ListChildren::Reader from) const {
    list_op asked{text_of(from.getPath()), text_of(from.getPrefix()), text_of(from.getAfter()),
                  from.getLimit(),         from.getStats(),           from.getData()};
    const auto most = std::min(usual_page, limits_.batch_operations);
    asked.limit = asked.limit == 0 ? most : std::min(asked.limit, most);
    return asked;
  }

  static multi_read_item together(op_reader from) {
    switch (from.which()) {
    case op::GET:
      if (!from.getGet().getWatch()) return get_data_op{text_of(from.getGet().getPath()), false};
      break;
    case op::CHILDREN:
      if (!from.getChildren().getWatch())
        return get_children_op{text_of(from.getChildren().getPath()), false};
      break;
    default:
      break;
    }
    bad("readTogether has only get and children, without watches");
  }

  read_op read(op_reader from) const {
    switch (from.which()) {
    case op::GET:
      return get_data_op{text_of(from.getGet().getPath()), watch(from.getGet())};
    case op::EXISTS:
      return exists_op{text_of(from.getExists().getPath()), watch(from.getExists())};
    case op::GET_ACL:
      return get_acl_op{text_of(from.getGetAcl())};
    case op::CHILDREN:
      return get_children_op{text_of(from.getChildren().getPath()), watch(from.getChildren())};
    case op::COUNT_DESCENDANTS:
      return get_all_children_number_op{text_of(from.getCountDescendants())};
    case op::EPHEMERALS:
      return get_ephemerals_op{text_of(from.getEphemerals())};
    case op::READ_TOGETHER:
      return multi_read_op{items<multi_read_item>(from.getReadTogether(), &together)};
    case op::ADD_WATCH: {
      const auto add = from.getAddWatch();
      return add_watch_op{watched(add.getPath()), add.getRecursive()
                                                      ? watch_mode::persistent_recursive
                                                      : watch_mode::persistent};
    }
    case op::CHECK_WATCHES:
      return check_watches_op{text_of(from.getCheckWatches().getPath()),
                              selector(from.getCheckWatches().getKind())};
    case op::REMOVE_WATCHES:
      return remove_watches_op{text_of(from.getRemoveWatches().getPath()),
                               selector(from.getRemoveWatches().getKind())};
    case op::RESTORE_WATCHES:
      return restore(from.getRestoreWatches());
    default: {
      problem why;
      why.error = error_code::unimplemented;
      why.text = "operation " + std::to_string(static_cast<int>(from.which())) +
                 " is not known to this server";
      throw not_possible{std::move(why)};
    }
    }
  }

  bool watch(api::WatchablePath::Reader from) const {
    if (from.getWatch()) watched(from.getPath());
    return from.getWatch();
  }
  /// Watches stay, so only paths that can ever exist are watched.
  std::string watched(capnp::Text::Reader path) const {
    if (!has_watcher_) bad("the session was opened without a watcher, so it has no watches");
    if (!is_valid_path(view_of(path))) bad("no valid path to watch");
    return text_of(path);
  }
  std::vector<std::string> watched(capnp::List<capnp::Text>::Reader paths) const {
    std::vector<std::string> all;
    all.reserve(paths.size());
    for (const auto path : paths)
      all.push_back(watched(path));
    return all;
  }
  set_watches_op restore(api::RestoreWatches::Reader from) const {
    set_watches_op all;
    all.relative = {from.getSeen()};
    all.data = watched(from.getData());
    all.exist = watched(from.getExists());
    all.child = watched(from.getChildren());
    all.persistent = watched(from.getPersistent());
    all.persistent_recursive = watched(from.getRecursive());
    return all;
  }

  static watch_selector selector(api::WatchKind kind) {
    switch (kind) {
    case api::WatchKind::ANY:
      return watch_selector::any;
    case api::WatchKind::DATA:
      return watch_selector::data;
    case api::WatchKind::CHILDREN:
      return watch_selector::children;
    case api::WatchKind::PERSISTENT:
      return watch_selector::persistent;
    case api::WatchKind::RECURSIVE:
      return watch_selector::persistent_recursive;
    }
    bad("an unknown kind of watch: " + std::to_string(static_cast<int>(kind)));
  }

  const link_limits& limits_;
  const bool has_watcher_;
};

freshness how_new(api::Operation::Freshness::Reader from) {
  switch (from.which()) {
  case api::Operation::Freshness::LOCAL:
    return {};
  case api::Operation::Freshness::AT_LEAST:
    return {freshness::kind::at_least, {from.getAtLeast()}, {}};
  case api::Operation::Freshness::LINEARIZABLE:
    return {freshness::kind::max_lag, {}, nanoseconds{0}};
  case api::Operation::Freshness::MAX_LAG_MS:
    return {freshness::kind::max_lag, {}, milliseconds{from.getMaxLagMs()}};
  }
  bad("an unknown freshness; this server is older than the client");
}

}  // namespace

std::vector<operation> decode(capnp::List<api::Operation>::Reader from, const link_limits& limits,
                              bool has_watcher) {
  const decoder into{limits, has_watcher};
  std::vector<operation> all;
  all.reserve(from.size());
  for (const auto one : from) {
    auto& made = all.emplace_back();
    try {
      made.what = into.what(one);
      made.how_new = how_new(one.getFreshness());
      made.request_id = one.getRequestId();
    } catch (not_possible& refused) {
      made.what = std::move(refused.why);
    }
  }
  return all;
}

problem too_many_operations(std::size_t size, const link_limits& limits) {
  problem why;
  why.what = problem::kind::too_many;
  why.size = size;
  why.limit = limits.batch_operations;
  why.text = "max_batch_operations is the limit of operations in one call";
  return why;
}

bool is_script(op_reader from) {
  if (!from.isMulti()) return from.which() > op::RESTORE_WATCHES;
  for (const auto one : from.getMulti())
    if (one.isSetAcl() || one.which() > op::RESTORE_WATCHES) return true;
  return false;
}

std::string_view path_of(op_reader from) {
  switch (from.which()) {
  case op::CREATE:
    return view_of(from.getCreate().getPath());
  case op::REMOVE:
    return view_of(from.getRemove().getPath());
  case op::SET_DATA:
    return view_of(from.getSetData().getPath());
  case op::SET_ACL:
    return view_of(from.getSetAcl().getPath());
  case op::CHECK:
    return view_of(from.getCheck().getPath());
  case op::GET:
    return view_of(from.getGet().getPath());
  case op::EXISTS:
    return view_of(from.getExists().getPath());
  case op::GET_ACL:
    return view_of(from.getGetAcl());
  case op::CHILDREN:
    return view_of(from.getChildren().getPath());
  case op::LIST:
    return view_of(from.getList().getPath());
  case op::COUNT_DESCENDANTS:
    return view_of(from.getCountDescendants());
  case op::ADD_WATCH:
    return view_of(from.getAddWatch().getPath());
  case op::CHECK_WATCHES:
    return view_of(from.getCheckWatches().getPath());
  case op::REMOVE_WATCHES:
    return view_of(from.getRemoveWatches().getPath());
  case op::CHECK_ABSENT:
    return view_of(from.getCheckAbsent());
  case op::CREATE_IF_ABSENT:
    return view_of(from.getCreateIfAbsent().getPath());
  case op::CREATE_WITH_PARENTS:
    return view_of(from.getCreateWithParents().getNode().getPath());
  case op::REMOVE_TREE:
    return view_of(from.getRemoveTree().getPath());
  case op::ADD:
    return view_of(from.getAdd().getPath());
  case op::GUARD:
    return view_of(from.getGuard().getPath());
  default:
    return {};
  }
}

}  // namespace troupe::rpc::codec
