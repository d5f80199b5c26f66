/// Immutable, shared bytes.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace troupe {

/// An immutable run of bytes with shared ownership: one pointer wide, one allocation per content,
/// so that data goes from the wire to the tree and back to any number of readers without a copy.
/// A blob can be *null*, which is not the same as empty: ZooKeeper keeps the two apart on the wire
/// and in znode data (protocol section 1.2). Copies may live on different threads.
class blob {
public:
  /// A null blob.
  blob() noexcept = default;
  /// Copies `bytes` into a new blob that is not null, possibly empty.
  explicit blob(std::string_view bytes);
  explicit blob(std::span<const std::byte> bytes)
      : blob(std::string_view{reinterpret_cast<const char*>(bytes.data()), bytes.size()}) {}

  blob(const blob& other) noexcept : block_(other.block_) { retain(); }
  blob(blob&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  blob& operator=(blob other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~blob() { release(); }

  [[nodiscard]] bool is_null() const noexcept { return block_ == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return block_ ? block_->size : 0; }
  /// The bytes; empty for a null blob. Valid while any copy of this blob lives.
  [[nodiscard]] std::string_view view() const noexcept {
    return block_ ? std::string_view{block_->bytes(), block_->size} : std::string_view{};
  }

  /// Same bytes and same nullness.
  friend bool operator==(const blob& a, const blob& b) noexcept {
    return a.block_ == b.block_ || (a.block_ && b.block_ && a.view() == b.view());
  }

private:
  struct block {
    std::atomic<std::uint32_t> references{1};
    std::uint32_t size = 0;
    char* bytes() noexcept { return reinterpret_cast<char*>(this + 1); }
  };
  void retain() const noexcept {
    if (block_) block_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void release() noexcept;

  block* block_ = nullptr;
};

}  // namespace troupe
