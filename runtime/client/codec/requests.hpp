/// Operations of native clients, into Cap'n Proto.
#pragma once

#include <cstdint>

#include <coordination.capnp.h>

#include <troupe/client/operations.hpp>

namespace troupe::client::codec {

/// `what` is an operation of the protocol: neither a decision nor the begin or end of a session.
/// `request_id`: of a write that may be asked again; else zero.
void encode(api::Operation::Builder into, const operation& what, const freshness& how_new,
            std::uint64_t request_id);

}  // namespace troupe::client::codec
