#include "runtime/client/codec/requests.hpp"

#include <string_view>
#include <variant>

#include "runtime/client/codec/sizes.hpp"

namespace troupe::client::codec {
namespace {

using builder = api::Operation::Builder;

capnp::Data::Reader bytes_of(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}
capnp::Text::Reader text_of(const std::string& text) { return {text.c_str(), text.size()}; }

template <class Builder>
void put_data(Builder into, const blob& data) {
  if (!data.is_null()) into.setData(bytes_of(data.view()));
}
void put_acl(capnp::List<api::AclEntry>::Builder entries, const acl& list) {
  for (unsigned i = 0; i < list.size(); ++i) {
    entries[i].setPermissions(list[i].permissions);
    auto who = entries[i].initWho();
    who.setScheme(bytes_of(list[i].who.scheme));
    who.setId(bytes_of(list[i].who.id));
  }
}
void put_versioned(api::VersionedPath::Builder into, const std::string& path,
                   std::int32_t version) {
  into.setPath(text_of(path));
  into.setVersion(version);
}
void put_watchable(api::WatchablePath::Builder into, const std::string& path, bool watch) {
  into.setPath(text_of(path));
  into.setWatch(watch);
}
template <class List>
void put_paths(List into, const std::vector<std::string>& paths) {
  for (unsigned i = 0; i < paths.size(); ++i)
    into.set(i, text_of(paths[i]));
}

struct encoder {
  builder into;

  static void put_create(api::Create::Builder create, const create_op& op) {
    create.setPath(text_of(op.path));
    put_data(create, op.data);
    put_acl(create.initAcl(static_cast<unsigned>(op.acl.size())), op.acl);
    create.setKind(static_cast<api::NodeKind>(op.kind));
    create.setSequential(op.sequential);
    create.setTtlMs(op.ttl_ms);
  }
  void operator()(const create_op& op) { put_create(into.initCreate(), op); }
  void operator()(const delete_op& op) { put_versioned(into.initRemove(), op.path, op.version); }
  void operator()(const set_data_op& op) {
    auto set = into.initSetData();
    set.setPath(text_of(op.path));
    put_data(set, op.data);
    set.setVersion(op.version);
  }
  void operator()(const set_acl_op& op) {
    auto set = into.initSetAcl();
    set.setPath(text_of(op.path));
    put_acl(set.initAcl(static_cast<unsigned>(op.acl.size())), op.acl);
    set.setVersion(op.version);
  }
  void operator()(const check_op& op) { put_versioned(into.initCheck(), op.path, op.version); }
  void operator()(const multi_op& op) {
    auto items = into.initMulti(static_cast<unsigned>(op.items.size()));
    for (unsigned i = 0; i < op.items.size(); ++i)
      std::visit(encoder{items[i]}, op.items[i]);
  }
  static void put_steps(capnp::List<api::Operation>::Builder items,
                        const std::vector<script_step>& steps) {
    for (unsigned i = 0; i < steps.size(); ++i)
      std::visit(encoder{items[i]}, steps[i].what);
  }
  void operator()(const script_op& op) {
    put_steps(into.initMulti(static_cast<unsigned>(op.steps.size())), op.steps);
  }
  void operator()(const check_absent_op& op) { into.setCheckAbsent(text_of(op.path)); }
  void operator()(const create_if_absent_op& op) { put_create(into.initCreateIfAbsent(), op.node); }
  void operator()(const create_with_parents_op& op) {
    auto all = into.initCreateWithParents();
    put_create(all.initNode(), op.node);
    put_acl(all.initParentsAcl(static_cast<unsigned>(op.ancestors.size())), op.ancestors);
  }
  void operator()(const delete_tree_op& op) {
    auto remove = into.initRemoveTree();
    remove.setPath(text_of(op.path));
    remove.setMost(op.most);
  }
  void operator()(const add_op& op) {
    auto add = into.initAdd();
    add.setPath(text_of(op.path));
    add.setAmount(op.amount);
  }
  void operator()(const guard_op& op) {
    auto guard = into.initGuard();
    guard.setPath(text_of(op.path));
    guard.setToken(op.token.value);
  }
  void operator()(const choose_op& op) {
    auto choice = into.initChoose();
    put_steps(choice.initWhen(static_cast<unsigned>(op.when.size())), op.when);
    put_steps(choice.initThen(static_cast<unsigned>(op.then.size())), op.then);
    put_steps(choice.initOtherwise(static_cast<unsigned>(op.otherwise.size())), op.otherwise);
  }
  void operator()(const decide_op&) { /* refused before */ }
  void operator()(const create_session_op&) { /* refused before */ }
  void operator()(const close_session_op&) { /* refused before */ }
  void operator()(const sync_op&) { into.setSync(); }

  void operator()(const exists_op& op) { put_watchable(into.initExists(), op.path, op.watch); }
  void operator()(const get_data_op& op) { put_watchable(into.initGet(), op.path, op.watch); }
  void operator()(const get_acl_op& op) { into.setGetAcl(text_of(op.path)); }
  void operator()(const get_children_op& op) {
    put_watchable(into.initChildren(), op.path, op.watch);
  }
  void operator()(const get_all_children_number_op& op) {
    into.setCountDescendants(text_of(op.path));
  }
  void operator()(const get_ephemerals_op& op) { into.setEphemerals(text_of(op.prefix)); }
  void operator()(const multi_read_op& op) {
    auto items = into.initReadTogether(static_cast<unsigned>(op.items.size()));
    for (unsigned i = 0; i < op.items.size(); ++i)
      std::visit(encoder{items[i]}, op.items[i]);
  }
  void operator()(const set_watches_op& op) {
    auto all = into.initRestoreWatches();
    all.setSeen(op.relative.value);
    put_paths(all.initData(static_cast<unsigned>(op.data.size())), op.data);
    put_paths(all.initExists(static_cast<unsigned>(op.exist.size())), op.exist);
    put_paths(all.initChildren(static_cast<unsigned>(op.child.size())), op.child);
    put_paths(all.initPersistent(static_cast<unsigned>(op.persistent.size())), op.persistent);
    put_paths(all.initRecursive(static_cast<unsigned>(op.persistent_recursive.size())),
              op.persistent_recursive);
  }
  void operator()(const add_watch_op& op) {
    auto add = into.initAddWatch();
    add.setPath(text_of(op.path));
    add.setRecursive(op.mode == watch_mode::persistent_recursive);
  }
  void operator()(const check_watches_op& op) {
    put_choice(into.initCheckWatches(), op.path, op.selector);
  }
  void operator()(const remove_watches_op& op) {
    put_choice(into.initRemoveWatches(), op.path, op.selector);
  }

  static void put_choice(api::WatchChoice::Builder choice, const std::string& path,
                         watch_selector which) {
    choice.setPath(text_of(path));
    switch (which) {
    case watch_selector::any:
      return choice.setKind(api::WatchKind::ANY);
    case watch_selector::data:
      return choice.setKind(api::WatchKind::DATA);
    case watch_selector::children:
      return choice.setKind(api::WatchKind::CHILDREN);
    case watch_selector::persistent:
      return choice.setKind(api::WatchKind::PERSISTENT);
    case watch_selector::persistent_recursive:
      return choice.setKind(api::WatchKind::RECURSIVE);
    }
  }

  void operator()(const write_op& op) { return std::visit(*this, op); }
  void operator()(const read_op& op) { return std::visit(*this, op); }
  void operator()(const list_op& op) {
    auto list = into.initList();
    list.setPath(text_of(op.path));
    list.setPrefix(text_of(op.prefix));
    list.setAfter(text_of(op.after));
    list.setLimit(op.limit);
    list.setStats(op.stats);
    list.setData(op.data);
  }
};

/// Words that an operation takes beside paths and data.
constexpr std::size_t operation_bytes = 96;

struct measure {
  template <class Op>
  std::size_t operator()(const Op& op) const {
    std::size_t bytes = operation_bytes;
    if constexpr (requires { op.path; }) bytes += op.path.size();
    if constexpr (requires { op.data.view(); }) bytes += op.data.size();
    if constexpr (requires { op.acl; })
      for (const auto& one : op.acl)
        bytes += operation_bytes + one.who.scheme.size() + one.who.id.size();
    if constexpr (requires { op.items; })
      for (const auto& one : op.items)
        bytes += std::visit(*this, one);
    return bytes;
  }
  std::size_t all(const std::vector<script_step>& steps) const {
    std::size_t bytes = operation_bytes;
    for (const auto& one : steps)
      bytes += std::visit(*this, one.what);
    return bytes;
  }
  std::size_t operator()(const script_op& op) const { return all(op.steps); }
  std::size_t operator()(const choose_op& op) const {
    return all(op.when) + all(op.then) + all(op.otherwise);
  }
  std::size_t operator()(const create_if_absent_op& op) const { return (*this)(op.node); }
  std::size_t operator()(const create_with_parents_op& op) const {
    return (*this)(op.node) + operation_bytes * (op.ancestors.size() + 1);
  }
  std::size_t operator()(const set_watches_op& op) const {
    std::size_t bytes = operation_bytes;
    for (const auto* list :
         {&op.data, &op.exist, &op.child, &op.persistent, &op.persistent_recursive})
      for (const auto& path : *list)
        bytes += path.size() + 2 * sizeof(capnp::word);
    return bytes;
  }
  std::size_t operator()(const write_op& op) const { return std::visit(*this, op); }
  std::size_t operator()(const read_op& op) const { return std::visit(*this, op); }
};

}  // namespace

void encode(builder into, const operation& what, const freshness& how_new,
            std::uint64_t request_id) {
  std::visit(encoder{into}, what);
  into.setRequestId(request_id);
  auto fresh = into.getFreshness();
  switch (how_new.what) {
  case freshness::kind::local:
    break;
  case freshness::kind::at_least:
    fresh.setAtLeast(how_new.wanted.value);
    break;
  case freshness::kind::linearizable:
    fresh.setLinearizable();
    break;
  case freshness::kind::max_lag:
    fresh.setMaxLagMs(static_cast<std::uint32_t>(how_new.lag.count()));
    break;
  }
}

std::size_t size_of(const operation& what) { return std::visit(measure{}, what); }

}  // namespace troupe::client::codec
