/// The base of every component's actor: pinned to the reactor where it was made.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include <caf/actor_system.hpp>
#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/spawn_options.hpp>

#include <troupe/roles/component.hpp>

namespace troupe::sdk {

/// A reactor, seen from its actors: the execution unit on which they run and nowhere else.
class reactor_unit : public caf::execution_unit {
public:
  using caf::execution_unit::execution_unit;
};

/// An actor that only ever runs on one reactor. Whoever sends to it, on whatever thread, the actor
/// is handed to its home; there it is resumed between other events of the loop.
///
/// A subclass gives its behaviour by `handlers<Roles...>(lambdas...)`. An exception that leaves a
/// handler, and a message that no handler takes, are reported to the supervisor as a failure: they
/// are mistakes in the program, never the answer to bad input.
class pinned_actor : public caf::event_based_actor {
public:
  pinned_actor(caf::actor_config& config, reactor_unit& home, std::uint32_t number,
               role::component::supervisor supervisor);

  using caf::event_based_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) final;
  /// Tells those who monitor this actor without lending them its reactor: an actor of CAF's
  /// scheduler would run on it from then on.
  bool cleanup(caf::error&& reason, caf::execution_unit* host) override;

  const char* name() const override { return "troupe.pinned"; }

protected:
  /// Tells the supervisor that this component cannot go on. The actor takes no further message.
  void fail(std::string reason);
  /// Tells the supervisor that this component works.
  void report_ready();
  /// Answers `stop`: tells the supervisor and quits.
  void finish();
  /// This actor as a handle with the messages that it handles. For `attach` messages.
  template <class Handle>
  [[nodiscard]] Handle self() {
    return Handle{caf::actor_cast<caf::strong_actor_ptr>(this)};
  }

  /// A behaviour of one lambda per message, checked at compile time against the roles given: each
  /// of their messages must be taken.
  template <class... Handles, class... Lambdas>
  caf::behavior handlers(Lambdas... lambdas) {
    static_assert((covers<Handles, Lambdas...>::value && ...), "a role's message has no handler");
    return caf::behavior{std::move(lambdas)...};
  }

  /// Where this actor lives, for actors that make others.
  [[nodiscard]] reactor_unit& home() const noexcept { return home_; }

  const std::uint32_t number_;
  const role::component::supervisor supervisor_;

private:
  template <class Handle, class... Lambdas>
  struct covers;
  template <class... Ms, class... Lambdas>
  struct covers<handle<Ms...>, Lambdas...> {
    template <class M>
    static constexpr bool one = (std::is_invocable_v<Lambdas&, M&> || ...);
    static constexpr bool value = (one<Ms> && ...);
  };

  reactor_unit& home_;
};

/// Makes a pinned actor of type `T` on `unit`; `args` follow the configuration in T's constructor.
/// Call on the unit's thread, or before it runs, or where something else keeps the reactor alive.
/// The actor system does not count it: an application that waits for its own actors does not wait
/// for ours.
template <class T, class... Args>
caf::strong_actor_ptr spawn_pinned(reactor_unit& unit, Args&&... args) {
  caf::actor_config config{&unit};
  return caf::actor_cast<caf::strong_actor_ptr>(
      unit.system().spawn_class<T, caf::hidden>(config, unit, std::forward<Args>(args)...));
}

}  // namespace troupe::sdk
