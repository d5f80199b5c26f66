/// What decisions said, until it may be told.
#pragma once

#include <map>
#include <utility>

#include <troupe/base/blob.hpp>
#include <troupe/base/error_code.hpp>
#include <troupe/base/ids.hpp>

namespace troupe::tree {

/// Replies of this server's decisions by their origins. A reply is true if and only if the outcome
/// of its origin is the one that it was made for: a transaction with this origin comes from that
/// decision, also if another leader commits it. So they outlive the time as a leader. There are as
/// many as requests without an outcome, which those who ask bound.
class kept_replies {
public:
  void keep(const origin& whose, error_code error, blob reply) {
    if (whose != origin{}) replies_.insert_or_assign(whose, kept{error, std::move(reply)});
  }
  /// The outcome of this origin is being told; null if its reply is not known.
  [[nodiscard]] blob take(const origin& whose, error_code error) {
    if (replies_.empty()) return {};
    const auto found = replies_.find(whose);
    if (found == replies_.end()) return {};
    auto known = std::move(found->second);
    replies_.erase(found);
    return known.error == error ? std::move(known.reply) : blob{};
  }
  /// Outcomes of what was asked for will never come.
  void clear() { replies_.clear(); }
  [[nodiscard]] std::size_t size() const noexcept { return replies_.size(); }

private:
  struct kept {
    error_code error = error_code::ok;
    blob reply;
  };
  std::map<origin, kept> replies_;
};

}  // namespace troupe::tree
