/// A queue that owns no memory while it is empty and small.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace troupe::zk {

/// First in, first out. Unlike std::deque it allocates nothing for a connection that waits for
/// nothing, and most connections of a busy server do just that.
template <class T>
class fifo {
public:
  [[nodiscard]] bool empty() const noexcept { return head_ == items_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size() - head_; }
  [[nodiscard]] T& front() noexcept { return items_[head_]; }
  void push(T&& item) { items_.push_back(std::move(item)); }

  T pop() {
    T item = std::move(items_[head_++]);
    if (empty()) {
      items_.clear();
      head_ = 0;
      if (items_.capacity() > keep_) release();
    } else if (head_ > keep_ && head_ > items_.size() / 2) {
      items_.erase(items_.begin(), items_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    return item;
  }

  /// Gives memory back, if it is empty.
  void release() {
    if (empty()) std::vector<T>{}.swap(items_);
  }

  auto begin() { return items_.begin() + static_cast<std::ptrdiff_t>(head_); }
  auto end() { return items_.end(); }

private:
  static constexpr std::size_t keep_ = 64;
  std::vector<T> items_;
  std::size_t head_ = 0;
};

}  // namespace troupe::zk
