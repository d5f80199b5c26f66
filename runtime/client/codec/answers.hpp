/// Answers to native clients, out of Cap'n Proto.
#pragma once

#include <coordination.capnp.h>

#include <troupe/client/operations.hpp>

namespace troupe::client::codec {

problem decode(api::Error::Reader from);

/// The outcome of `asked`, which decides between results of a multi and of a readTogether.
/// @throws kj::Exception for bytes that are no such message.
answer decode(api::Outcome::Reader from, const operation& asked);

}  // namespace troupe::client::codec
