/// Transactions as bytes (schemas/txn.capnp).
#pragma once

#include <troupe/base/result.hpp>
#include <troupe/base/txn.hpp>

namespace troupe::tree::codec {

/// The one encoding of a decided transaction. Equal transactions give equal bytes.
encoded_txn encode(const txn& decided);

/// The transaction in `body`, which may be anything: what does not decode is a failure that says
/// why, and so is one that this version does not understand completely.
result<txn> decode(const blob& body);

}  // namespace troupe::tree::codec
