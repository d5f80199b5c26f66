/// Many names in one run of bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe {

/// A list of names, such as the children of a node, of which there may be a million: so they are
/// not strings of their own, but one run of bytes, each name behind its length as four bytes,
/// highest first. That is also how the ZooKeeper protocol has them, so a gateway copies all at
/// once.
class name_list {
public:
  class iterator {
  public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;

    iterator() = default;
    explicit iterator(const char* at) noexcept : at_(at) {}
    /// Valid as long as the list is not changed.
    std::string_view operator*() const noexcept { return {at_ + length_bytes, size()}; }
    iterator& operator++() noexcept {
      at_ += length_bytes + size();
      return *this;
    }
    iterator operator++(int) noexcept {
      auto before = *this;
      ++*this;
      return before;
    }
    bool operator==(const iterator&) const noexcept = default;

  private:
    [[nodiscard]] std::size_t size() const noexcept {
      std::uint32_t value = 0;
      for (std::size_t i = 0; i < length_bytes; ++i)
        value = value << 8 | static_cast<unsigned char>(at_[i]);
      return value;
    }
    const char* at_ = nullptr;
  };
  using const_iterator = iterator;
  using value_type = std::string_view;

  name_list() = default;
  name_list(std::initializer_list<std::string_view> names) {
    for (const auto name : names)
      push_back(name);
  }

  /// A name is shorter than 4 GiB, as everything that has one.
  void push_back(std::string_view name) {
    const auto size = static_cast<std::uint32_t>(name.size());
    const char length[length_bytes] = {static_cast<char>(size >> 24), static_cast<char>(size >> 16),
                                       static_cast<char>(size >> 8), static_cast<char>(size)};
    bytes_.append(length, length_bytes).append(name);
    ++count_;
  }
  /// All of `more` behind what is here.
  void append(const name_list& more) {
    bytes_.append(more.bytes_);
    count_ += more.count_;
  }
  /// Room for so many names of together so many bytes.
  void reserve(std::size_t names, std::size_t bytes) {
    bytes_.reserve(names * length_bytes + bytes);
  }

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  [[nodiscard]] iterator begin() const noexcept { return iterator{bytes_.data()}; }
  [[nodiscard]] iterator end() const noexcept { return iterator{bytes_.data() + bytes_.size()}; }
  /// All names with their lengths, as they are kept.
  [[nodiscard]] std::string_view bytes() const noexcept { return bytes_; }
  /// The same as a string of its own; the list is not used any more.
  [[nodiscard]] std::string take_bytes() && noexcept { return std::move(bytes_); }
  /// How many bytes that is for so many names of together so many bytes.
  static constexpr std::uint64_t bytes_of(std::uint64_t names, std::uint64_t bytes) noexcept {
    return names * length_bytes + bytes;
  }
  [[nodiscard]] std::vector<std::string> to_vector() const { return {begin(), end()}; }

  bool operator==(const name_list&) const noexcept = default;

private:
  static constexpr std::size_t length_bytes = 4;

  std::string bytes_;
  std::size_t count_ = 0;
};

}  // namespace troupe
