/// How much of what a link has delivered is not taken yet.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <troupe/roles/handle.hpp>

namespace troupe::peer {

/// To the actor itself: a link that was not read may be read again.
struct read_again {
  std::uint64_t link = 0;
};

/// Counts the bytes of messages that a client holds. The client may live on another thread.
class intake : public std::enable_shared_from_this<intake> {
public:
  intake(std::uint64_t link, std::size_t most, handle<read_again> owner)
      : link_(link), most_(most), owner_(std::move(owner)) {}

  /// For a delivery of `bytes`: they count until the last copy of what is returned is gone.
  std::shared_ptr<const void> deliver(std::size_t bytes) {
    untaken_ += bytes;
    auto token = std::make_shared<delivery>();
    token->to = shared_from_this();
    token->bytes = bytes;
    return token;
  }

  /// Whether too much is not taken; `read_again` follows then. On the link's thread.
  [[nodiscard]] bool is_full() {
    if (waits_) return true;
    if (untaken_ <= most_) return false;
    waits_ = true;
    // The last delivery may have been taken between the two lines above.
    if (untaken_ <= most_ / 2 && waits_.exchange(false)) return false;
    return true;
  }
  [[nodiscard]] std::size_t untaken() const noexcept { return untaken_; }
  /// The link is gone: nobody is told anything any more. On the link's thread, before the last
  /// delivery can be taken by anybody who would tell.
  void close() noexcept { closed_ = true; }

private:
  struct delivery {
    std::shared_ptr<intake> to;
    std::size_t bytes = 0;
    ~delivery() {
      if (to) to->taken(bytes);
    }
  };

  void taken(std::size_t bytes) {
    const auto left = untaken_.fetch_sub(bytes) - bytes;
    if (left > most_ / 2 || closed_ || !waits_.exchange(false)) return;
    owner_.send(read_again{link_});
  }

  const std::uint64_t link_;
  const std::size_t most_;
  const handle<read_again> owner_;
  std::atomic<std::size_t> untaken_{0};
  std::atomic<bool> waits_{false};
  std::atomic<bool> closed_{false};
};

}  // namespace troupe::peer

TROUPE_MESSAGE(troupe::peer::read_again)
