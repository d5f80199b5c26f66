/// What clients hold by capabilities.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/release.hpp"

namespace locks {

/// What one call got: dropping it gives it back.
struct lease {
  troupe::session_id session;
  std::uint64_t request = 0;
  bool permits = false;
  std::vector<std::pair<std::string, troupe::zxid>> tokens;  ///< path and token
};

/// The leases of one mount, while one server leads. A party that holds a lock by two calls has two
/// leases of one token; only when both are dropped the lock is given back. A call that was made
/// again, because its connection was lost, has one: the newest.
class lease_book {
public:
  void add(std::uint64_t number, lease what);
  struct given_back {
    release_ask ask;
    bool permits = false;
  };
  /// What nobody holds any more when this lease is dropped.
  std::vector<given_back> drop(std::uint64_t number);
  void clear();
  [[nodiscard]] std::size_t size() const noexcept { return leases_.size(); }

private:
  using call_key = std::pair<troupe::session_id, std::uint64_t>;
  using token_key = std::pair<std::string, troupe::zxid>;

  std::map<std::uint64_t, lease> leases_;
  std::map<call_key, std::uint64_t> by_call_;
  std::map<token_key, int> counts_;
};

}  // namespace locks
