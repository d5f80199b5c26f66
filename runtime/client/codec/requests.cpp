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
template <class Builder>
void put_acl(Builder into, const acl& list) {
  auto entries = into.initAcl(static_cast<unsigned>(list.size()));
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

  bool operator()(const create_op& op) {
    auto create = into.initCreate();
    create.setPath(text_of(op.path));
    put_data(create, op.data);
    put_acl(create, op.acl);
    create.setKind(static_cast<api::NodeKind>(op.kind));
    create.setSequential(op.sequential);
    create.setTtlMs(op.ttl_ms);
    return true;
  }
  bool operator()(const delete_op& op) {
    put_versioned(into.initRemove(), op.path, op.version);
    return true;
  }
  bool operator()(const set_data_op& op) {
    auto set = into.initSetData();
    set.setPath(text_of(op.path));
    put_data(set, op.data);
    set.setVersion(op.version);
    return true;
  }
  bool operator()(const set_acl_op& op) {
    auto set = into.initSetAcl();
    set.setPath(text_of(op.path));
    put_acl(set, op.acl);
    set.setVersion(op.version);
    return true;
  }
  bool operator()(const check_op& op) {
    put_versioned(into.initCheck(), op.path, op.version);
    return true;
  }
  bool operator()(const multi_op& op) {
    auto items = into.initMulti(static_cast<unsigned>(op.items.size()));
    for (unsigned i = 0; i < op.items.size(); ++i)
      std::visit(encoder{items[i]}, op.items[i]);
    return true;
  }
  bool operator()(const create_session_op&) { return false; }
  bool operator()(const close_session_op&) { return false; }
  bool operator()(const sync_op&) {
    into.setSync();
    return true;
  }

  bool operator()(const exists_op& op) {
    put_watchable(into.initExists(), op.path, op.watch);
    return true;
  }
  bool operator()(const get_data_op& op) {
    put_watchable(into.initGet(), op.path, op.watch);
    return true;
  }
  bool operator()(const get_acl_op& op) {
    into.setGetAcl(text_of(op.path));
    return true;
  }
  bool operator()(const get_children_op& op) {
    put_watchable(into.initChildren(), op.path, op.watch);
    return true;
  }
  bool operator()(const get_all_children_number_op& op) {
    into.setCountDescendants(text_of(op.path));
    return true;
  }
  bool operator()(const get_ephemerals_op& op) {
    into.setEphemerals(text_of(op.prefix));
    return true;
  }
  bool operator()(const multi_read_op& op) {
    auto items = into.initReadTogether(static_cast<unsigned>(op.items.size()));
    for (unsigned i = 0; i < op.items.size(); ++i)
      std::visit(encoder{items[i]}, op.items[i]);
    return true;
  }
  bool operator()(const set_watches_op& op) {
    auto all = into.initRestoreWatches();
    all.setSeen(op.relative.value);
    put_paths(all.initData(static_cast<unsigned>(op.data.size())), op.data);
    put_paths(all.initExists(static_cast<unsigned>(op.exist.size())), op.exist);
    put_paths(all.initChildren(static_cast<unsigned>(op.child.size())), op.child);
    put_paths(all.initPersistent(static_cast<unsigned>(op.persistent.size())), op.persistent);
    put_paths(all.initRecursive(static_cast<unsigned>(op.persistent_recursive.size())),
              op.persistent_recursive);
    return true;
  }
  bool operator()(const add_watch_op& op) {
    auto add = into.initAddWatch();
    add.setPath(text_of(op.path));
    add.setRecursive(op.mode == watch_mode::persistent_recursive);
    return true;
  }
  bool operator()(const check_watches_op& op) {
    put_choice(into.initCheckWatches(), op.path, op.selector);
    return true;
  }
  bool operator()(const remove_watches_op& op) {
    put_choice(into.initRemoveWatches(), op.path, op.selector);
    return true;
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

  bool operator()(const write_op& op) { return std::visit(*this, op); }
  bool operator()(const read_op& op) { return std::visit(*this, op); }
  bool operator()(const list_op& op) {
    auto list = into.initList();
    list.setPath(text_of(op.path));
    list.setPrefix(text_of(op.prefix));
    list.setAfter(text_of(op.after));
    list.setLimit(op.limit);
    list.setStats(op.stats);
    list.setData(op.data);
    return true;
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

bool encode(builder into, const operation& what, const freshness& how_new) {
  if (!std::visit(encoder{into}, what)) return false;
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
  return true;
}

std::size_t size_of(const operation& what) { return std::visit(measure{}, what); }

}  // namespace troupe::client::codec
