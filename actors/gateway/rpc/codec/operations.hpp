/// What clients ask for, out of Cap'n Proto.
#pragma once

#include <string_view>
#include <vector>

#include <coordination.capnp.h>

#include "actors/gateway/rpc/core/operation.hpp"
#include "actors/gateway/rpc/limits.hpp"

namespace troupe::rpc::codec {

/// All operations of a batch, in order. What cannot be tried is a problem in its place.
/// @throws kj::Exception for bytes that are no such message.
std::vector<operation> decode(capnp::List<api::Operation>::Reader from, const link_limits& limits,
                              bool has_watcher);

/// A batch that is not even looked into.
problem too_many_operations(std::size_t size, const link_limits& limits);

/// The path that an operation is about; empty if it is about none. Valid as long as the message.
std::string_view path_of(api::Operation::Reader from);

/// Whether the operation is, or has in it, what ZooKeeper's protocol does not know.
bool is_script(api::Operation::Reader from);

}  // namespace troupe::rpc::codec
