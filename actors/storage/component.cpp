#include "actors/storage/component.hpp"

#include <chrono>

#include <troupe/roles/storage.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/storage/memory_actor.hpp"
#include "actors/storage/wal_actor.hpp"

namespace troupe::storage {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kibibyte = 1024, mebibyte = 1024 * kibibyte, gibibyte = 1024 * mebibyte;

std::vector<sdk::option_spec> wal_options() {
  using spec = sdk::option_spec;
  return {
      spec::bytes("segment_bytes",
                  "Size of a log segment. Segments are written in advance and used again.")
          .by_default(64 * mebibyte)
          .between(4 * kibibyte, 4 * gibibyte),
      spec::bytes("first_segment_bytes",
                  "Size of the first segment after a start; the next ones grow to segment_bytes.")
          .by_default(1 * mebibyte)
          .between(4 * kibibyte, 1 * gibibyte),
      spec::bytes("snapshot_log_bytes",
                  "A snapshot is written after half to all of this much log, at random, and not "
                  "before there is half as much log as the last snapshot is large.")
          .by_default(128 * mebibyte)
          .between(4 * kibibyte, 1024 * gibibyte),
      spec::integer("snapshot_transactions",
                    "A snapshot is written after half to all of this many transactions, at random, "
                    "under the same condition.")
          .by_default(100'000)
          .between(2, 1'000'000'000)
          .counted_in("transactions"),
      spec::integer("snapshots_kept",
                    "So many sound snapshots are kept, with all of the log after the oldest.")
          .by_default(3)
          .between(1, 1000)
          .counted_in("snapshots"),
      spec::duration("slow_sync", "A write to the log that takes longer is reported.")
          .by_default(1s)
          .between(1ms, 1h),
      spec::duration("reactor_sync",
                     "While all active clients write, or one is alone, and syncs are quicker than "
                     "this, the thread that serves them syncs small batches itself, without waking "
                     "another; 0s: never.")
          .by_default(2ms)
          .between(0s, 10ms),
      spec::duration("space_retry", "How often space is looked for again when the disk is full.")
          .by_default(1s)
          .between(1ms, 1h),
      spec::choice("damage", {"stop", "replace"},
                   "What a start does with a damaged history: it stops and says what it found; or "
                   "puts it aside and gets everything from the other members of its ensemble.")
          .by_default("stop"),
  };
}

std::vector<sdk::option_problem> check_wal(const sdk::option_values& options) {
  if (options.bytes("first_segment_bytes") <= options.bytes("segment_bytes")) return {};
  return {{"first_segment_bytes", "the first segment would be larger than segment_bytes",
           "lower first_segment_bytes or raise segment_bytes"}};
}

wal_settings settings_of(const sdk::option_values& options) {
  wal_settings settings;
  settings.journal.segment_bytes = options.bytes("segment_bytes");
  settings.journal.first_segment_bytes = options.bytes("first_segment_bytes");
  settings.journal.snapshot_log_bytes = options.bytes("snapshot_log_bytes");
  settings.journal.snapshot_transactions =
      static_cast<std::uint64_t>(options.integer("snapshot_transactions"));
  settings.snapshots_kept = static_cast<std::size_t>(options.integer("snapshots_kept"));
  settings.slow_sync = options.duration("slow_sync");
  settings.reactor_sync = options.duration("reactor_sync");
  settings.space_retry = options.duration("space_retry");
  settings.damage = options.text("damage") == "replace" ? on_damage::replace : on_damage::stop;
  return settings;
}

}  // namespace

sdk::component_type wal_type() {
  return {.name = "storage.wal",
          .summary = "History and snapshots on disk: write-ahead log with group commit.",
          .gives = {role::storage::name, role::storage::version},
          .needs = {},
          .options = wal_options(),
          .on_failure = sdk::failure_policy::stop_node,
          .factory =
              [](sdk::component_context& context) {
                return sdk::component_instance{sdk::spawn_pinned<wal_actor>(
                    context.unit, context.number, context.supervisor, context.ports,
                    settings_of(context.options), context.deployment.server, context.metrics)};
              },
          .check = check_wal};
}

sdk::component_type memory_type() {
  return {.name = "storage.memory",
          .summary = "Keeps nothing: for tests and for data that may be lost.",
          .gives = {role::storage::name, role::storage::version},
          .needs = {},
          .options = {},
          .on_failure = sdk::failure_policy::stop_node,
          .factory =
              [](sdk::component_context& context) {
                return sdk::component_instance{sdk::spawn_pinned<memory_actor>(
                    context.unit, context.number, context.supervisor)};
              },
          .check = {}};
}

}  // namespace troupe::storage
