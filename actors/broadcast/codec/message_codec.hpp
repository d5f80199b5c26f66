/// What the members of an ensemble tell each other, as bytes (schemas/zab.capnp).
#pragma once

#include <string>
#include <vector>

#include <troupe/base/blob.hpp>
#include <troupe/base/result.hpp>

#include "actors/broadcast/core/zab/messages.hpp"

namespace troupe::broadcast::codec {

blob encode(const zab::message& said);

/// Encodes what one step of the core has to say. Proposals go to all learners at once and differ
/// only in the number of the conversation, so the bytes are made once. Not for several threads.
class step_encoder {
public:
  [[nodiscard]] blob encode(const zab::message& said);
  /// The step is over: keeps nothing of it.
  void forget() noexcept;

private:
  std::vector<encoded_txn> txns_;  ///< which `bytes_` holds; none if empty
  std::string bytes_;
  std::size_t number_at_ = 0;  ///< where the number of the conversation stands
};

/// The message in `bytes`, which may be anything: what does not decode, and what this version does
/// not understand completely, is a failure that says why. Never throws for what it reads.
result<zab::message> decode(const blob& bytes);

}  // namespace troupe::broadcast::codec
