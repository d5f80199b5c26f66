/// The broadcast of a deployment with one server.
#pragma once

#include <vector>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/storage.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/broadcast/core/local_order.hpp"

namespace troupe::broadcast {

/// Recovers the tree from storage, takes a new epoch, and then moves writes through their stages:
/// prepare (tree), append (storage), deliver (tree).
class local_actor final : public sdk::pinned_actor {
public:
  local_actor(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "broadcast.local"; }

private:
  enum class phase { waiting, recovering, committing_rest, taking_epoch, serving, stopping };

  void attach(const role::broadcast::listener& listener);
  void start();
  void recovered(role::storage::recovered& message);
  void take_piece(role::storage::recovery::end& end);
  void tree_loaded(const role::tree::loaded& message);
  void history_complete();
  void take_epoch();
  void lead();
  [[nodiscard]] bool epoch_is_full() const;
  void next_epoch_if_drained();

  void submit(role::broadcast::submit& message);
  void space_changed(const role::storage::space_changed& message);
  void settle_space();
  void refuse(std::vector<role::tree::request>& requests);
  void prepared(role::tree::prepared& message);
  void persisted(zxid through);
  void advance();
  void finish_if_drained();

  [[nodiscard]] role::broadcast::serving_changed serving() const;
  void inspect(const role::broadcast::inspect& message) const;
  void report_status(std::uint64_t token);

  const role::storage::actor storage_;
  const role::tree::actor tree_;
  sdk::entropy& entropy_;
  const server_id server_;
  const std::uint32_t epoch_limit_;
  const sdk::gauge in_flight_, leading_now_, writable_;  ///< counter at which a new epoch is taken

  phase phase_ = phase::waiting;
  local_order order_;
  role::storage::recovery::end recovered_end_;
  std::vector<encoded_txn> rest_;  ///< durable, but not known to be committed
  role::storage::epochs epochs_;
  bool history_known_ = false;
  bool space_ = true;
  bool leading_ = false;         ///< the tree prepares
  bool disk_bound_ = false;      ///< the newest `submit` was
  bool held_ = false;            ///< what is proposed waits for more of the same turn
  bool withdrawing_ = false;     ///< space ran out, and the tree has not answered everything yet
  std::uint64_t preparing_ = 0;  ///< batches that the tree has not answered yet
  std::vector<role::tree::request> early_;  ///< came before this server serves
  std::vector<role::broadcast::listener> listeners_;
};

}  // namespace troupe::broadcast
