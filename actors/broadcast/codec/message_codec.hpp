/// What the members of an ensemble tell each other, as bytes (schemas/zab.capnp).
#pragma once

#include <troupe/base/blob.hpp>
#include <troupe/base/result.hpp>

#include "actors/broadcast/core/zab/messages.hpp"

namespace troupe::broadcast::codec {

blob encode(const zab::message& said);

/// The message in `bytes`, which may be anything: what does not decode, and what this version does
/// not understand completely, is a failure that says why. Never throws for what it reads.
result<zab::message> decode(const blob& bytes);

}  // namespace troupe::broadcast::codec
