/// A deployment on its own threads, shared by those who may outlive one another: the application's
/// handle, the thread itself, its clients.
#pragma once

#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <troupe/embed/deployment.hpp>

#include "runtime/compose/deployment.hpp"
#include "runtime/embed/host.hpp"
#include "runtime/embed/system_guard.hpp"

namespace troupe::embed {

/// Runs a plan. Its thread is the first reactor; everything that other threads ask for is a message
/// to an actor there. The mutex guards what exists only while the reactor runs.
class engine : public std::enable_shared_from_this<engine> {
public:
  engine(caf::actor_system& system, settings added, compose::plan what);

  engine(const engine&) = delete;
  engine& operator=(const engine&) = delete;

  /// Whether this is the first reactor of any deployment: it must not wait for an answer.
  [[nodiscard]] static bool is_current_thread() noexcept;
  /// What an operation that would wait says there.
  static constexpr const char* would_wait =
      "called on the deployment's own thread, which would wait for itself";

  /// Starts the thread. Once.
  void start();
  /// For the owner's destructor: stops, and joins the thread or leaves it behind.
  void abandon();

  void request_stop();
  outcome stop(nanoseconds within);
  [[nodiscard]] nanoseconds patience() const noexcept { return added_.stop_within; }
  [[nodiscard]] const auto& ready() const noexcept { return ready_future_; }
  [[nodiscard]] const auto& ended() const noexcept { return ended_future_; }

  role::coordinator::actor coordinator(const std::string& name);
  std::future<std::vector<component_status>> status();

  /// Makes an actor on the first reactor by `make`; it is ended before the reactor is. False if the
  /// deployment has ended.
  bool spawn(const std::function<caf::strong_actor_ptr(sdk::reactor_unit&)>& make);

private:
  void work();
  outcome run();
  compose::observer observer();
  class room;
  void component_made(const compose::planned_component& what, const caf::strong_actor_ptr& actor);
  void tell_made();
  void publish(const outcome& how);
  void system_ends();
  [[nodiscard]] std::string coordinator_named(const std::string& name) const;
  [[nodiscard]] bool on_own_thread() const noexcept;

  caf::actor_system& system_;
  const settings added_;
  const compose::plan plan_;
  std::optional<system_guard> guard_;

  std::promise<std::optional<failure>> ready_;
  const std::shared_future<std::optional<failure>> ready_future_{ready_.get_future()};
  std::promise<void> made_;  ///< all components that are waited for exist, or never will
  const std::shared_future<void> made_future_{made_.get_future()};
  std::promise<outcome> ended_;
  const std::shared_future<outcome> ended_future_{ended_.get_future()};
  std::promise<void> gone_;  ///< the thread does nothing any more
  const std::shared_future<void> gone_future_{gone_.get_future()};

  std::thread thread_;

  // On the thread only.
  std::size_t made_count_ = 0;
  bool made_told_ = false;
  bool ready_told_ = false;
  bool published_ = false;

  std::mutex mutex_;
  host* host_ = nullptr;
  bool stop_wanted_ = false;
  std::map<std::string, role::coordinator::actor> coordinators_;
  std::vector<caf::weak_actor_ptr> guests_;  ///< what `spawn` made
  std::size_t guests_limit_ = 64;            ///< above it, those that are gone are forgotten
};

}  // namespace troupe::embed
