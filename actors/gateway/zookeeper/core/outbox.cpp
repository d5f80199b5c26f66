#include "actors/gateway/zookeeper/core/outbox.hpp"

#include <utility>

namespace troupe::zk {
namespace {

/// Buffers above this size are given back after use, and smaller ones put together.
constexpr std::size_t kept_bytes = 16 * 1024;

}  // namespace

void outbox::parts::make_ready(std::string bytes) {
  if (!ready.empty() && ready.back().size() + bytes.size() <= kept_bytes)
    ready.back().append(bytes);
  else if (!bytes.empty())
    ready.push_back(std::move(bytes));
}

/// Lets go what waited behind gaps that are filled. The last of them stays, to be appended to.
void outbox::parts::settle() {
  for (; gaps.size() > 1 && gaps.front().missing == 0; gaps.pop_front())
    make_ready(std::move(gaps.front().behind));
}

void outbox::add_gap(std::string head, std::uint64_t bytes, std::optional<std::int64_t> at) {
  if (!at) {
    end().append(head);
    head.clear();
  }
  if (!parts_)
    parts_ = std::make_unique<parts>();
  else
    parts_->counted += parts_->gaps.back().behind.size();
  parts_->counted += head.size();
  parts_->missing += bytes;
  parts_->gaps.push_back({std::move(head), bytes, at, {}});
  parts_->settle();
  go_on();
}

bool outbox::fill(std::string bytes) {
  if (!parts_ || parts_->gaps.front().missing < bytes.size()) return false;
  auto& first = parts_->gaps.front();
  if (first.at) {
    first.at.reset();
    parts_->make_ready(std::move(first.head));
  }
  first.missing -= bytes.size();
  parts_->missing -= bytes.size();
  parts_->counted += bytes.size();
  parts_->make_ready(std::move(bytes));
  parts_->settle();
  go_on();
  return true;
}

void outbox::overtake(std::string frame) {
  parts_->counted += frame.size();
  parts_->make_ready(std::move(frame));
  go_on();
}

void outbox::sent(std::size_t bytes) noexcept {
  sent_ += bytes;
  if (sent_ < front_.size()) {
    // A client that is always a little behind: what has left must not stay. Moving no more than has
    // left keeps the cost per byte constant.
    if (sent_ > kept_bytes && sent_ >= front_.size() / 2) {
      front_ = front_.substr(sent_);
      sent_ = 0;
    }
    return;
  }
  front_.clear();
  sent_ = 0;
  if (front_.capacity() > kept_bytes) std::string{}.swap(front_);
  go_on();
}

/// If all of the front has left, what comes next is the front.
void outbox::go_on() {
  if (!parts_ || sent_ < front_.size()) return;
  sent_ = 0;
  if (!parts_->ready.empty()) {
    front_ = std::move(parts_->ready.front());
    parts_->ready.pop_front();
    parts_->counted -= front_.size();
  } else if (parts_->missing == 0) {
    front_ = std::move(parts_->gaps.back().behind);
    parts_.reset();
  }
}

}  // namespace troupe::zk
