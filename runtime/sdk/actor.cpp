#include <troupe/sdk/actor.hpp>

#include <exception>

#include <caf/scheduled_actor.hpp>

#include <troupe/base/check.hpp>

namespace troupe::sdk {
namespace {

std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception that is not a std::exception";
  }
}

}  // namespace

pinned_actor::pinned_actor(caf::actor_config& config, reactor_unit& home, std::uint32_t number,
                           role::component::supervisor supervisor)
    : caf::event_based_actor(config), number_(number), supervisor_(std::move(supervisor)),
      home_(home) {
  set_exception_handler([this](std::exception_ptr& error) -> caf::error {
    fail("unexpected exception in a handler: " + describe(error));
    return caf::exit_reason::unhandled_exception;
  });
  set_default_handler(
      [this](caf::scheduled_actor*, caf::message_view& view) -> caf::result<caf::message> {
        fail("a message that no handler takes: " + caf::to_string(view.move_content_to_message()));
        return caf::sec::unexpected_message;
      });
}

void pinned_actor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit*) {
  caf::event_based_actor::enqueue(std::move(message), &home_);
}

bool pinned_actor::cleanup(caf::error&& reason, caf::execution_unit*) {
  return caf::event_based_actor::cleanup(std::move(reason), nullptr);
}

void pinned_actor::fail(std::string reason) {
  TROUPE_CHECK(supervisor_, reason.c_str());  // nobody is left who could stop the node
  supervisor_.send(role::component::failed{number_, std::move(reason)});
  // Later messages would act on a state that is not to be trusted.
  quit(caf::exit_reason::user_shutdown);
}

void pinned_actor::report_ready() { supervisor_.send(role::component::ready{number_}); }

void pinned_actor::finish() {
  supervisor_.send(role::component::stopped{number_});
  quit();
}

}  // namespace troupe::sdk
