#include "runtime/embed/system_guard.hpp"

#include <utility>

#include <caf/abstract_actor.hpp>
#include <caf/attachable.hpp>

namespace troupe::embed {

/// An actor system ends its own helpers after the application's actors and before its threads, and
/// never otherwise.
class system_guard::watch final : public caf::attachable {
public:
  explicit watch(std::function<void()> on_end) : on_end_(std::move(on_end)) {}

  void actor_exited(const caf::error&, caf::execution_unit*) override { on_end_(); }
  bool matches(const token& what) override {
    return what.subtype == token::anonymous && what.ptr == this;
  }

private:
  const std::function<void()> on_end_;
};

system_guard::system_guard(caf::actor_system& system, std::function<void()> on_end)
    : watched_(system.config_serv()), watch_(new watch(std::move(on_end))) {
  watched_->get()->attach(caf::attachable_ptr{watch_});
}

system_guard::~system_guard() { release(); }

void system_guard::release() noexcept {
  if (!watched_) return;
  watched_->get()->detach(caf::attachable::token{caf::attachable::token::anonymous, watch_});
  watched_ = nullptr;
}

}  // namespace troupe::embed
