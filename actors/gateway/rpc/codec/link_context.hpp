/// What the capabilities of one connection have in common with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include <absl/container/flat_hash_map.h>
#include <kj/debug.h>

#include "actors/gateway/rpc/desk.hpp"
#include "actors/gateway/rpc/limits.hpp"
#include "actors/gateway/rpc/recipe_desk.hpp"

namespace troupe::rpc::codec {

class session_server;

/// Capabilities, calls and messages hold it, and some of them outlive their connection: then
/// `board` is null, and nothing of the gateway may be touched.
struct link_context {
  /// Where an answer goes.
  class target {
  public:
    virtual ~target() = default;
    virtual void answer(finished_batch&& with) = 0;
  };

  desk* board = nullptr;
  std::shared_ptr<recipe_desk> recipes;
  bool ending = false;  ///< what goes from now on goes with the connection
  const link_limits* limits = nullptr;
  std::uint64_t number = 0;
  std::string address;  ///< of the client, an identity

  std::uint32_t sessions = 0;  ///< capabilities given
  std::size_t outstanding_operations = 0;
  std::size_t outstanding_bytes = 0;  ///< messages that somebody still holds
  std::size_t event_bytes = 0;        ///< the client has not taken
  std::size_t unsent_bytes = 0;       ///< the connection has not taken
  std::size_t promised_bytes = 0;     ///< of answers that are being written
  /// Answers that wait until the client has taken others.
  std::deque<std::pair<std::unique_ptr<target>, finished_batch>> waiting;
  /// The sessions of which the connection has a capability, by number.
  absl::flat_hash_map<std::uint64_t, session_server*> servers;
  /// Calls of them that the RPC system has and has not delivered.
  std::size_t undelivered = 0;

  /// @throws kj::Exception if the connection is gone.
  desk& live() const {
    if (!board) kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "the connection is gone"));
    return *board;
  }
  /// Answers now, or when there is room.
  void answer(std::unique_ptr<target> to, finished_batch&& with);
  /// There may be room again.
  void answer_waiting();

private:
  [[nodiscard]] bool has_room() const noexcept {
    return unsent_bytes + promised_bytes < limits->unsent_bytes;
  }
  void answer_now(target& to, finished_batch&& with);
};

}  // namespace troupe::rpc::codec
