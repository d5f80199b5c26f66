/// Reads, and the watches that they set (protocol sections 4.6, 7.5 and 7.7).
#pragma once

#include <vector>

#include <troupe/base/operation.hpp>

#include "actors/tree/core/effects.hpp"
#include "actors/tree/core/listing_line.hpp"
#include "actors/tree/core/state.hpp"
#include "actors/tree/core/watch_table.hpp"

namespace troupe::tree {

/// A read on behalf of a connection.
struct read_request {
  std::uint64_t sequence = 0;
  std::uint64_t after = 0;  ///< run it behind this write of the lane; zero: at once
  std::uint64_t connection = 0;
  session_id session;
  identities who;
  read_op op;
};

/// For whom a read is run.
struct read_asker {
  watcher_id watcher;
  session_id session;
  const identities& who;
};

/// Runs one read against the committed state. Setting a watch and reading are one step, so no
/// change falls between them; of a long list of children, `listings` makes the names later. Events
/// that set_watches makes up go to `effects`; they come before the read's result.
read_result run_read(const state& committed, watch_table& watches, listing_line& listings,
                     std::vector<effect::any>& effects, const read_asker& asker, const read_op& op);

}  // namespace troupe::tree
