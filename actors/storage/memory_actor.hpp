/// Storage that keeps nothing.
#pragma once

#include <troupe/roles/storage.hpp>
#include <troupe/sdk/actor.hpp>

namespace troupe::storage {

/// Says at once that everything is durable, and starts empty. Every start is the first one.
class memory_actor final : public sdk::pinned_actor {
public:
  using sdk::pinned_actor::pinned_actor;

  caf::behavior make_behavior() override;
  void on_exit() override;

private:
  void append(role::storage::append& message);

  role::storage::log_client log_client_;
  role::storage::snapshot_client snapshot_client_;
  zxid last_;
};

}  // namespace troupe::storage
