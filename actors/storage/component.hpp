/// The component types of this room.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::storage {

/// `storage.wal`: the history in a log of pre-written segments with group commit, and snapshots,
/// both in the node's data_dir.
sdk::component_type wal_type();

/// `storage.memory`: keeps nothing. Everything is "durable" at once and gone with the process.
sdk::component_type memory_type();

}  // namespace troupe::storage
