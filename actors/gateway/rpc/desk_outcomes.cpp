// What comes back from the tree.
#include <algorithm>
#include <utility>
#include <variant>

#include <troupe/base/check.hpp>

#include "actors/gateway/rpc/core/pages.hpp"
#include "actors/gateway/rpc/desk.hpp"

namespace troupe::rpc {
namespace {

/// The first part of a result of which names are still to come, if any.
read_result* unfinished_part(read_result& result) {
  if (result.names_to_come > 0) return &result;
  for (auto& one : result.items)
    if (one.names_to_come > 0) return &one;
  return nullptr;
}

std::uint64_t names_to_come(const read_result& result) {
  auto bytes = result.names_to_come;
  for (const auto& one : result.items)
    bytes += one.names_to_come;
  return bytes;
}

problem names_too_large(std::uint64_t size, std::uint64_t limit) {
  problem why;
  why.what = problem::kind::too_large;
  why.size = size;
  why.limit = limit;
  why.text = "the names of the children do not fit into a reply; list them page by page";
  return why;
}

problem as_problem(error_code error) {
  problem why;
  why.error = error;
  return why;
}

/// Names of a directory that is listed page by page are held until it is sorted, but not without
/// end.
constexpr std::uint64_t most_listed_bytes = std::uint64_t{256} << 20;

}  // namespace

void desk::on(role::tree::output& message) {
  for (auto& item : message.items)
    std::visit([this](auto& one) { deliver(one); }, item);
  applied_ = std::max(applied_, message.applied);
  known_applied_ = std::max(known_applied_, applied_);
  tell_events();
}

desk::slot desk::take_slot(member& from, std::uint64_t sequence) {
  TROUPE_CHECK(!from.slots.empty() && from.slots.front().sequence == sequence,
               "outcomes of one session come in the order of its operations");
  auto expected = std::move(from.slots.front());
  from.slots.pop_front();
  return expected;
}

/// The batch is gone if this was the last that it missed.
void desk::settle(member& from, const slot& expected, outcome&& what) {
  auto& of = *expected.of;
  of.result.at = std::max(of.result.at, what.at);
  if (expected.index < of.result.outcomes.size())
    of.result.outcomes[expected.index] = std::move(what);
  --counters_.outstanding;
  if (--of.missing > 0) return;
  of.result.events = from.events_told;
  const auto sink = std::move(of.sink);
  auto result = std::move(of.result);
  from.batches.erase(of.self);
  sink->done(std::move(result));
}

void desk::deliver(role::tree::write_reply& item) {
  const bool succeeded = item.results.empty() || item.results.front().error == error_code::ok;
  if (barriers_.finish(item.sequence, succeeded)) return;
  const auto found = routes_.find(item.sequence);
  if (found == routes_.end()) return;
  auto& from = *found->second;
  routes_.erase(found);
  const auto expected = take_slot(from, item.sequence);
  if (from.newest_write == item.sequence) from.newest_write = 0;
  const bool moved = std::any_of(item.results.begin(), item.results.end(), [](const auto& one) {
    return one.error == error_code::session_moved;
  });
  if (moved) end(from, session_end::moved);
  settle(from, expected, {item.zxid, std::move(item.results)});
  leave_if_answered(from);
}

void desk::deliver(role::tree::read_reply& item) {
  auto* const from = find(item.connection);
  if (!from) return;
  auto expected = take_slot(*from, item.sequence);
  if (!unfinished_part(item.result)) {
    complete(*from, std::move(expected), item.zxid, std::move(item.result));
    return leave_if_answered(*from);
  }
  const auto bytes = names_to_come(item.result);
  const bool too_large = bytes > most_name_bytes(expected.listed != nullptr);
  from->lists.push_back(
      {std::move(expected), item.zxid, std::move(item.result), bytes, too_large, false});
}

/// Of a list that is sorted and cut into pages more is held than fits into a reply.
std::uint64_t desk::most_name_bytes(bool listed) const {
  return listed ? most_listed_bytes : settings_.most_reply_bytes;
}

void desk::deliver(role::tree::read_piece& item) {
  auto* const from = find(item.connection);
  if (!from || from->lists.empty()) return;
  auto& first = from->lists.front();
  auto& part = *unfinished_part(first.result);
  if (item.given_up) {
    first.given_up = true;
    part.names_to_come = 0;
  } else {
    part.names_to_come -= item.names.bytes().size();
    if (!first.too_large) part.names.append(item.names);
  }
  if (unfinished_part(first.result)) return;
  auto whole = std::move(first);
  from->lists.pop_front();
  if (whole.given_up) {
    settle(*from, whole.of, {whole.at, as_problem(error_code::system_error)});
  } else if (whole.too_large) {
    const auto limit = most_name_bytes(whole.of.listed != nullptr);
    settle(*from, whole.of, {whole.at, names_too_large(whole.bytes, limit)});
  } else {
    complete(*from, std::move(whole.of), whole.at, std::move(whole.result));
  }
  leave_if_answered(*from);
}

void desk::complete(member& from, slot&& expected, zxid at, read_result&& result) {
  if (barriers_.failed(expected.barrier))
    return settle(from, expected, {at, as_problem(error_code::not_read_only)});
  if (expected.wanted > at) {
    problem behind;
    behind.what = problem::kind::behind;
    behind.limit = at.value;
    behind.text = "no server has got so far";
    return settle(from, expected, {at, std::move(behind)});
  }
  if (result.error != error_code::ok) return settle(from, expected, {at, as_problem(result.error)});
  if (!expected.listed) return settle(from, expected, {at, std::move(result)});
  listed(from, std::move(expected), at, std::move(result));
}

/// First the names have come, then, if they were asked for, the nodes of a page of them.
void desk::listed(member& from, slot&& expected, zxid at, read_result&& result) {
  auto& shown = expected.of->result.outcomes[expected.index];
  if (!std::exchange(expected.has_names, true)) {
    auto page = page_of(result.names, *expected.listed);
    page.parent = result.stat;
    const bool whole = page.names.empty() || !(expected.listed->stats || expected.listed->data);
    if (!whole) {
      multi_read_op nodes;
      const auto& path = expected.listed->path;
      for (const auto& name : page.names)
        nodes.items.emplace_back(get_data_op{(path == "/" ? path : path + "/") + name, false});
      shown = {at, std::move(page)};
      expected.barrier = 0;
      return read(from, std::move(expected), std::move(nodes));
    }
    shorten(page, settings_.most_reply_bytes);
    return settle(from, expected, {at, std::move(page)});
  }
  auto page = std::get<name_page>(std::move(shown.what));
  add_nodes(page, std::move(result.items));
  if (!expected.listed->data)
    for (auto& node : page.nodes)
      node.data = {};
  shorten(page, settings_.most_reply_bytes);
  settle(from, expected, {shown.at, std::move(page)});
}

void desk::deliver(role::tree::watch_event& item) {
  for (const auto number : item.connections) {
    auto* const to = find(number);
    if (!to || !to->watcher || to->ended) continue;
    if (to->events.empty()) with_events_.push_back(number);
    to->events.push_back({item.kind, item.path, item.zxid});
    ++to->events_told;
    ++counters_.events;
  }
}

/// Outcomes say how many events came before them, so these may leave together.
void desk::tell_events() {
  for (const auto number : std::exchange(with_events_, {})) {
    auto* const to = find(number);
    if (!to) continue;
    to->watcher->happened(std::exchange(to->events, {}));
  }
}

}  // namespace troupe::rpc
