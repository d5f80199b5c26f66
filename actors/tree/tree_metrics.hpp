/// What the tree shows to monitoring.
#pragma once

#include <memory>

#include <troupe/sdk/metrics.hpp>

namespace troupe::tree {

/// Set whenever somebody is about to look.
struct tree_metrics {
  explicit tree_metrics(sdk::metrics& all)
      : znodes(all.gauge("troupe_tree_znodes", "Znodes.")),
        ephemerals(all.gauge("troupe_tree_ephemerals", "Ephemeral znodes.")),
        watches(all.gauge("troupe_tree_watches", "Watches.")),
        data_bytes(all.gauge("troupe_tree_data_bytes", "Bytes of paths and data of all znodes.")),
        sessions(all.gauge("troupe_tree_sessions", "Sessions that exist.")),
        applied_zxid(all.gauge("troupe_tree_applied_zxid", "Newest transaction in the tree.")),
        parked_reads(all.gauge("troupe_tree_parked_reads",
                               "Reads that wait for an earlier write of their session.")),
        unfinished_lists(all.gauge("troupe_tree_unfinished_lists",
                                   "Long lists of children that are being made or wait for it.")) {}

  sdk::gauge znodes, ephemerals, watches, data_bytes, sessions, applied_zxid, parked_reads,
      unfinished_lists;
};

}  // namespace troupe::tree
