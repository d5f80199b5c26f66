// How `peer.tcp` reaches servers with smaller ids.
#include <utility>

#include <kj/debug.h>

#include <troupe/sdk/log.hpp>

#include "actors/peer/peer_actor.hpp"

namespace troupe::peer {

namespace log = sdk::log;

bool peer_actor::may_dial(const route& to) const {
  return started_ && !stopping_ && to.server < identity_.self && !to.link && is_used(to.on);
}

void peer_actor::dial_all(channel on) {
  for (auto& [key, one] : routes_) {
    if (one.on == on && may_dial(one) && one.dial == 0) dial(one);
  }
}

void peer_actor::dial_later(route& to) {
  to.timer.reset();
  if (!may_dial(to)) return;
  const auto pause = to.pause.next(ports_.entropy.number());
  to.timer = ports_.timers.after(pause, [this, &to] {
    to.timer.reset();
    if (may_dial(to) && to.dial == 0) dial(to);
  });
}

void peer_actor::dial(route& to) {
  const auto attempt = ++last_number_;
  to.dial = attempt;
  to.timer.reset();
  // A name may have another address than the last time, so it is resolved at every attempt.
  const auto text = sdk::to_string(to.address);
  to.resolving = true;
  to.dialing = kj::evalNow([&] { return ports_.network.parseAddress(text.c_str()); })
                   .attach(kj::defer([&to] { to.resolving = false; }))
                   .then([this, &to, attempt](kj::Own<kj::NetworkAddress>&& address) {
                     if (stopping_) kj::throwFatalException(KJ_EXCEPTION(DISCONNECTED, "it stops"));
                     // Resolving has a bound of its own, and a thread that cannot be stopped;
                     // connecting has the bound of greetings.
                     to.timer = ports_.timers.after(limits_.periods.silence, [this, &to, attempt] {
                       to.dialing = nullptr;
                       dial_failed(to, attempt, "no connection within the time of `silence`");
                     });
                     auto connecting = address->connect();
                     return connecting.attach(kj::mv(address));
                   })
                   .then([this, &to, attempt](kj::Own<kj::AsyncIoStream>&& socket) {
                     dialed(to, attempt, kj::mv(socket));
                   })
                   .eagerlyEvaluate([this, &to, attempt](kj::Exception&& error) {
                     dial_failed(to, attempt, error.getDescription().cStr());
                   });
}

void peer_actor::dialed(route& to, std::uint64_t attempt, kj::Own<kj::AsyncIoStream> socket) {
  to.timer.reset();
  auto first = own_hello();
  first.to = to.server;
  first.channel = to.on;
  add_stream(kj::mv(socket), side::dialed, std::move(first), attempt, sdk::to_string(to.address));
}

void peer_actor::dial_failed(route& to, std::uint64_t attempt, const std::string& why) {
  if (to.dial != attempt) return;
  to.dial = 0;
  if (stopping_) return;
  ++counted_.dials_failed;
  if (const auto left_out = failed_dials_.take(now())) {
    log::info("peer_not_reached", {{"component", component_},
                                   {"server", to.server.value},
                                   {"address", sdk::to_string(to.address)},
                                   {"reason", why},
                                   {"left_out", *left_out}});
  }
  dial_later(to);
}

}  // namespace troupe::peer
