#include "actors/tree/core/watch_table.hpp"

#include <algorithm>

#include <troupe/base/znode_path.hpp>

namespace troupe::tree {
namespace {

constexpr std::uint8_t all_kinds = watch_data | watch_child | watch_persistent | watch_recursive;

std::uint8_t kinds_of(watch_selector selector) noexcept {
  switch (selector) {
  case watch_selector::children:
    return watch_child;
  case watch_selector::data:
    return watch_data;
  case watch_selector::any:
    return all_kinds;
  case watch_selector::persistent:
    return watch_persistent;
  case watch_selector::persistent_recursive:
    return watch_recursive;
  }
  return 0;
}

/// Entries of ZooKeeper's two tables that these kinds stand for. One-shot and other watches of a
/// connection at one path are entries of their own.
std::uint64_t entries_of(std::uint8_t kinds) noexcept {
  return ((kinds & watch_data) ? 1 : 0) + ((kinds & watch_child) ? 1 : 0) +
         ((kinds & watch_persistent) ? 2 : 0) + ((kinds & watch_recursive) ? 1 : 0);
}

}  // namespace

watch_table::place* watch_table::find(std::string_view path) const {
  const auto found = paths_.find(path);
  return found == paths_.end() ? nullptr : found->get();
}

void watch_table::add(watcher_id watcher, std::string_view path, watch_kind kind,
                      const identities& who) {
  const auto [known, is_new] = watchers_.try_emplace(watcher);
  if (is_new) known->second.who = who;
  place* at = find(path);
  if (!at) {
    auto made = std::make_unique<place>();
    made->path = path;
    at = made.get();
    paths_.insert(std::move(made));
  }
  auto& kinds = at->kinds[watcher];
  if (kinds == 0) {
    if (known->second.places.empty()) ++watching_;
    known->second.places.insert(at);
  }
  if ((kinds & kind) != 0) return;
  kinds |= kind;
  entries_ += entries_of(kind);
  if (kind == watch_recursive) ++recursive_;
}

std::uint8_t watch_table::drop(place& at, watcher_id watcher, std::uint8_t kinds) {
  const auto found = at.kinds.find(watcher);
  if (found == at.kinds.end()) return 0;
  const auto dropped = static_cast<std::uint8_t>(found->second & kinds);
  found->second = static_cast<std::uint8_t>(found->second & ~kinds);
  entries_ -= entries_of(dropped);
  if ((dropped & watch_recursive) != 0) --recursive_;
  if (found->second != 0) return dropped;
  at.kinds.erase(found);
  auto& places = watchers_.find(watcher)->second.places;
  places.erase(&at);
  if (places.empty()) --watching_;
  return dropped;
}

void watch_table::forget_if_empty(place& at) {
  if (!at.kinds.empty()) return;
  paths_.erase(paths_.find(std::string_view{at.path}));
}

bool watch_table::has(watcher_id watcher, std::string_view path, watch_selector selector) const {
  const place* at = find(path);
  if (!at) return false;
  const auto found = at->kinds.find(watcher);
  return found != at->kinds.end() && (found->second & kinds_of(selector)) != 0;
}

bool watch_table::remove(watcher_id watcher, std::string_view path, watch_selector selector) {
  place* at = find(path);
  if (!at) return false;
  const auto dropped = drop(*at, watcher, kinds_of(selector));
  forget_if_empty(*at);
  return dropped != 0;
}

void watch_table::set_identities(watcher_id watcher, identities who) {
  watchers_[watcher].who = std::move(who);
}

const identities& watch_table::identities_of(watcher_id watcher) const {
  static const identities nobody;
  const auto found = watchers_.find(watcher);
  return found == watchers_.end() ? nobody : found->second.who;
}

void watch_table::remove_all(watcher_id watcher) {
  const auto found = watchers_.find(watcher);
  if (found == watchers_.end()) return;
  const std::vector<place*> places{found->second.places.begin(), found->second.places.end()};
  for (place* at : places) {
    drop(*at, watcher, all_kinds);
    forget_if_empty(*at);
  }
  watchers_.erase(watcher);
}

void watch_table::remove_lane(std::uint32_t lane) {
  std::vector<watcher_id> gone;
  for (const auto& [id, watcher] : watchers_)
    if (id.lane == lane) gone.push_back(id);
  for (const auto id : gone)
    remove_all(id);
}

std::vector<watcher_id> watch_table::consume(std::string_view path, std::uint8_t interested,
                                             std::uint8_t consumed) {
  std::vector<watcher_id> recipients;
  place* at = find(path);
  if (!at) return recipients;
  std::vector<watcher_id> served;
  for (const auto& [watcher, kinds] : at->kinds) {
    if ((kinds & interested) != 0) recipients.push_back(watcher);
    if ((kinds & consumed) != 0) served.push_back(watcher);
  }
  for (const auto watcher : served)
    drop(*at, watcher, consumed);
  forget_if_empty(*at);
  return recipients;
}

std::vector<watcher_id> watch_table::take_data(std::string_view path) {
  auto recipients = consume(path, watch_data | watch_persistent | watch_recursive, watch_data);
  if (recursive_ == 0) return recipients;
  const auto direct = recipients.size();
  for (auto above = path; above.size() > 1;) {
    above = parent_path(above);
    if (const place* at = find(above))
      for (const auto& [watcher, kinds] : at->kinds)
        if ((kinds & watch_recursive) != 0) recipients.push_back(watcher);
  }
  if (recipients.size() == direct) return recipients;
  std::sort(recipients.begin(), recipients.end());
  recipients.erase(std::unique(recipients.begin(), recipients.end()), recipients.end());
  return recipients;
}

std::vector<watcher_id> watch_table::take_child(std::string_view path) {
  return consume(path, watch_child | watch_persistent, watch_child);
}

std::vector<std::pair<watcher_id, std::vector<std::string>>> watch_table::data_watches(
    std::size_t most) const {
  std::vector<std::pair<watcher_id, std::vector<std::string>>> all;
  for (const auto& [id, watcher] : watchers_) {
    if (most == 0) break;
    std::vector<std::string> mine;
    for (const place* at : watcher.places) {
      if (most == 0) break;
      --most;
      if ((at->kinds.find(id)->second & ~watch_child) != 0) mine.push_back(at->path);
    }
    std::sort(mine.begin(), mine.end());
    if (!mine.empty()) all.emplace_back(id, std::move(mine));
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace troupe::tree
