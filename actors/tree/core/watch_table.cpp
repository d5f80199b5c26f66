#include "actors/tree/core/watch_table.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include <troupe/base/check.hpp>
#include <troupe/base/znode_path.hpp>

namespace troupe::tree {
namespace {

constexpr unsigned kind_bits = 4;
constexpr std::size_t most_watchers = (std::size_t{1} << (32 - kind_bits)) - 1;
/// Longer paths are on the heap.
constexpr std::size_t most_inline_path = 1024;
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

// ------------------------------------------------------------------ places

std::string_view watch_table::place::path() const noexcept {
  const char* const here = reinterpret_cast<const char*>(this + 1);
  if (path_size <= most_inline_path) return {here, path_size};
  const char* elsewhere = nullptr;
  std::memcpy(&elsewhere, here, sizeof elsewhere);
  return {elsewhere, path_size};
}

watch_table::handle watch_table::find(std::string_view path) const {
  const auto found = paths_.find(path);
  return found == paths_.end() ? slab_memory::none : *found;
}

watch_table::handle watch_table::make_place(std::string_view path) {
  const bool is_long = path.size() > most_inline_path;
  const auto made = memory_.allocate(sizeof(place) + (is_long ? sizeof(char*) : path.size()));
  auto* const here = ::new (memory_.at(made)) place;
  here->path_size = static_cast<std::uint32_t>(path.size());
  char* text = here->tail();
  if (is_long) {
    char* const elsewhere = new char[path.size()];
    std::memcpy(text, &elsewhere, sizeof elsewhere);
    text = elsewhere;
  }
  path.copy(text, path.size());
  paths_.insert(made);
  return made;
}

void watch_table::remove_place(handle which) {
  auto& gone = at(which);
  paths_.erase(which);
  if (gone.path_size > most_inline_path) delete[] gone.path().data();
  std::destroy_at(&gone);
  memory_.release(which);
}

watch_table::~watch_table() {
  while (!paths_.empty())
    remove_place(*paths_.begin());
}

// ---------------------------------------------------------------- watchers

std::uint32_t watch_table::number_of(watcher_id watcher) {
  const auto [known, is_new] = numbers_.try_emplace(watcher, 0);
  if (!is_new) return known->second;
  if (free_numbers_.empty()) {
    TROUPE_CHECK(watchers_.size() <= most_watchers, "connections are limited to far less");
    free_numbers_.push_back(static_cast<std::uint32_t>(watchers_.size()));
    watchers_.emplace_back();
  }
  known->second = free_numbers_.back();
  free_numbers_.pop_back();
  watchers_[known->second].id = watcher;
  return known->second;
}

void watch_table::add(watcher_id watcher, std::string_view path, watch_kind kind,
                      const identities& who) {
  const auto watchers_before = numbers_.size();
  const auto number = number_of(watcher);
  auto& mine = watchers_[number];
  if (numbers_.size() != watchers_before) mine.who = who;
  auto where = find(path);
  if (where == slab_memory::none) where = make_place(path);
  auto& here = at(where).watchers;
  const auto found = std::lower_bound(here.begin(), here.end(), entry{number << kind_bits});
  if (found == here.end() || *found >> kind_bits != number) {
    here.insert(found, number << kind_bits | kind);
    if (mine.places.empty()) ++watching_;
    mine.places.insert(where);
  } else if ((*found & kind) != 0) {
    return;
  } else {
    *found |= kind;
  }
  entries_ += entries_of(kind);
  if (kind == watch_recursive) ++recursive_;
}

void watch_table::note_dropped(std::uint8_t kinds) noexcept {
  entries_ -= entries_of(kinds);
  if ((kinds & watch_recursive) != 0) --recursive_;
}

void watch_table::left(std::uint32_t number, handle where) {
  auto& places = watchers_[number].places;
  places.erase(where);
  if (places.empty()) --watching_;
}

std::uint8_t watch_table::drop(handle where, std::uint32_t number, std::uint8_t kinds) {
  auto& here = at(where).watchers;
  const auto found = std::lower_bound(here.begin(), here.end(), entry{number << kind_bits});
  if (found == here.end() || *found >> kind_bits != number) return 0;
  const auto dropped = static_cast<std::uint8_t>(*found & kinds);
  note_dropped(dropped);
  *found &= ~entry{dropped};
  if ((*found & all_kinds) != 0) return dropped;
  here.erase(found);
  left(number, where);
  if (here.empty()) remove_place(where);
  return dropped;
}

bool watch_table::has(watcher_id watcher, std::string_view path, watch_selector selector) const {
  const auto number = numbers_.find(watcher);
  const auto where = find(path);
  if (number == numbers_.end() || where == slab_memory::none) return false;
  const auto& here = at(where).watchers;
  const auto found = std::lower_bound(here.begin(), here.end(), entry{number->second << kind_bits});
  return found != here.end() && *found >> kind_bits == number->second &&
         (*found & kinds_of(selector)) != 0;
}

bool watch_table::remove(watcher_id watcher, std::string_view path, watch_selector selector) {
  const auto number = numbers_.find(watcher);
  const auto where = find(path);
  if (number == numbers_.end() || where == slab_memory::none) return false;
  return drop(where, number->second, kinds_of(selector)) != 0;
}

void watch_table::set_identities(watcher_id watcher, identities who) {
  watchers_[number_of(watcher)].who = std::move(who);
}

const identities& watch_table::identities_of(watcher_id watcher) const {
  static const identities nobody;
  const auto found = numbers_.find(watcher);
  return found == numbers_.end() ? nobody : watchers_[found->second].who;
}

void watch_table::remove_all(watcher_id watcher) {
  const auto found = numbers_.find(watcher);
  if (found == numbers_.end()) return;
  const auto number = found->second;
  const std::vector<handle> places{watchers_[number].places.begin(),
                                   watchers_[number].places.end()};
  for (const auto where : places)
    drop(where, number, all_kinds);
  watchers_[number] = {};
  numbers_.erase(found);
  free_numbers_.push_back(number);
}

void watch_table::remove_lane(std::uint32_t lane) {
  std::vector<watcher_id> gone;
  for (const auto& [id, number] : numbers_)
    if (id.lane == lane) gone.push_back(id);
  for (const auto id : gone)
    remove_all(id);
}

// ------------------------------------------------------------------ firing

std::vector<watcher_id> watch_table::consume(std::string_view path, std::uint8_t interested,
                                             std::uint8_t consumed) {
  std::vector<watcher_id> recipients;
  const auto where = find(path);
  if (where == slab_memory::none) return recipients;
  auto& here = at(where).watchers;
  auto kept = here.begin();
  for (const auto one : here) {
    const auto number = one >> kind_bits;
    if ((one & interested) != 0) recipients.push_back(watchers_[number].id);
    note_dropped(static_cast<std::uint8_t>(one & consumed));
    const auto rest = one & ~entry{consumed};
    if ((rest & all_kinds) != 0)
      *kept++ = rest;
    else
      left(number, where);
  }
  here.erase(kept, here.end());
  if (here.empty()) remove_place(where);
  std::sort(recipients.begin(), recipients.end());
  return recipients;
}

std::vector<watcher_id> watch_table::take_data(std::string_view path) {
  auto recipients = consume(path, watch_data | watch_persistent | watch_recursive, watch_data);
  if (recursive_ == 0) return recipients;
  const auto direct = recipients.size();
  for (auto above = path; above.size() > 1;) {
    above = parent_path(above);
    if (const auto where = find(above); where != slab_memory::none)
      for (const auto one : at(where).watchers)
        if ((one & watch_recursive) != 0) recipients.push_back(watchers_[one >> kind_bits].id);
  }
  if (recipients.size() == direct) return recipients;
  std::sort(recipients.begin(), recipients.end());
  recipients.erase(std::unique(recipients.begin(), recipients.end()), recipients.end());
  return recipients;
}

std::vector<watcher_id> watch_table::take_child(std::string_view path) {
  return consume(path, watch_child | watch_persistent, watch_child);
}

std::vector<std::pair<watcher_id, std::vector<std::string>>>
watch_table::data_watches(std::size_t most) const {
  std::vector<std::pair<watcher_id, std::vector<std::string>>> all;
  for (const auto& [id, number] : numbers_) {
    if (most == 0) break;
    std::vector<std::string> mine;
    for (const auto where : watchers_[number].places) {
      if (most == 0) break;
      --most;
      const auto& here = at(where);
      const auto found =
          std::lower_bound(here.watchers.begin(), here.watchers.end(), entry{number << kind_bits});
      if ((*found & all_kinds & ~entry{watch_child}) != 0) mine.emplace_back(here.path());
    }
    std::sort(mine.begin(), mine.end());
    if (!mine.empty()) all.emplace_back(id, std::move(mine));
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace troupe::tree
