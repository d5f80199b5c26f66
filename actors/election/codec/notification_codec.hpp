/// Notifications as bytes (schemas/election.capnp).
#pragma once

#include <troupe/base/blob.hpp>
#include <troupe/base/result.hpp>

#include "actors/election/core/notification.hpp"

namespace troupe::election::codec {

/// The newest version that this program understands, and the one that it writes.
inline constexpr std::uint16_t version = 1;

blob encode(const notification& said);

/// The notification in `bytes`, which may be anything: what does not decode, and what is of another
/// version, is a failure that says why. Never throws for what it reads (ZOOKEEPER-3769).
result<notification> decode(const blob& bytes);

}  // namespace troupe::election::codec
