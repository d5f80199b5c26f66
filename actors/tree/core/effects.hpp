/// What the tree tells the outside, in order.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include <troupe/base/txn.hpp>

namespace troupe::tree::effect {

/// The outcome of a write that came from this server.
struct write_outcome {
  std::uint32_t lane = 0;
  std::uint64_t sequence = 0;
  troupe::zxid zxid;
  std::vector<write_result> results;
  bool is_multi = false;
  blob reply;  ///< of a decision
};
/// The outcome of a create_session that came from this server.
struct session_outcome {
  std::uint32_t lane = 0;
  std::uint64_t sequence = 0;
  troupe::zxid zxid;
  error_code error = error_code::ok;
  session_id session;
  milliseconds timeout{0};
  std::string password;
};
struct read_outcome {
  std::uint32_t lane = 0;
  std::uint64_t sequence = 0;
  std::uint64_t connection = 0;
  troupe::zxid zxid;
  read_result result;
};
/// More names for a read_outcome of which some were to come.
struct read_piece {
  watcher_id to;
  name_list names;
  bool given_up = false;
};
/// One event for several watchers, sorted by id; `zxid` is zero for events that set_watches made
/// up.
struct event {
  event_kind kind = event_kind::node_created;
  std::string path;
  troupe::zxid zxid;
  std::vector<watcher_id> watchers;
};
struct session_opened {
  session_id session;
  milliseconds timeout{0};
};
struct session_closed {
  session_id session;
  close_cause cause = close_cause::client;
};
/// The key of passwords is another one now.
struct secret_changed {};

using any = std::variant<write_outcome, session_outcome, read_outcome, event, session_opened,
                         session_closed, secret_changed, read_piece>;

}  // namespace troupe::tree::effect
