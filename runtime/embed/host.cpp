#include "runtime/embed/host.hpp"

#include <utility>

namespace troupe::embed {

host::host(caf::actor_system& system, const compose::plan& what, compose::observer owner)
    : disk_(what.data_dir), loop_(system, disk_), finished_(kj::newPromiseAndFulfiller<void>()) {
  owner.on_stopped = [this, tell = std::move(owner.on_stopped)](compose::outcome how) {
    outcome_ = std::move(how);
    if (tell) tell(outcome_);
    finished_.fulfiller->fulfill();
  };
  deployment_ =
      std::make_unique<compose::deployment>(what, places(system, what.reactors), std::move(owner));
}

host::~host() noexcept(false) {
  deployment_.reset();
  // Actors that ended a moment ago leave the queue before the loop goes away.
  loop_.drain();
}

std::vector<compose::place> host::places(caf::actor_system& system, std::size_t count) {
  std::vector<compose::place> result{{&loop_.ports(), &loop_.unit()}};
  while (result.size() < count) {
    others_.push_back(std::make_unique<reactor::reactor_thread>(system, disk_));
    auto& other = others_.back()->get();
    result.push_back({&other.ports(), &other.unit()});
  }
  return result;
}

compose::outcome host::run() {
  loop_.run_until(kj::mv(finished_.promise));
  return outcome_;
}

}  // namespace troupe::embed
