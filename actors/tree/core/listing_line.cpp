#include "actors/tree/core/listing_line.hpp"

#include <algorithm>
#include <utility>

#include <troupe/base/check.hpp>

namespace troupe::tree {

std::uint64_t listing_line::open(watcher_id to, const node& directory) {
  const auto& nodes = state_.nodes();
  auto& of = directories_[&directory];
  if (!of) of = std::make_shared<listed>(directory, removed_bytes_);
  ++of->listings;
  of->newest = state_.applied();
  const auto bytes = name_list::bytes_of(static_cast<std::uint64_t>(nodes.num_children(directory)),
                                         nodes.name_bytes(directory));
  line_.push_back({to, state_.applied(), of, of->removed.end(), bytes});
  state_.listings_ = this;
  return bytes;
}

// -------------------------------------------------------------------- steps

void listing_line::advance(std::vector<effect::any>& effects) {
  if (removed_bytes_ > limits_.removed_bytes) return give_up(effects);
  auto children = limits_.children_per_step;
  while (!line_.empty() && children > 0) {
    auto& here = line_.front();
    name_list piece;
    const bool complete = give_some(here, piece, children);
    here.bytes_to_come -= piece.bytes().size();
    const bool full = piece.bytes().size() >= limits_.bytes_per_step;
    if (!piece.empty()) effects.emplace_back(effect::read_piece{here.to, std::move(piece)});
    if (complete) {
      TROUPE_CHECK(here.bytes_to_come == 0, "a list has what was there when it was asked for");
      end_walk();
      const auto ended = std::move(here);
      line_.pop_front();
      left(ended);
    }
    if (full) return;
  }
}

/// True at the end of the list.
bool listing_line::give_some(listing& here, name_list& piece, std::size_t& children) {
  auto& from = *here.of;
  if (!walking_) {
    if (!from.removed.read(here.next_removed, here.as_of, piece, limits_.bytes_per_step, children))
      return false;
    walking_ = true;
    next_ = from.at ? state_.nodes().first_child(*from.at) : nullptr;
  }
  piece.append(std::exchange(missed_, {}));
  walk(here, piece, children);
  return next_ == nullptr;
}

void listing_line::walk(const listing& here, name_list& piece, std::size_t& children) {
  const auto& nodes = state_.nodes();
  if (!next_) return;
  // Most names of a large directory have one length.
  const auto likely = name_list::bytes_of(children, children * next_->name().size());
  const auto most = here.bytes_to_come - piece.bytes().size();
  piece.reserve(0, piece.bytes().size() + static_cast<std::size_t>(std::min(likely, most)));
  while (next_ && children > 0 && piece.bytes().size() < limits_.bytes_per_step) {
    const node& child = *std::exchange(next_, nodes.next_sibling(*next_));
    --children;
    if (child.czxid > here.as_of) continue;
    given_.insert(child);
    piece.push_back(child.name());
  }
}

void listing_line::end_walk() noexcept {
  walking_ = false;
  next_ = nullptr;
  given_.clear();
  missed_ = {};
}

// ------------------------------------------------------------------ changes

void listing_line::about_to_change(node& which, bool vanishes) {
  if (!vanishes) return;
  const auto above = directories_.find(state_.nodes().parent(which));
  if (above != directories_.end()) note_removed(*above->second, which);
  const auto itself = directories_.find(&which);
  if (itself == directories_.end()) return;
  itself->second->at = nullptr;
  directories_.erase(itself);
}

void listing_line::note_removed(listed& from, const node& which) {
  const auto& first = line_.front();
  const bool walked = walking_ && first.of.get() == &from;
  if (walked) {
    if (next_ == &which) next_ = state_.nodes().next_sibling(which);
    if (which.czxid <= first.as_of && !given_.contains(which)) missed_.push_back(which.name());
  }
  const std::size_t waiting = from.listings - (walked ? 1 : 0);
  if (waiting > 0 && which.czxid <= from.newest) from.removed.add(which.name(), which.czxid);
}

// --------------------------------------------------------------------- ends

void listing_line::left(const listing& gone) {
  auto& from = *gone.of;
  if (--from.listings == 0) {
    if (from.at) directories_.erase(from.at);
  } else {
    auto needed = from.removed.end();
    for (const auto& one : line_)
      if (one.of == gone.of) needed = std::min(needed, one.next_removed);
    from.removed.forget_before(needed);
  }
  if (line_.empty()) state_.listings_ = nullptr;
}

template <class Which>
void listing_line::drop_if(Which which) {
  if (line_.empty()) return;
  if (which(line_.front())) end_walk();
  std::vector<listing> gone;
  std::deque<listing> kept;
  for (auto& one : line_) {
    if (which(one))
      gone.push_back(std::move(one));
    else
      kept.push_back(std::move(one));
  }
  line_ = std::move(kept);
  for (const auto& one : gone)
    left(one);
}

void listing_line::drop(watcher_id gone) {
  drop_if([gone](const listing& one) { return one.to == gone; });
}

void listing_line::drop_lane(std::uint32_t lane) {
  drop_if([lane](const listing& one) { return one.to.lane == lane; });
}

void listing_line::give_up(std::vector<effect::any>& effects) {
  for (const auto& one : line_)
    effects.emplace_back(effect::read_piece{one.to, {}, true});
  clear();
}

void listing_line::clear() noexcept {
  end_walk();
  line_.clear();
  directories_.clear();
  state_.listings_ = nullptr;
}

}  // namespace troupe::tree
