/// Calls that matter for speed, past the RPC system.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>
#include <capnp/message.h>

#include "actors/gateway/rpc/codec/link_context.hpp"

namespace troupe::rpc::codec {

/// `Session.submit`, spoken without Cap'n Proto's RPC system: promises, tables and queues that it
/// needs for any call cost several times what a small batch costs. On the wire nothing shows that.
///
/// Clients number their calls themselves, so a call that is answered here never gets into the RPC
/// system's tables, if its end (`Finish`) does not either. Which number the RPC system gave to a
/// session is read from the answer in which it gave it. Calls of a session are done in order: while
/// the RPC system has one that it has not delivered, it gets the others as well.
class direct_calls {
public:
  /// `write` takes a whole message for the client.
  direct_calls(std::shared_ptr<link_context> link,
               std::function<void(capnp::MessageBuilder&)> write)
      : link_(std::move(link)), write_(std::move(write)) {}

  /// A message of the client. True if it was taken, and then `message` is empty.
  /// @throws kj::Exception for what is no message of the protocol.
  bool take(kj::Own<capnp::MessageReader>& message);
  /// A message of the RPC system for the client.
  void sent(kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments);
  /// Calls taken here that the client has not ended.
  [[nodiscard]] std::size_t open() const noexcept { return open_.size(); }

private:
  class reply;
  bool take_call(kj::Own<capnp::MessageReader>& message);
  void run(session_server& session, kj::Own<capnp::MessageReader> message);

  const std::shared_ptr<link_context> link_;
  const std::function<void(capnp::MessageBuilder&)> write_;
  absl::flat_hash_map<std::uint32_t, std::uint64_t> sessions_;  ///< by number of the export
  absl::flat_hash_set<std::uint32_t> openings_;                 ///< calls that ask for a session
  absl::flat_hash_set<std::uint32_t> open_;
};

}  // namespace troupe::rpc::codec
