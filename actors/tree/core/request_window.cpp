#include "actors/tree/core/request_window.hpp"

#include <string>
#include <variant>

namespace troupe::tree {
namespace {

constexpr std::size_t weight_of_result = 128;

std::size_t path_in(const txn_change& change) noexcept {
  if (const auto* made = std::get_if<change::create_node>(&change)) return made->path.size();
  if (const auto* seen = std::get_if<change::checked>(&change)) return seen->path.size();
  return 0;
}

/// Walks from the newest request to older ones, as long as the window has room for them.
class backwards {
public:
  explicit backwards(std::uint64_t wanted) : wanted_(wanted) {}
  /// Whether to go on.
  bool pass(std::uint64_t id, std::size_t weight) noexcept {
    weight_ += weight;
    if (++count_ > request_window::most_requests ||
        (weight_ > request_window::most_weight && count_ > 1))
      return false;
    found_ = id == wanted_;
    return !found_;
  }
  [[nodiscard]] bool found() const noexcept { return found_; }

private:
  std::uint64_t wanted_;
  std::size_t count_ = 0, weight_ = 0;
  bool found_ = false;
};

}  // namespace

std::size_t weight_of(const txn& decided) {
  std::size_t weight = results_of(decided) * weight_of_result;
  for (const auto& change : decided.changes)
    weight += path_in(change);
  return weight;
}

const remembered_request* request_window::find(std::uint64_t id) const noexcept {
  for (auto one = requests_.rbegin(); one != requests_.rend(); ++one)
    if (one->id == id) return &*one;
  return nullptr;
}

bool window_to_come::remembers(const request_window* committed, std::uint64_t id) const noexcept {
  backwards walk{id};
  for (auto one = in_flight_.rbegin(); one != in_flight_.rend(); ++one)
    if (!walk.pass(one->id, one->weight)) return walk.found();
  if (!committed) return false;
  for (auto one = committed->all().rbegin(); one != committed->all().rend(); ++one)
    if (!walk.pass(one->id, one->weight)) return walk.found();
  return false;
}

}  // namespace troupe::tree
