/// What the write-ahead log shows to monitoring.
#pragma once

#include <memory>

#include <troupe/sdk/metrics.hpp>

namespace troupe::storage {

/// Counted once per batch, snapshot or look at the disk.
struct wal_metrics {
  explicit wal_metrics(sdk::metrics& all)
      : transactions(all.counter("troupe_storage_transactions_total",
                                 "Transactions made durable in the log.")),
        appended_bytes(all.counter("troupe_storage_appended_bytes_total",
                                   "Bytes of transactions appended to the log.")),
        sync_seconds(all.histogram(
            "troupe_storage_sync_seconds", "Time to write a batch to the log and to sync it.",
            {sdk::latency_bounds_seconds.begin(), sdk::latency_bounds_seconds.end()})),
        batch_transactions(all.histogram("troupe_storage_batch_transactions",
                                         "Transactions that shared one sync of the log.",
                                         {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024})),
        snapshots(all.counter("troupe_storage_snapshots_total", "Snapshots completed.")),
        snapshots_failed(all.counter("troupe_storage_snapshots_given_up_total",
                                     "Snapshots given up, for want of space or by a stop.")),
        snapshot_bytes(all.counter("troupe_storage_snapshot_bytes_total",
                                   "Bytes written for completed snapshots.")),
        snapshot_seconds(all.histogram("troupe_storage_snapshot_seconds",
                                       "Time to write a snapshot.",
                                       {0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 900})),
        log_bytes(all.gauge("troupe_storage_log_bytes", "Bytes of all segments of the log.")),
        segments(all.gauge("troupe_storage_segments", "Segments of the log.")),
        snapshot_files(all.gauge("troupe_storage_snapshot_files", "Snapshots on the disk.")),
        free_bytes(all.gauge("troupe_storage_free_bytes",
                             "Free bytes of the file system with the data directory.")),
        waiting(all.gauge("troupe_storage_waiting_transactions",
                          "Transactions that are not durable yet.")) {}

  sdk::counter transactions, appended_bytes;
  sdk::histogram sync_seconds, batch_transactions;
  sdk::counter snapshots, snapshots_failed, snapshot_bytes;
  sdk::histogram snapshot_seconds;
  sdk::gauge log_bytes, segments, snapshot_files, free_bytes, waiting;
};

}  // namespace troupe::storage
