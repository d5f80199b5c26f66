/// Storage that keeps nothing.
#pragma once

#include <troupe/roles/storage.hpp>
#include <troupe/sdk/actor.hpp>

#include "actors/storage/core/memory_log.hpp"
#include "actors/storage/core/memory_snapshots.hpp"

namespace troupe::storage {

/// Says at once that everything is durable, and starts empty. Every start is the first one. Keeps
/// the newest transactions for other servers, as long as it lives: 16 MiB of them, whoever reads.
/// Snapshots are made when somebody reads them.
class memory_actor final : public sdk::pinned_actor {
public:
  using sdk::pinned_actor::pinned_actor;

  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  void append(role::storage::append& message);
  void give_range(const role::storage::read_range& asked);
  void describe(std::uint64_t token);
  void truncate(zxid after);
  void begin_snapshot(const role::storage::snapshot_begin& message);
  void end_snapshot();
  void read_snapshot(std::uint64_t token);
  void give_chunk(std::uint64_t token);
  void give_none(std::uint64_t token, bool busy);
  void install();

  role::storage::log_client log_client_;
  role::storage::snapshot_client snapshot_client_;
  role::storage::history_client history_client_;
  memory_log log_{16 * 1024 * 1024};
  zxid committed_;
  zxid replaced_up_to_;  ///< by the newest snapshot of another server
  memory_snapshots snapshots_;
  history_point incoming_;  ///< of another server
};

}  // namespace troupe::storage
