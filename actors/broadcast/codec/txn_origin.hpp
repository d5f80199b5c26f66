/// Who asked for a transaction.
#pragma once

#include <troupe/base/blob.hpp>
#include <troupe/base/ids.hpp>

namespace troupe::broadcast::codec {

/// The origin in a transaction's envelope (schemas/txn.capnp); none if `body` is not one, which the
/// tree will find out.
origin origin_of(const blob& body);

}  // namespace troupe::broadcast::codec
