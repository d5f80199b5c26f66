/// What a session remembers of its last requests, so that a retry gets the first one's answer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include <troupe/base/txn.hpp>

namespace troupe::tree {

/// A write that was applied, under the number that its client gave it.
struct remembered_request {
  std::uint64_t id = 0;
  zxid at;
  bool is_multi = false;
  std::vector<write_result> results;
  /// A measure for the memory of all this that the leader knows before it is applied.
  std::size_t weight = 0;
};

/// How heavy the answer of a transaction is.
std::size_t weight_of(const txn& decided);

/// The newest requests of a session, in the order of their transactions. Replicated: every server
/// has the same, and they are part of digest and snapshot. So the limits are part of the format.
class request_window {
public:
  static constexpr std::size_t most_requests = 128;
  static constexpr std::size_t most_weight = 64 * 1024;

  /// Adds the newest. The oldest go until the limits hold, but never the newest; `forgotten` is
  /// called with each of them.
  template <class F>
  void add(remembered_request newest, F forgotten) {
    weight_ += newest.weight;
    requests_.push_back(std::move(newest));
    while (requests_.size() > most_requests || (weight_ > most_weight && requests_.size() > 1)) {
      forgotten(requests_.front());
      weight_ -= requests_.front().weight;
      requests_.pop_front();
    }
  }

  /// Null if it is not remembered.
  [[nodiscard]] const remembered_request* find(std::uint64_t id) const noexcept;
  [[nodiscard]] const std::deque<remembered_request>& all() const noexcept { return requests_; }

private:
  std::deque<remembered_request> requests_;
  std::size_t weight_ = 0;
};

/// The requests in flight that a session will remember, in order: what the leader knows of a window
/// that is to come.
class window_to_come {
public:
  void add(std::uint64_t id, zxid at, std::size_t weight) {
    in_flight_.push_back({id, at, weight});
  }
  /// Everything up to `at` is in the committed window.
  void applied(zxid at) {
    while (!in_flight_.empty() && in_flight_.front().at <= at)
      in_flight_.pop_front();
  }
  [[nodiscard]] bool empty() const noexcept { return in_flight_.empty(); }
  /// Whether the session will remember `id` when all of these are applied upon `committed`, which
  /// may be null.
  [[nodiscard]] bool remembers(const request_window* committed, std::uint64_t id) const noexcept;

private:
  struct request {
    std::uint64_t id = 0;
    zxid at;
    std::size_t weight = 0;
  };
  std::deque<request> in_flight_;
};

}  // namespace troupe::tree
