/// An actor that stands in front of a component and may spoil what passes.
#pragma once

#include <utility>
#include <vector>

#include <caf/send.hpp>
#include <caf/system_messages.hpp>

#include <troupe/sdk/actor.hpp>
#include <troupe/sdk/component_context.hpp>

namespace troupe::test {

/// Passes all messages of a role on to a real component. A subclass spoils some of them by its own
/// `take` overloads. For planted bugs only: it does not wait for the component behind it to stop.
template <class Derived, class Role>
class proxy;

template <class Derived, class... Ms>
class proxy<Derived, handle<Ms...>> : public sdk::pinned_actor {
public:
  proxy(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
        caf::strong_actor_ptr inner)
      : sdk::pinned_actor(config, home, context.number, context.supervisor),
        inner_(std::move(inner)) {}

  caf::behavior make_behavior() override {
    // The supervisor takes a failure of the real one for ours, and then does not look after us.
    set_down_handler([this](const caf::down_msg&) { quit(caf::exit_reason::user_shutdown); });
    monitor(caf::actor_cast<caf::actor>(inner_));
    namespace component = role::component;
    const caf::message_handler passed{[this](Ms& m) { static_cast<Derived*>(this)->take(m); }...,
                                      [this](component::start& m) { forward(m); },
                                      [this](component::stop& m) {
                                        forward(m);
                                        finish();
                                      },
                                      [this](component::report_status& m) { forward(m); }};
    return passed.or_else(more());
  }

  void on_exit() override {
    end(inner_);
    for (auto& one : helpers_)
      end(one);
  }

protected:
  /// What a subclass understands besides.
  virtual caf::message_handler more() { return {}; }

  template <class M>
  void take(M& message) {
    forward(message);
  }
  template <class M>
  void forward(M& message) {
    handle<M>{inner_}.send(std::move(message));
  }
  /// Ends with this actor.
  void keep(caf::strong_actor_ptr helper) { helpers_.push_back(std::move(helper)); }

private:
  static void end(caf::strong_actor_ptr& actor) {
    caf::anon_send_exit(actor, caf::exit_reason::kill);
    actor = nullptr;
  }
  caf::strong_actor_ptr inner_;
  std::vector<caf::strong_actor_ptr> helpers_;
};

}  // namespace troupe::test
