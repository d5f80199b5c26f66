/// What became of operations, into Cap'n Proto.
#pragma once

#include <cstddef>

#include <coordination.capnp.h>

#include "actors/gateway/rpc/core/operation.hpp"

namespace troupe::rpc::codec {

/// `asked` is what `done` answers. Outcomes that do not fit into `most_bytes` any more are replaced
/// by an error that says so; those of writes always fit.
void encode(api::Outcomes::Builder into, const finished_batch& done,
            capnp::List<api::Operation>::Reader asked, std::size_t most_bytes);

/// What the outcomes take in a message, about.
capnp::MessageSize expected_size(const finished_batch& done);

}  // namespace troupe::rpc::codec
