/// What the capabilities of one connection have in common with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include <kj/async.h>
#include <kj/debug.h>

#include "actors/gateway/rpc/desk.hpp"
#include "actors/gateway/rpc/limits.hpp"

namespace troupe::rpc::codec {

/// Capabilities, calls and messages hold it, and some of them outlive their connection: then
/// `board` is null, and nothing of the gateway may be touched.
struct link_context {
  using fulfiller = kj::Own<kj::PromiseFulfiller<finished_batch>>;

  desk* board = nullptr;
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
  std::deque<std::pair<fulfiller, finished_batch>> waiting;

  /// @throws kj::Exception if the connection is gone.
  desk& live() const {
    if (!board) kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "the connection is gone"));
    return *board;
  }
  /// Answers now, or when there is room.
  void answer(fulfiller to, finished_batch&& with);
  /// There may be room again.
  void answer_waiting();

private:
  [[nodiscard]] bool has_room() const noexcept {
    return unsent_bytes + promised_bytes < limits->unsent_bytes;
  }
  void answer_now(fulfiller to, finished_batch&& with);
};

}  // namespace troupe::rpc::codec
