#include "actors/gateway/rpc/codec/outcomes.hpp"

#include <algorithm>
#include <string_view>
#include <variant>

#include "actors/gateway/rpc/codec/operations.hpp"
#include "actors/gateway/rpc/codec/script_outcomes.hpp"
#include "actors/gateway/rpc/codec/values.hpp"
#include "actors/gateway/rpc/core/pages.hpp"

namespace troupe::rpc::codec {
namespace {

using codec::put;
using op = api::Operation;

void put_error(api::Outcome::Builder into, error_code error, op::Reader asked) {
  put(into.initError(), as_problem(error), path_of(asked));
}

template <class List>
void put_names(List into, const name_list& names) {
  unsigned i = 0;
  for (const auto name : names)
    put_text([&](unsigned n) { return into.init(i, n); }, name), ++i;
}

/// One write, or one operation of a multi.
void put(api::Outcome::Builder into, const write_result& from, op::Reader asked) {
  if (from.error != error_code::ok) return put_error(into, from.error, asked);
  switch (asked.which()) {
  case op::CREATE: {
    auto created = into.initCreated();
    put_text([&](unsigned n) { return created.initPath(n); }, from.path);
    return put(created.initStat(), from.stat);
  }
  case op::SET_DATA:
  case op::SET_ACL:
    return put(into.initStat(), from.stat);
  default:
    return into.setDone();
  }
}

/// Of a multi that failed, what would have been done was not.
void put_failed(api::Outcome::Builder into, const write_result& from, op::Reader asked) {
  const auto path = path_of(asked);
  auto error = into.initError();
  put(error, as_problem(from.error), path);
  if (from.error == error_code::ok) error.setCode(api::ErrorCode::ROLLED_BACK);
  if (from.error == error_code::runtime_inconsistency) error.setCode(api::ErrorCode::NOT_TRIED);
}

void put(api::Outcome::Builder into, zxid at, const std::vector<write_result>& from,
         op::Reader asked) {
  if (is_script(asked)) return put_script(into, at, from, asked);
  if (!asked.isMulti()) {
    if (from.empty()) return into.setDone();
    return put(into, from.front(), asked);
  }
  const auto items = asked.getMulti();
  const bool failed = std::any_of(from.begin(), from.end(),
                                  [](const auto& one) { return one.error != error_code::ok; });
  auto each = into.initSeveral(static_cast<unsigned>(from.size()));
  for (unsigned i = 0; i < from.size() && i < items.size(); ++i) {
    each[i].setZxid(at.value);
    failed ? put_failed(each[i], from[i], items[i]) : put(each[i], from[i], items[i]);
  }
}

void put(api::Outcome::Builder into, zxid at, const read_result& from, op::Reader asked) {
  if (from.error != error_code::ok) return put_error(into, from.error, asked);
  switch (asked.which()) {
  case op::GET: {
    auto node = into.initNode();
    if (!from.data.is_null()) node.setData(bytes_of(from.data.view()));
    return put(node.initStat(), from.stat);
  }
  case op::EXISTS:
    return put(into.initStat(), from.stat);
  case op::GET_ACL: {
    auto list = into.initAcl();
    put(list.initEntries(static_cast<unsigned>(from.acl.size())), from.acl);
    return put(list.initStat(), from.stat);
  }
  case op::CHILDREN: {
    auto children = into.initChildren();
    put_names(children.initNames(static_cast<unsigned>(from.names.size())), from.names);
    return put(children.initStat(), from.stat);
  }
  case op::COUNT_DESCENDANTS:
    return into.setNumber(from.number);
  case op::EPHEMERALS:
    return put_names(into.initPaths(static_cast<unsigned>(from.names.size())), from.names);
  case op::READ_TOGETHER: {
    const auto items = asked.getReadTogether();
    auto each = into.initSeveral(static_cast<unsigned>(from.items.size()));
    for (unsigned i = 0; i < from.items.size() && i < items.size(); ++i) {
      each[i].setZxid(at.value);
      put(each[i], at, from.items[i], items[i]);
    }
    return;
  }
  default:
    return into.setDone();
  }
}

void put(api::Page::Builder into, const name_page& from, api::ListChildren::Reader asked) {
  auto entries = into.initEntries(static_cast<unsigned>(from.names.size()));
  into.setMore(from.more);
  put(into.initStat(), from.parent);
  for (unsigned i = 0; i < from.names.size(); ++i) {
    auto entry = entries[i];
    put_text([&](unsigned n) { return entry.initName(n); }, from.names[i]);
    if (i >= from.nodes.size()) continue;
    const auto& node = from.nodes[i];
    entry.setDenied(node.error != error_code::ok);
    if (node.error != error_code::ok) continue;
    if (asked.getStats()) put(entry.initStat(), node.stat);
    if (!node.data.is_null()) entry.setData(bytes_of(node.data.view()));
  }
}

void put(api::Outcome::Builder into, const outcome& from, op::Reader asked) {
  if (const auto* writes = std::get_if<std::vector<write_result>>(&from.what))
    return put(into, from.at, *writes, asked);
  if (const auto* read = std::get_if<read_result>(&from.what))
    return put(into, from.at, *read, asked);
  if (const auto* page = std::get_if<name_page>(&from.what))
    return put(into.initPage(), *page, asked.getList());
  if (const auto* why = std::get_if<problem>(&from.what))
    return put(into.initError(), *why, path_of(asked));
  into.setDone();
}

problem does_not_fit(std::size_t size, std::size_t limit) {
  problem why;
  why.what = problem::kind::too_large;
  why.size = size;
  why.limit = limit;
  why.text =
      "the answers to all of a batch together are over max_reply_bytes; ask for less at once";
  return why;
}

}  // namespace

capnp::MessageSize expected_size(const finished_batch& done) {
  // Of an outcome beside what it holds: itself, and pointers.
  constexpr std::size_t outcome_words = 8;
  std::size_t words = outcome_words;
  for (const auto& one : done.outcomes)
    words += size_of(one) / sizeof(capnp::word) + outcome_words;
  return {words, 0};
}

void encode(api::Outcomes::Builder into, const finished_batch& done,
            capnp::List<api::Operation>::Reader asked, std::size_t most_bytes) {
  into.setZxid(done.at.value);
  into.setEvents(done.events);
  const auto count = static_cast<unsigned>(done.outcomes.size());
  auto each = into.initEach(count);
  std::size_t bytes = 0;
  for (unsigned i = 0; i < count; ++i) {
    const auto& one = done.outcomes[i];
    each[i].setZxid(one.at.value);
    const auto size = size_of(one);
    const bool is_write = std::holds_alternative<std::vector<write_result>>(one.what);
    if (!is_write && bytes + size > most_bytes) {
      put(each[i].initError(), does_not_fit(bytes + size, most_bytes), path_of(asked[i]));
      continue;
    }
    bytes += size;
    put(each[i], one, asked[i]);
  }
}

}  // namespace troupe::rpc::codec
