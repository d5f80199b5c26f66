#include "queue_handler.hpp"

#include <utility>

#include <troupe/sdk/log.hpp>

namespace queue_handler {

namespace coordinator = troupe::role::coordinator;
namespace component = troupe::role::component;
using namespace std::chrono_literals;

namespace {

/// The counter of all items with one outcome.
troupe::sdk::counter items_counter(troupe::sdk::component_context& context, const char* outcome) {
  return context.metrics->counter("queue_handler_items_total", "Items that got their outcome.",
                                  {{"outcome", outcome}});
}

constexpr troupe::milliseconds session_timeout = 10s;
constexpr troupe::milliseconds retry_delay = 100ms;

worker_options options_of(const troupe::sdk::option_values& options) {
  return {options.text("path"), static_cast<std::size_t>(options.integer("batch")),
          static_cast<std::size_t>(options.bytes("batch_bytes"))};
}

}  // namespace

queue_handler_actor::queue_handler_actor(caf::actor_config& config, troupe::sdk::reactor_unit& home,
                                         troupe::sdk::component_context& context)
    : pinned_actor(config, home, context.number, context.supervisor),
      coordinator_(context.wire<coordinator::actor>("coordinator")), timers_(context.ports.timers),
      component_(context.name), path_(context.options.text("path")),
      worker_(options_of(context.options), handler_called(context.options.text("handler"))),
      handled_(items_counter(context, "handled")), failed_(items_counter(context, "failed")) {}

caf::behavior queue_handler_actor::make_behavior() {
  return handlers<component::actor, coordinator::client>(
      [this](const coordinator::wrote& m) {
        asking_ = false;
        carry_out(worker_.wrote(m.results));
      },
      [this](const coordinator::read_done& m) {
        asking_ = false;
        carry_out(worker_.read(m.result));
      },
      [this](const coordinator::event&) { carry_out(worker_.changed()); },
      [this](const coordinator::attached& m) { attached(m.client); },
      [this](const coordinator::opened& m) { opened(m); },
      [this](const coordinator::session_ended& m) {
        if (!stopping_) fail("its session ended: " + std::string{to_string(m.cause)});
      },
      [this](const component::start&) {
        coordinator_.send(coordinator::attach{self<coordinator::client>()});
      },
      [this](const component::stop&) { stop(); },
      [this](const component::report_status& m) { report_status(m.token); });
}

void queue_handler_actor::on_exit() { timer_.reset(); }

void queue_handler_actor::attached(std::uint64_t client) {
  client_ = client;
  open_session();
}

void queue_handler_actor::open_session() {
  coordinator_.send(coordinator::open{client_, 0, session_timeout});
}

void queue_handler_actor::opened(const coordinator::opened& message) {
  if (message.error != troupe::error_code::ok) return after_a_while([this] { open_session(); });
  session_ = message.session;
  carry_out(worker_.begin());
}

void queue_handler_actor::carry_out(next_step next) {
  count();
  report_failures();
  if (!ready_ && worker_.watching()) {
    ready_ = true;
    report_ready();
  }
  if (stopping_) {
    if (!asking_) finish();
    return;
  }
  if (std::holds_alternative<try_later>(next)) {
    after_a_while([this] { carry_out(worker_.resume()); });
  } else if (auto* reason = std::get_if<troupe::failure>(&next)) {
    fail(std::move(reason->message));
  } else if (auto* write = std::get_if<troupe::write_op>(&next)) {
    ask(std::move(*write));
  } else if (auto* read = std::get_if<troupe::read_op>(&next)) {
    ask(std::move(*read));
  }
}

void queue_handler_actor::ask(troupe::write_op what) {
  asking_ = true;
  coordinator_.send(coordinator::write{client_, 0, session_, {}, std::move(what)});
}

void queue_handler_actor::ask(troupe::read_op what) {
  asking_ = true;
  coordinator_.send(coordinator::read{client_, 0, session_, {}, std::move(what)});
}

void queue_handler_actor::after_a_while(std::function<void()> what) {
  timer_ = timers_.after(retry_delay, std::move(what));
}

void queue_handler_actor::stop() {
  stopping_ = true;
  timer_.reset();
  if (!asking_) finish();
}

/// The counters go on when the component is made anew, the worker begins at zero.
void queue_handler_actor::count() {
  const auto& now = worker_.counts();
  handled_.add(now.handled - counted_.handled);
  failed_.add(now.failed - counted_.failed);
  counted_ = now;
}

void queue_handler_actor::report_failures() {
  for (const auto& [item, reason] : worker_.take_failures()) {
    troupe::sdk::log::warning(
        "item_failed",
        {{"component", component_}, {"queue", path_}, {"item", item}, {"reason", reason}});
  }
}

void queue_handler_actor::report_status(std::uint64_t token) {
  const auto& counts = worker_.counts();
  supervisor_.send(component::status_report{token,
                                            number_,
                                            {{"queue", path_},
                                             {"items_waiting", std::to_string(worker_.waiting())},
                                             {"items_handled", std::to_string(counts.handled)},
                                             {"items_failed", std::to_string(counts.failed)},
                                             {"conflicts", std::to_string(counts.conflicts)}}});
}

}  // namespace queue_handler
