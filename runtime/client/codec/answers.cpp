#include "runtime/client/codec/answers.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace troupe::client::codec {
namespace {

std::string_view view_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}
std::string text_of(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

template <class Reader>
blob data_of(Reader from) {
  return from.hasData() ? blob{view_of(from.getData())} : blob{};
}

stat stat_of(api::Stat::Reader from) {
  stat made;
  made.czxid = {from.getCzxid()};
  made.mzxid = {from.getMzxid()};
  made.ctime_ms = from.getCtimeMs();
  made.mtime_ms = from.getMtimeMs();
  made.version = from.getVersion();
  made.cversion = from.getCversion();
  made.aversion = from.getAversion();
  made.ephemeral_owner = {from.getEphemeralOwner()};
  made.data_length = from.getDataLength();
  made.num_children = from.getNumChildren();
  made.pzxid = {from.getPzxid()};
  return made;
}

template <class List>
name_list names_of(List from) {
  name_list names;
  for (const auto name : from)
    names.push_back({name.begin(), name.size()});
  return names;
}

write_result write_result_of(api::Outcome::Reader from) {
  write_result result;
  if (from.isError()) {
    result.error = to_error_code(decode(from.getError()).what);
  } else if (from.isCreated()) {
    result.path = text_of(from.getCreated().getPath());
    result.stat = stat_of(from.getCreated().getStat());
    result.number = from.getCreated().getParents();
  } else if (from.isSum()) {
    result.number = from.getSum().getValue();
    result.stat = stat_of(from.getSum().getStat());
  } else if (from.isRemoved()) {
    result.number = from.getRemoved();
  } else if (from.isStat()) {
    result.stat = stat_of(from.getStat());
  }
  return result;
}

read_result read_result_of(api::Outcome::Reader from) {
  read_result result;
  switch (from.which()) {
  case api::Outcome::ERROR:
    result.error = to_error_code(decode(from.getError()).what);
    break;
  case api::Outcome::STAT:
    result.stat = stat_of(from.getStat());
    break;
  case api::Outcome::NODE:
    result.data = data_of(from.getNode());
    result.stat = stat_of(from.getNode().getStat());
    break;
  case api::Outcome::ACL:
    for (const auto entry : from.getAcl().getEntries())
      result.acl.push_back({entry.getPermissions(),
                            {std::string{view_of(entry.getWho().getScheme())},
                             std::string{view_of(entry.getWho().getId())}}});
    result.stat = stat_of(from.getAcl().getStat());
    break;
  case api::Outcome::CHILDREN:
    result.names = names_of(from.getChildren().getNames());
    result.stat = stat_of(from.getChildren().getStat());
    break;
  case api::Outcome::NUMBER:
    result.number = from.getNumber();
    break;
  case api::Outcome::PATHS:
    result.names = names_of(from.getPaths());
    break;
  case api::Outcome::SEVERAL:
    for (const auto one : from.getSeveral())
      result.items.push_back(read_result_of(one));
    break;
  default:
    break;
  }
  return result;
}

page page_of(api::Page::Reader from) {
  page made;
  made.more = from.getMore();
  made.parent = stat_of(from.getStat());
  for (const auto one : from.getEntries())
    made.entries.push_back(
        {text_of(one.getName()), stat_of(one.getStat()), data_of(one), one.getDenied()});
  return made;
}

/// As a script's results are told: one for each operation that was done, that of a choice before
/// those of what it chose, and the error last if there is one.
void take_script(answer& into, api::Outcome::Reader from) {
  if (from.isChosen()) {
    write_result choice;
    choice.number = from.getChosen().getThen() ? 1 : 0;
    into.writes.push_back(std::move(choice));
    for (const auto one : from.getChosen().getEach())
      take_script(into, one);
    return;
  }
  if (from.isSeveral()) {
    for (const auto one : from.getSeveral())
      take_script(into, one);
    return;
  }
  auto why = from.isError() ? decode(from.getError()) : problem{};
  if (why.what == fault::not_tried) return;
  into.writes.push_back(write_result_of(from));
  if (why.what == fault::none || why.what == fault::rolled_back) return;
  into.writes.back().path = why.path;
  into.writes.back().number = static_cast<std::int64_t>(why.limit);
  into.why = std::move(why);
}

/// A multi failed as a whole with the operation that failed by itself.
void take_multi(answer& into, capnp::List<api::Outcome>::Reader from) {
  for (const auto one : from) {
    into.writes.push_back(write_result_of(one));
    if (!one.isError()) continue;
    auto why = decode(one.getError());
    if (why.what != fault::rolled_back && why.what != fault::not_tried) into.why = std::move(why);
  }
}

}  // namespace

problem decode(api::Error::Reader from) {
  return {static_cast<fault>(from.getCode()), text_of(from.getPath()), from.getLimit(),
          from.getSize(), text_of(from.getMessage())};
}

answer decode(api::Outcome::Reader from, const operation& asked) {
  answer made;
  made.zxid = {from.getZxid()};
  if (from.isError()) {
    made.why = decode(from.getError());
  } else if (from.isPage()) {
    made.page = page_of(from.getPage());
  } else if (!std::holds_alternative<write_op>(asked)) {
    made.read = read_result_of(from);
  } else if (std::holds_alternative<script_op>(std::get<write_op>(asked))) {
    take_script(made, from);
  } else if (from.isSeveral()) {
    take_multi(made, from.getSeveral());
  } else {
    made.writes.push_back(write_result_of(from));
  }
  return made;
}

}  // namespace troupe::client::codec

namespace troupe::client {

error_code to_error_code(fault what) noexcept {
  switch (what) {
  case fault::none:
  case fault::rolled_back:  // as the server says of it to ZooKeeper's clients
    return error_code::ok;
  case fault::bad_arguments:
    return error_code::bad_arguments;
  case fault::unimplemented:
    return error_code::unimplemented;
  case fault::no_node:
    return error_code::no_node;
  case fault::no_auth:
    return error_code::no_auth;
  case fault::bad_version:
    return error_code::bad_version;
  case fault::no_children_for_ephemerals:
    return error_code::no_children_for_ephemerals;
  case fault::node_exists:
    return error_code::node_exists;
  case fault::not_empty:
    return error_code::not_empty;
  case fault::session_expired:
  case fault::session_lost:
    return error_code::session_expired;
  case fault::session_moved:
    return error_code::session_moved;
  case fault::invalid_acl:
    return error_code::invalid_acl;
  case fault::auth_failed:
    return error_code::auth_failed;
  case fault::no_watcher:
    return error_code::no_watcher;
  case fault::quota_exceeded:
    return error_code::quota_exceeded;
  case fault::throttled:
  case fault::too_many:
  case fault::too_many_waiting:
    return error_code::throttled;
  case fault::not_writable:
    return error_code::not_read_only;
  case fault::too_large:
    return error_code::bad_arguments;
  case fault::not_tried:
    return error_code::runtime_inconsistency;
  case fault::connection_lost:
    return error_code::operation_timeout;
  case fault::limit_exceeded:
    return error_code::limit_exceeded;
  case fault::fenced:
    return error_code::fenced;
  case fault::not_leader:
    return error_code::not_leader;
  case fault::decision_failed:
    return error_code::decision_failed;
  case fault::unknown:
  case fault::system_error:
  case fault::behind:
    break;
  }
  return error_code::system_error;
}

}  // namespace troupe::client
