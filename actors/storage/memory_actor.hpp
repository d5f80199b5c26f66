/// Storage that keeps nothing.
#pragma once

#include <troupe/roles/storage.hpp>
#include <troupe/sdk/actor.hpp>

#include "actors/storage/core/memory_log.hpp"

namespace troupe::storage {

/// Says at once that everything is durable, and starts empty. Every start is the first one. Keeps
/// the newest transactions for other servers, as long as it lives.
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

  role::storage::log_client log_client_;
  role::storage::snapshot_client snapshot_client_;
  role::storage::history_client history_client_;
  memory_log log_{16 * 1024 * 1024};
  zxid committed_;
};

}  // namespace troupe::storage
