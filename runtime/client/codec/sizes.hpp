/// How large operations are on the wire.
#pragma once

#include <cstddef>

#include <troupe/client/operations.hpp>

namespace troupe::client::codec {

/// Bytes that this takes in a message, about.
std::size_t size_of(const operation& what);

}  // namespace troupe::client::codec
