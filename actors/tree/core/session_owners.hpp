/// Through which server each session writes.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <troupe/base/ids.hpp>

namespace troupe::tree {

/// A client that has moved to another server may have left writes behind in the old one. They must
/// not be done after those that came through the new one (protocol section 2.6), so the leader of
/// an ensemble refuses whatever comes through any other server than the session's owner. Volatile:
/// a new leader knows no owners. It takes the server of a session's first write for one, unless the
/// history has a write that the client made elsewhere later (`last_write`).
class session_owners {
public:
  /// `watches`: there are other servers. A server alone has nothing to compare.
  void begin(bool watches) {
    owners_.clear();
    watches_ = watches;
  }
  [[nodiscard]] bool watches() const noexcept { return watches_; }

  /// From now on the session writes through `server`.
  void own(session_id session, server_id server) {
    if (watches_) owners_[session] = server;
  }
  /// The session's owner; null if it is not known yet.
  [[nodiscard]] const server_id* find(session_id session) const {
    const auto found = owners_.find(session);
    return found == owners_.end() ? nullptr : &found->second;
  }
  void closed(session_id session) { owners_.erase(session); }
  [[nodiscard]] std::size_t size() const noexcept { return owners_.size(); }

private:
  bool watches_ = false;
  absl::flat_hash_map<session_id, server_id> owners_;
};

}  // namespace troupe::tree
