/// Writes of this server whose outcome is not known yet.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <iterator>
#include <utility>
#include <vector>

#include <troupe/base/request.hpp>

namespace troupe::broadcast {

/// Remembers what this server asked its leader for, in order, until the outcome is delivered here.
/// A leader may be lost with requests that nobody will ever answer; the next one is asked for those
/// again, in the same order, which is that of their sessions (design section 4).
///
/// Outcomes come in the order of the requests, because everybody on the way keeps it. Requests that
/// nobody waits for, such as those of expired sessions, have no origin and do not belong here: who
/// made them will make them again.
class unresolved_writes {
public:
  void keep(write_request request) { waiting_.push_back(std::move(request)); }

  /// The outcome of the request with this origin is being delivered. Returns the requests before it
  /// that have none: a leader that is lost refused them, and nobody knows any more how.
  [[nodiscard]] std::vector<write_request> resolved(const origin& whose) {
    const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                    [&](const auto& one) { return one.origin == whose; });
    if (found == waiting_.end()) return {};
    std::vector<write_request> passed_over{std::make_move_iterator(waiting_.begin()),
                                           std::make_move_iterator(found)};
    waiting_.erase(waiting_.begin(), found + 1);
    sent_ -= std::min(sent_, passed_over.size() + 1);
    return passed_over;
  }

  /// The leader's history has the outcome of the request with this origin, and so of all before it:
  /// those need not be sent again, though they are not delivered yet.
  void on_its_way(const origin& whose) {
    for (std::size_t i = 0; i < waiting_.size(); ++i)
      if (waiting_[i].origin == whose) sent_ = std::max(sent_, i + 1);
  }

  /// What was sent went to a leader that is lost.
  void leader_lost() noexcept { sent_ = 0; }

  /// All that was not sent to the present leader, in order; counts as sent from now on.
  [[nodiscard]] std::vector<write_request> take_unsent() {
    std::vector<write_request> unsent{waiting_.begin() + static_cast<std::ptrdiff_t>(sent_),
                                      waiting_.end()};
    sent_ = waiting_.size();
    return unsent;
  }

  /// Those of them that `are` something are given out, in order, and nobody waits for them here any
  /// more.
  template <class F>
  [[nodiscard]] std::vector<write_request> take_unsent_if(F are) {
    const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(sent_);
    const auto others =
        std::stable_partition(first, waiting_.end(), [&](const auto& one) { return !are(one); });
    std::vector<write_request> taken{std::make_move_iterator(others),
                                     std::make_move_iterator(waiting_.end())};
    waiting_.erase(others, waiting_.end());
    return taken;
  }

  void clear() noexcept {
    waiting_.clear();
    sent_ = 0;
  }

  [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

private:
  std::deque<write_request> waiting_;
  std::size_t sent_ = 0;  ///< so many of the first were sent to the present leader
};

}  // namespace troupe::broadcast
