#include <troupe/client/session.hpp>

#include <utility>

#include "runtime/client/state_machine.hpp"

namespace troupe::client {

std::string_view to_string(session_state state) noexcept {
  switch (state) {
  case session_state::connecting:
    return "connecting";
  case session_state::connected:
    return "connected";
  case session_state::suspended:
    return "suspended";
  case session_state::lost:
    return "lost";
  case session_state::closed:
    return "closed";
  }
  return "unknown";
}

session::session(environment around, settings how, listener told)
    : machine_(kj::heap<state_machine>(around, std::move(how), std::move(told))) {}
session::~session() noexcept = default;

kj::Promise<answer> session::submit(operation what, freshness how_new) {
  return machine_->submit(std::move(what), how_new);
}
kj::Promise<problem> session::authenticate(credential who) {
  return machine_->authenticate(std::move(who));
}
kj::Promise<std::vector<identity>> session::identities() { return machine_->identities(); }
kj::Promise<void> session::close() { return machine_->close(); }
kj::Promise<void> session::when_connected() { return machine_->when_connected(); }

session_state session::state() const noexcept { return machine_->state(); }
session_id session::id() const noexcept { return machine_->id(); }
milliseconds session::timeout() const noexcept { return machine_->timeout(); }
zxid session::seen() const noexcept { return machine_->seen(); }
const std::string& session::server() const noexcept { return machine_->server(); }
const std::vector<std::pair<std::string, std::string>>& session::server_facts() const {
  return machine_->server_facts();
}

}  // namespace troupe::client
