/// Operations of native clients, into Cap'n Proto.
#pragma once

#include <coordination.capnp.h>

#include <troupe/client/operations.hpp>

namespace troupe::client::codec {

/// False if there is no such operation in the protocol: sessions begin and end by other ways.
bool encode(api::Operation::Builder into, const operation& what, const freshness& how_new);

}  // namespace troupe::client::codec
