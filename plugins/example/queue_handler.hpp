/// The component: a thin actor around the worker.
#pragma once

#include <cstdint>
#include <string>

#include <troupe/roles/coordinator.hpp>
#include <troupe/sdk/component_context.hpp>

#include "core/queue_worker.hpp"

namespace queue_handler {

/// Lets a worker loose on the tree, through the role `coordinator` and in a session of its own.
class queue_handler_actor final : public troupe::sdk::pinned_actor {
public:
  queue_handler_actor(caf::actor_config& config, troupe::sdk::reactor_unit& home,
                      troupe::sdk::component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "example.queue_handler"; }

private:
  void attached(std::uint64_t client);
  void open_session();
  void opened(const troupe::role::coordinator::opened& message);
  void carry_out(next_step next);
  void ask(troupe::write_op what);
  void ask(troupe::read_op what);
  void after_a_while(std::function<void()> what);
  void stop();
  void count();
  void report_failures();
  void report_status(std::uint64_t token);

  const troupe::role::coordinator::actor coordinator_;
  troupe::sdk::timers& timers_;
  const std::string component_;
  const std::string path_;
  queue_worker worker_;
  worker_counts counted_;  ///< what the counters have of the worker's counts
  const troupe::sdk::counter handled_;
  const troupe::sdk::counter failed_;
  std::uint64_t client_ = 0;
  troupe::session_id session_;
  bool asking_ = false;  ///< an answer is on its way
  bool ready_ = false;
  bool stopping_ = false;
  troupe::sdk::timer timer_;
};

}  // namespace queue_handler
