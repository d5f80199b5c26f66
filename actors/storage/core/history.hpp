/// The hash chain over the history: what two servers compare to know that they had the same past.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include <troupe/base/ids.hpp>

namespace troupe::storage {

/// The hash of the history up to a transaction.
struct history_point {
  troupe::zxid zxid;
  std::uint64_t hash = 0;
  bool operator==(const history_point&) const = default;
};

/// The point after one more transaction. The chain of the empty history is 0 at zxid 0. It depends
/// on transactions only, never on files, so it is equal on all members.
history_point extend(history_point before, zxid next, std::string_view body) noexcept;

/// The newest points of the chain, so that a snapshot of a moment ago can be given its hash.
class history_points {
public:
  /// 1 MiB at most; a tree that is further behind the log gives this snapshot up.
  static constexpr std::size_t limit = 65'536;

  void add(history_point point);
  /// Forgets everything after `last`.
  void cut(zxid last);
  [[nodiscard]] std::optional<std::uint64_t> hash_at(zxid at) const noexcept;

private:
  std::deque<history_point> points_;
};

}  // namespace troupe::storage
