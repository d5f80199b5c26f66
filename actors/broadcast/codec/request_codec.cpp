// Writes on their way to the leader.
#include <memory>
#include <utility>

#include <troupe/base/check.hpp>

#include "actors/broadcast/codec/capnp_values.hpp"

namespace troupe::broadcast::codec {
namespace {

template <class Builder>
void put_data(Builder into, const blob& data) {
  if (!data.is_null()) into.setData(bytes_of(data.view()));
}
template <class Reader>
blob get_data(Reader from) {
  return from.hasData() ? blob{view_of(from.getData())} : blob{};
}

void put_entries(capnp::List<wire::AclEntry>::Builder entries, const acl& list) {
  for (unsigned i = 0; i < list.size(); ++i) {
    entries[i].setPermissions(list[i].permissions);
    entries[i].setScheme(bytes_of(list[i].who.scheme));
    entries[i].setId(bytes_of(list[i].who.id));
  }
}
template <class Builder>
void put_acl(Builder into, const acl& list) {
  put_entries(into.initAcl(static_cast<unsigned>(list.size())), list);
}
acl get_entries(capnp::List<wire::AclEntry>::Reader from) {
  acl list;
  list.reserve(from.size());
  for (const auto entry : from)
    list.push_back({entry.getPermissions(), {text_of(entry.getScheme()), text_of(entry.getId())}});
  return list;
}
template <class Reader>
acl get_acl(Reader from) {
  return get_entries(from.getAcl());
}

void put_versioned(wire::VersionedPath::Builder into, std::string_view path, std::int32_t version) {
  into.setPath(bytes_of(path));
  into.setVersion(version);
}

void put_create(wire::CreateOp::Builder create, const create_op& op) {
  create.setPath(bytes_of(op.path));
  put_data(create, op.data);
  put_acl(create, op.acl);
  create.setKind(static_cast<wire::NodeKind>(op.kind));
  create.setSequential(op.sequential);
  create.setTtlMs(op.ttl_ms);
}
void put(wire::WriteOp::Builder into, const create_op& op) { put_create(into.initCreate(), op); }
void put(wire::WriteOp::Builder into, const delete_op& op) {
  put_versioned(into.initRemove(), op.path, op.version);
}
void put(wire::WriteOp::Builder into, const set_data_op& op) {
  auto set = into.initSetData();
  set.setPath(bytes_of(op.path));
  put_data(set, op.data);
  set.setVersion(op.version);
}
void put(wire::WriteOp::Builder into, const set_acl_op& op) {
  auto set = into.initSetAcl();
  set.setPath(bytes_of(op.path));
  put_acl(set, op.acl);
  set.setVersion(op.version);
}
void put(wire::WriteOp::Builder into, const check_op& op) {
  put_versioned(into.initCheck(), op.path, op.version);
}
void put(wire::WriteOp::Builder into, const multi_op& op) {
  auto items = into.initMulti(static_cast<unsigned>(op.items.size()));
  for (unsigned i = 0; i < op.items.size(); ++i)
    std::visit([&](const auto& one) { put(items[i], one); }, op.items[i]);
}
// Operations of scripts.
void put(wire::WriteOp::Builder into, const check_absent_op& op) {
  into.setCheckAbsent(bytes_of(op.path));
}
void put(wire::WriteOp::Builder into, const create_if_absent_op& op) {
  put_create(into.initCreateIfAbsent(), op.node);
}
void put(wire::WriteOp::Builder into, const create_with_parents_op& op) {
  auto create = into.initCreateWithParents();
  put_create(create.initNode(), op.node);
  put_entries(create.initAncestors(static_cast<unsigned>(op.ancestors.size())), op.ancestors);
}
void put(wire::WriteOp::Builder into, const delete_tree_op& op) {
  auto remove = into.initDeleteTree();
  remove.setPath(bytes_of(op.path));
  remove.setMost(op.most);
}
void put(wire::WriteOp::Builder into, const add_op& op) {
  auto add = into.initAdd();
  add.setPath(bytes_of(op.path));
  add.setAmount(op.amount);
}
void put(wire::WriteOp::Builder into, const guard_op& op) {
  auto guard = into.initGuard();
  guard.setPath(bytes_of(op.path));
  guard.setToken(op.token.value);
}
void put_steps(capnp::List<wire::WriteOp>::Builder into, const std::vector<script_step>& steps);
void put(wire::WriteOp::Builder into, const choose_op& op) {
  auto choice = into.initChoose();
  put_steps(choice.initWhen(static_cast<unsigned>(op.when.size())), op.when);
  put_steps(choice.initThen(static_cast<unsigned>(op.then.size())), op.then);
  put_steps(choice.initOtherwise(static_cast<unsigned>(op.otherwise.size())), op.otherwise);
}
void put_steps(capnp::List<wire::WriteOp>::Builder into, const std::vector<script_step>& steps) {
  for (unsigned i = 0; i < steps.size(); ++i)
    std::visit([&](const auto& one) { put(into[i], one); }, steps[i].what);
}
void put(wire::WriteOp::Builder into, const script_op& op) {
  put_steps(into.initScript(static_cast<unsigned>(op.steps.size())), op.steps);
}
void put(wire::WriteOp::Builder, const decide_op&) {
  TROUPE_CHECK(false, "a decision never leaves its process");
}

void put(wire::WriteOp::Builder into, const create_session_op& op) {
  into.setCreateSession(op.timeout.count());
}
void put(wire::WriteOp::Builder into, const close_session_op& op) {
  into.setCloseSession(static_cast<wire::CloseCause>(op.cause));
}
void put(wire::WriteOp::Builder into, const sync_op& op) { into.setSync(bytes_of(op.path)); }

create_op get(wire::CreateOp::Reader from) {
  return {text_of(from.getPath()), get_data(from),
          get_acl(from),           enumerant(from.getKind(), node_kind::ttl, "kind of node"),
          from.getSequential(),    from.getTtlMs()};
}
set_data_op get(wire::SetDataOp::Reader from) {
  return {text_of(from.getPath()), get_data(from), from.getVersion()};
}

multi_item get_item(wire::WriteOp::Reader from) {
  switch (from.which()) {
  case wire::WriteOp::CREATE:
    return get(from.getCreate());
  case wire::WriteOp::REMOVE:
    return delete_op{text_of(from.getRemove().getPath()), from.getRemove().getVersion()};
  case wire::WriteOp::SET_DATA:
    return get(from.getSetData());
  case wire::WriteOp::CHECK:
    return check_op{text_of(from.getCheck().getPath()), from.getCheck().getVersion()};
  default:
    throw not_understood{"an operation that has no place in a multi"};
  }
}

std::vector<script_step> get_steps(capnp::List<wire::WriteOp>::Reader from, std::size_t depth);

choose_op get(wire::ChooseOp::Reader from, std::size_t depth) {
  if (depth > script_op::deepest) throw not_understood{"choices within too many choices"};
  return {get_steps(from.getWhen(), depth), get_steps(from.getThen(), depth),
          get_steps(from.getOtherwise(), depth)};
}

script_step get_step(wire::WriteOp::Reader from, std::size_t depth) {
  switch (from.which()) {
  case wire::WriteOp::SET_ACL:
    return {set_acl_op{text_of(from.getSetAcl().getPath()), get_acl(from.getSetAcl()),
                       from.getSetAcl().getVersion()}};
  case wire::WriteOp::CHECK_ABSENT:
    return {check_absent_op{text_of(from.getCheckAbsent())}};
  case wire::WriteOp::CREATE_IF_ABSENT:
    return {create_if_absent_op{get(from.getCreateIfAbsent())}};
  case wire::WriteOp::CREATE_WITH_PARENTS:
    return {create_with_parents_op{get(from.getCreateWithParents().getNode()),
                                   get_entries(from.getCreateWithParents().getAncestors())}};
  case wire::WriteOp::DELETE_TREE:
    return {
        delete_tree_op{text_of(from.getDeleteTree().getPath()), from.getDeleteTree().getMost()}};
  case wire::WriteOp::ADD:
    return {add_op{text_of(from.getAdd().getPath()), from.getAdd().getAmount()}};
  case wire::WriteOp::GUARD:
    return {guard_op{text_of(from.getGuard().getPath()), zxid{from.getGuard().getToken()}}};
  case wire::WriteOp::CHOOSE:
    return {get(from.getChoose(), depth + 1)};
  default:
    // What a multi may have, a script may have as well.
    return std::visit([](auto&& one) { return script_step{std::forward<decltype(one)>(one)}; },
                      get_item(from));
  }
}

std::vector<script_step> get_steps(capnp::List<wire::WriteOp>::Reader from, std::size_t depth) {
  std::vector<script_step> steps;
  steps.reserve(from.size());
  for (const auto one : from)
    steps.push_back(get_step(one, depth));
  return steps;
}

write_op get(wire::WriteOp::Reader from) {
  switch (from.which()) {
  case wire::WriteOp::CREATE:
    return get(from.getCreate());
  case wire::WriteOp::REMOVE:
    return delete_op{text_of(from.getRemove().getPath()), from.getRemove().getVersion()};
  case wire::WriteOp::SET_DATA:
    return get(from.getSetData());
  case wire::WriteOp::SET_ACL: {
    const auto set = from.getSetAcl();
    return set_acl_op{text_of(set.getPath()), get_acl(set), set.getVersion()};
  }
  case wire::WriteOp::MULTI: {
    multi_op all;
    all.items.reserve(from.getMulti().size());
    for (const auto item : from.getMulti())
      all.items.push_back(get_item(item));
    return all;
  }
  case wire::WriteOp::CREATE_SESSION:
    return create_session_op{milliseconds{from.getCreateSession()}};
  case wire::WriteOp::CLOSE_SESSION:
    return close_session_op{
        enumerant(from.getCloseSession(), close_cause::administrator, "cause of a session's end")};
  case wire::WriteOp::SYNC:
    return sync_op{text_of(from.getSync())};
  case wire::WriteOp::SCRIPT:
    return script_op{get_steps(from.getScript(), 0)};
  default:
    break;
  }
  throw not_understood{"an operation that is no write"};
}

}  // namespace

void put(wire::WriteRequest::Builder into, const write_request& from) {
  put(into.initOrigin(), from.origin);
  into.setSession(from.session.value);
  if (from.who) {
    auto who = into.initWho(static_cast<unsigned>(from.who->size()));
    for (unsigned i = 0; i < from.who->size(); ++i) {
      who[i].setScheme(bytes_of((*from.who)[i].scheme));
      who[i].setId(bytes_of((*from.who)[i].id));
    }
  }
  into.setRequestId(from.request_id);
  into.setSince(from.since.value);
  auto op = into.initOp();
  std::visit([&](const auto& one) { put(op, one); }, from.op);
}

write_request get(wire::WriteRequest::Reader from) {
  write_request request;
  request.origin = get(from.getOrigin());
  request.session = {from.getSession()};
  if (from.hasWho()) {
    std::vector<identity> who;
    who.reserve(from.getWho().size());
    for (const auto one : from.getWho())
      who.push_back({text_of(one.getScheme()), text_of(one.getId())});
    request.who = std::make_shared<const std::vector<identity>>(std::move(who));
  }
  request.request_id = from.getRequestId();
  request.since = {from.getSince()};
  request.op = get(from.getOp());
  return request;
}

}  // namespace troupe::broadcast::codec
