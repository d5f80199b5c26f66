/// Resources in messages.
#pragma once

#include <schemas/scheduler.capnp.h>

#include "codec/capnp_bytes.hpp"
#include "core/job.hpp"

namespace scheduler {

inline void put_amounts(const resources& what, capnp::List<wire::Amount>::Builder to) {
  unsigned i = 0;
  for (const auto& [name, amount] : what) {
    to[i].setName(text_of(name));
    to[i++].setAmount(amount);
  }
}

inline resources amounts_of(capnp::List<wire::Amount>::Reader from) {
  resources what;
  for (const auto one : from)
    what[string_of(one.getName())] = one.getAmount();
  return what;
}

}  // namespace scheduler
