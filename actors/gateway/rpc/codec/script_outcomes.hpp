/// What became of scripts, into Cap'n Proto.
#pragma once

#include <vector>

#include <coordination.capnp.h>

#include <troupe/base/operation.hpp>

namespace troupe::rpc::codec {

/// `results` are those of the steps that were done, that of a choice before those of the steps that
/// it chose; if the last one is an error, nothing was done. `asked` is the multi, or one operation
/// by itself.
void put_script(api::Outcome::Builder into, zxid at, const std::vector<write_result>& results,
                api::Operation::Reader asked);

}  // namespace troupe::rpc::codec
