/// How the actor's parts run jobs. Private to wal_*.cpp.
#pragma once

#include <utility>

#include "actors/storage/wal_actor.hpp"

namespace troupe::storage {

template <class R>
void wal_actor::run(std::uint32_t lane, std::function<R()> job, std::function<void(R&)> use) {
  const auto outcome = std::make_shared<std::optional<R>>();
  ++jobs_;
  // A message, not a call: it finds the actor in a turn of its own, and nobody when it has ended.
  auto to_use = [this, outcome, use = std::move(use)] {
    --jobs_;
    use(**outcome);
  };
  ports_.workers.run(
      lane, [outcome, job = std::move(job)] { outcome->emplace(job()); },
      [me = self<handle<job_done>>(), to_use = std::move(to_use)] { me.send(job_done{to_use}); });
}

}  // namespace troupe::storage
