#include "test/simulation/linearizability.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <unordered_set>
#include <utility>
#include <vector>

namespace troupe::test {
namespace {

using op = register_op;

bool known(const op& one) { return one.fate != op::fate_t::unknown; }
bool changes(const op& one) {
  return one.kind != op::kind_t::read && one.fate != op::fate_t::refused;
}

/// In which order operations are tried: what changes nothing first, what may not have happened
/// last.
int turn_of(const op& one) { return !known(one) ? 2 : changes(one) ? 1 : 0; }
constexpr int last_turn = 2;

/// The value after the operation, or nothing if it cannot have gone so with this value before.
std::optional<op::value_t> after(const op& one, op::value_t before) {
  const bool full = before != op::empty;
  const bool refused = one.fate == op::fate_t::refused;
  bool fits = false;
  switch (one.kind) {
  case op::kind_t::create:
    fits = full == refused;
    break;
  case op::kind_t::set:
  case op::kind_t::remove:
    fits = full != refused;
    break;
  case op::kind_t::read:
    fits = one.value == before || (one.value == op::some_value && full);
    break;
  }
  if (!fits) return std::nullopt;
  if (!changes(one)) return before;
  return one.kind == op::kind_t::remove ? op::empty : one.value;
}

/// What has been tried: which operations are placed, and the value that they led to.
struct attempt {
  std::vector<std::uint64_t> placed;
  op::value_t value = op::empty;
  bool operator==(const attempt&) const = default;
};

struct attempt_hash {
  std::size_t operator()(const attempt& one) const noexcept {
    std::uint64_t hash = one.value;
    for (const auto word : one.placed)
      hash = (hash ^ word) * 0x9e3779b97f4a7c15U ^ (hash >> 29U);
    return hash;
  }
};

class search {
public:
  search(std::span<const op> all, std::uint64_t most_steps);
  linearizability run();

private:
  static constexpr std::size_t none = ~std::size_t{0};
  struct event {
    std::uint64_t at = 0;
    std::size_t op = 0;
    bool call = true;
    std::size_t before = none, next = none;
    std::size_t returns = none;  ///< of a call: the event of its return
  };
  struct choice {
    std::size_t event = 0;
    op::value_t value = op::empty;  ///< before it
    bool only = false;              ///< nothing else need be tried in its place
  };

  void list_events();
  bool place_something();
  bool try_to_place(std::size_t number);
  bool go_back();
  void lift(std::size_t number);
  void put_back(std::size_t number);
  void flip(std::size_t which) { now_.placed[which / 64] ^= std::uint64_t{1} << (which % 64); }

  const std::span<const op> all_;
  const std::uint64_t most_steps_;
  std::vector<event> events_;  ///< the first is a mark before all others
  std::vector<choice> path_;
  std::unordered_set<attempt, attempt_hash> tried_;
  attempt now_;
  std::size_t from_ = none;  ///< where to look for the next operation
  int turn_ = 0;             ///< see `turn_of`
  std::size_t left_ = 0;     ///< operations with a known fate that are not placed
  std::size_t fewest_left_ = none;
  linearizability result_;
};

search::search(std::span<const op> all, std::uint64_t most_steps)
    : all_(all), most_steps_(most_steps) {
  now_.placed.resize((all.size() + 63) / 64);
  list_events();
}

void search::list_events() {
  std::set<op::value_t> seen;
  for (const auto& one : all_) {
    if (one.kind == op::kind_t::read) seen.insert(one.value);
  }
  events_.emplace_back();
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const auto& one = all_[i];
    // A change of a value into one that nobody saw explains nothing.
    const bool idle = one.kind == op::kind_t::set && !seen.contains(one.value);
    const bool no_news = one.kind == op::kind_t::read || idle;
    if (!known(one) && no_news) continue;
    events_.push_back({one.called, i, true});
    if (!known(one)) continue;
    events_.push_back({one.returned, i, false});
    ++left_;
  }
  std::sort(events_.begin() + 1, events_.end(),
            [](const event& a, const event& b) { return a.at < b.at; });
  std::vector<std::size_t> call_of(all_.size(), none);
  for (std::size_t i = 0; i < events_.size(); ++i) {
    auto& one = events_[i];
    one.before = i == 0 ? none : i - 1;
    one.next = i + 1 < events_.size() ? i + 1 : none;
    if (i == 0) continue;
    if (one.call) {
      call_of[one.op] = i;
    } else {
      events_[call_of[one.op]].returns = i;
    }
  }
}

linearizability search::run() {
  from_ = events_.front().next;
  while (left_ > 0) {
    if (++result_.steps > most_steps_) {
      result_.answer = linearizability::answer_t::undecided;
      return result_;
    }
    if (place_something()) continue;
    if (go_back()) continue;
    result_.answer = linearizability::answer_t::no;
    return result_;
  }
  return result_;
}

/// Places one of the operations that may come next: those called before any other has returned.
bool search::place_something() {
  while (true) {
    for (auto i = from_; i != none; i = events_[i].next) {
      if (!events_[i].call) {
        if (left_ < fewest_left_) {
          fewest_left_ = left_;
          result_.culprit = events_[i].op;
        }
        break;
      }
      if (turn_of(all_[events_[i].op]) == turn_ && try_to_place(i)) return true;
    }
    if (turn_ == last_turn) return false;
    ++turn_;
    from_ = events_.front().next;
  }
}

bool search::try_to_place(std::size_t number) {
  const auto which = events_[number].op;
  const auto& one = all_[which];
  const auto value = after(one, now_.value);
  if (!value) return false;
  const auto before = std::exchange(now_.value, *value);
  flip(which);
  if (changes(one) && !tried_.insert(now_).second) {
    flip(which);
    now_.value = before;
    return false;
  }
  path_.push_back({number, before, !changes(one)});
  lift(number);
  from_ = events_.front().next;
  turn_ = 0;
  return true;
}

bool search::go_back() {
  while (!path_.empty()) {
    const auto last = path_.back();
    path_.pop_back();
    put_back(last.event);
    const auto which = events_[last.event].op;
    flip(which);
    now_.value = last.value;
    if (last.only) continue;
    from_ = events_[last.event].next;
    turn_ = turn_of(all_[which]);
    return true;
  }
  return false;
}

void search::lift(std::size_t number) {
  const auto& call = events_[number];
  events_[call.before].next = call.next;
  if (call.next != none) events_[call.next].before = call.before;
  if (call.returns == none) return;
  --left_;
  const auto& done = events_[call.returns];
  events_[done.before].next = done.next;
  if (done.next != none) events_[done.next].before = done.before;
}

void search::put_back(std::size_t number) {
  const auto& call = events_[number];
  if (call.returns != none) {
    ++left_;
    const auto& done = events_[call.returns];
    events_[done.before].next = call.returns;
    if (done.next != none) events_[done.next].before = call.returns;
  }
  events_[call.before].next = number;
  if (call.next != none) events_[call.next].before = number;
}

}  // namespace

linearizability check_register(std::span<const register_op> all, std::uint64_t most_steps) {
  return search{all, most_steps}.run();
}

}  // namespace troupe::test
