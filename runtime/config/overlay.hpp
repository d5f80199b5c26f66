#pragma once

#include <string>
#include <vector>

#include "runtime/config/located.hpp"

namespace troupe::config {

/// Lays `--set` values over a deployment's tree, in order, before anything is checked.
///
/// Each is `path=value`. The path is `node.id`, `node.data_dir`, `runtime.reactors`, or the name of
/// a component followed by a key of it: `log.segment_bytes`, `sessions.timeout.min`,
/// `tree.wires.storage`. The value is taken literally; for an option that is a list it is split at
/// commas. What it replaces in the file is forgotten, and later errors about it point at the
/// command line.
void apply_overlays(located_value& root, const std::vector<std::string>& settings, report& errors);

/// Whether a value came from the command line.
inline bool is_overlay(const place& where, const report& errors) {
  return !errors.source_at(where.source).numbered;
}

}  // namespace troupe::config
