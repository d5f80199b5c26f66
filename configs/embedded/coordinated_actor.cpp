#include "coordinated_actor.hpp"

#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/system_messages.hpp>

namespace coordinator = troupe::role::coordinator;
using namespace std::chrono_literals;

coordinated_actor::coordinated_actor(caf::actor_config& config, coordinator::actor coordinator)
    : caf::event_based_actor(config), coordinator_(std::move(coordinator)) {}

caf::behavior coordinated_actor::make_behavior() {
  // The coordinator ends with the deployment. What is asked after that is answered by nobody.
  set_down_handler([this](const caf::down_msg&) { on_lost(); });
  monitor(caf::actor_cast<caf::actor>(coordinator_.pointer()));
  coordinator_.send(
      coordinator::attach{coordinator::client{caf::actor_cast<caf::strong_actor_ptr>(this)}});
  return {
      [this](const coordinator::attached& m) {
        client_ = m.client;
        coordinator_.send(coordinator::open{client_, 0, 10s});
      },
      [this](const coordinator::opened& m) {
        session_ = m.session;
        if (m.error == troupe::error_code::ok) {
          begin();
        } else {
          on_lost();
        }
      },
      [this](const coordinator::wrote& m) {
        if (const auto then = writes_.extract(m.token); then && then.mapped()) then.mapped()(m);
      },
      [this](const coordinator::read_done& m) {
        if (const auto then = reads_.extract(m.token); then && then.mapped())
          then.mapped()(m.result);
      },
      [this](const coordinator::event& m) { on_event(m); },
      [this](const coordinator::session_ended&) { on_lost(); },
  };
}

void coordinated_actor::on_exit() { coordinator_.reset(); }

void coordinated_actor::write(troupe::write_op what, write_done then) {
  const auto token = next_token_++;
  writes_[token] = std::move(then);
  coordinator_.send(coordinator::write{client_, token, session_, {}, std::move(what)});
}

void coordinated_actor::read(troupe::read_op what, read_done then) {
  const auto token = next_token_++;
  reads_[token] = std::move(then);
  coordinator_.send(coordinator::read{client_, token, session_, {}, std::move(what)});
}

troupe::create_op coordinated_actor::node(std::string path, const std::string& data,
                                          troupe::node_kind kind, bool sequential) {
  troupe::create_op op;
  op.path = std::move(path);
  op.data = troupe::blob{data};
  op.acl = {{troupe::permission_all, {"world", "anyone"}}};
  op.kind = kind;
  op.sequential = sequential;
  return op;
}
