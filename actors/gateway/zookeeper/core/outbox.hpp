/// What is to be sent to one client.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::zk {

/// Bytes in the order in which they leave. Mostly one string. A reply of which a part comes later
/// leaves a gap: what is before it can be sent, what comes behind it waits, and large pieces that
/// fill it are neither copied nor moved.
class outbox {
public:
  /// Where to append.
  [[nodiscard]] std::string& end() noexcept { return parts_ ? parts_->gaps.back().behind : front_; }
  /// Appends `head`, and `missing` bytes, more than none, that will come. If a frame begins with
  /// `head`, `at` is the zxid of the frame, and `head` waits for the first of the bytes.
  void add_gap(std::string head, std::uint64_t missing, std::optional<std::int64_t> at);
  /// The next of the bytes that are missing. False if so many are not missing.
  bool fill(std::string bytes);
  /// The zxid of the frame that all of the rest waits for, if nothing of it has left.
  [[nodiscard]] std::optional<std::int64_t> waits_for() const noexcept {
    return parts_ ? parts_->gaps.front().at : std::nullopt;
  }
  /// A frame that is sent before that one.
  void overtake(std::string frame);

  /// What can be sent now; not all of it need be given at once.
  [[nodiscard]] std::string_view sendable() const noexcept {
    return std::string_view{front_}.substr(sent_);
  }
  /// The first `bytes` of these have left.
  void sent(std::size_t bytes) noexcept;

  /// All that is here, sendable or not.
  [[nodiscard]] std::size_t size() const noexcept {
    return front_.size() - sent_ + (parts_ ? parts_->size() : 0);
  }
  [[nodiscard]] std::uint64_t missing() const noexcept { return parts_ ? parts_->missing : 0; }
  /// Nothing is here, and nothing missing.
  [[nodiscard]] bool empty() const noexcept { return sent_ == front_.size() && !parts_; }
  /// Gives back memory that is kept for what may come.
  void release() noexcept {
    if (empty()) std::string{}.swap(front_);
  }

private:
  struct gap {
    std::string head;
    std::uint64_t missing = 0;
    std::optional<std::int64_t> at;  ///< until its first bytes come
    std::string behind;
  };
  struct parts {
    std::deque<std::string> ready;  ///< behind front_
    std::deque<gap> gaps;           ///< never empty; the last may have been filled
    std::size_t counted = 0;        ///< bytes of all but what is behind the last gap
    std::uint64_t missing = 0;

    [[nodiscard]] std::size_t size() const noexcept { return counted + gaps.back().behind.size(); }
    void make_ready(std::string bytes);
    void settle();
  };

  void go_on();

  std::string front_;
  std::size_t sent_ = 0;  ///< of front_
  std::unique_ptr<parts> parts_;
};

}  // namespace troupe::zk
