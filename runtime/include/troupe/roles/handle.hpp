/// Typed handles: who may be told what.
#pragma once

#include <concepts>
#include <string_view>
#include <type_traits>
#include <utility>

#include <caf/abstract_actor.hpp>
#include <caf/actor_control_block.hpp>
#include <caf/mailbox_element.hpp>

namespace troupe {

/// Lets a message struct travel between actors of one process. Messages are plain structs and never
/// leave the process, so they need no serialisation.
#define TROUPE_MESSAGE(type) CAF_ALLOW_UNSAFE_MESSAGE_TYPE(type)

template <class M, class... Ms>
concept one_of = (std::same_as<M, Ms> || ...);

/// A reference to an actor that understands the messages `Ms`. Sending is one-way: an answer, where
/// there is one, is a message of its own, so that nobody ever waits. Messages from one actor to
/// another arrive in the order sent. A handle keeps its actor alive; wires therefore form a DAG and
/// handles that point backwards are dropped when their owner stops. Copyable, thread-safe as an
/// int.
template <class... Ms>
class handle {
public:
  handle() = default;
  /// Trusts that the actor understands `Ms`. Only the composer and an actor's own set-up do this.
  explicit handle(caf::strong_actor_ptr actor) : actor_(std::move(actor)) {}
  /// A handle with fewer messages.
  template <class... Others>
  requires(one_of<Ms, Others...>&&...) handle(const handle<Others...>& other)
      : actor_(other.pointer()) {}

  /// Tells the actor `message`. Does nothing if the handle is empty or the actor is gone.
  template <class M>
  requires one_of<std::remove_cvref_t<M>, Ms...>
  void send(M&& message) const {
    if (!actor_) return;
    actor_->get()->enqueue(
        caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, std::forward<M>(message)),
        nullptr);
  }

  [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(actor_); }
  [[nodiscard]] const caf::strong_actor_ptr& pointer() const noexcept { return actor_; }
  void reset() noexcept { actor_ = nullptr; }

private:
  caf::strong_actor_ptr actor_;
};

}  // namespace troupe
