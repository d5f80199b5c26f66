/// The replicated side of sessions: that they exist, their timeouts, and what they own.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <absl/container/btree_map.h>
#include <absl/container/btree_set.h>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>

#include "actors/tree/core/request_window.hpp"

namespace troupe::tree {

/// The newest transaction of a session that a client asked for: part of the history, so every
/// leader knows it. Not part of the digest, because it decides only what is done with a write that
/// came too late.
struct last_write {
  server_id server;  ///< through which it came; 0: none is known
  zxid at;
};

/// All sessions that exist in the committed state. Ordered containers throughout: their order shows
/// in transactions and replies.
class session_table {
public:
  struct entry {
    milliseconds timeout{0};
    absl::btree_set<std::string> ephemerals;  ///< full paths
    last_write newest;
    std::unique_ptr<request_window> requests;  ///< null: none was ever remembered
  };

  [[nodiscard]] const entry* find(session_id session) const {
    const auto found = sessions_.find(session);
    return found == sessions_.end() ? nullptr : &found->second;
  }
  /// Makes the session exist, or gives it another timeout.
  void open(session_id session, milliseconds timeout) { sessions_[session].timeout = timeout; }
  /// The session has written through `server`. Unknown sessions are left alone.
  void wrote(session_id session, server_id server, zxid at) {
    if (const auto found = sessions_.find(session); found != sessions_.end())
      found->second.newest = {server, at};
  }
  /// The session remembers a request from now on; null if there is no such session.
  request_window* window(session_id session) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return nullptr;
    auto& requests = found->second.requests;
    if (!requests) requests = std::make_unique<request_window>();
    return requests.get();
  }
  /// Forgets the session. Its ephemeral nodes are deleted before.
  void close(session_id session) { sessions_.erase(session); }

  /// False if there is no such session.
  bool own(session_id session, std::string path) {
    const auto found = sessions_.find(session);
    if (found == sessions_.end()) return false;
    return found->second.ephemerals.insert(std::move(path)).second;
  }
  void disown(session_id session, const std::string& path) {
    if (const auto found = sessions_.find(session); found != sessions_.end())
      found->second.ephemerals.erase(path);
  }

  [[nodiscard]] const absl::btree_map<session_id, entry>& all() const noexcept { return sessions_; }
  [[nodiscard]] std::size_t size() const noexcept { return sessions_.size(); }
  void clear() { sessions_.clear(); }

private:
  absl::btree_map<session_id, entry> sessions_;
};

}  // namespace troupe::tree
