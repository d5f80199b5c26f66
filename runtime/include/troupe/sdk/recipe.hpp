/// What a recipe is made from: a component that is called by clients, decides on the leader, and
/// keeps all that must survive in znodes below its mount (docs/writing-a-recipe.md).
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include <troupe/base/decision.hpp>
#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/coordinator.hpp>
#include <troupe/roles/recipe.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/component_type.hpp>

namespace troupe::sdk {

/// Something changed at or below the mount, and is applied here.
struct recipe_change {
  event_kind kind = event_kind::node_created;
  std::string path;
  troupe::zxid zxid;
};

/// Thrown by a handler: the call's parameters are wrong. The call is answered with `bad_arguments`
/// and this sentence; nothing is logged.
class bad_call : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A client's call, seen from its handler.
struct recipe_call {
  std::uint64_t number = 0;  ///< the recipe's own: grows from call to call
  std::uint64_t capability = 0;
  session_id session;
  identities who;
  blob params;  ///< see <troupe/sdk/recipe_codec.hpp>
};

/// What became of a decision. `value` is what the function returned; null unless the error is `ok`,
/// and then all that it did, and all that it saw up to `as_of`, is applied here.
/// `operation_timeout`: nobody knows whether it came to pass. With any other error nothing of it
/// did.
template <class T>
struct decided {
  error_code error = error_code::ok;
  std::string why;
  troupe::zxid as_of;
  const T* value = nullptr;
};

/// The base of a recipe's actor. A recipe serves calls only while its server leads, and only then
/// hears of changes; elsewhere its calls are answered `not_leader`.
///
/// What a call's handler throws is logged with recipe, mount and call, and answered with
/// `system_error`; the recipe goes on. What anything else of it throws ends the component with a
/// message that names it, and it is made anew.
class recipe_actor : public pinned_actor {
public:
  recipe_actor(caf::actor_config& config, reactor_unit& home, component_context& context);

  caf::behavior make_behavior() override;
  void on_exit() override;

protected:
  using handler = std::function<void(const recipe_call&)>;

  /// Declares a method of a Cap'n Proto interface: its ids, and a name for logs and metrics. In the
  /// constructor.
  void serve(std::uint64_t interface_id, std::uint16_t method, std::string called, handler how);
  /// Has plain clients' writes below the mount looked at, on the leader, from now on. In the
  /// constructor.
  void guard(std::shared_ptr<const mount_guard> how) { guard_ = std::move(how); }

  /// This server leads from now on, or does so no more. Nothing is left of the time before, and
  /// calls that still wait are to be answered.
  virtual void on_leader(bool /*leading*/) {}
  /// In the order of the history, and before the outcomes of decisions that saw it.
  virtual void on_change(const recipe_change& /*change*/) {}
  /// The client wants the outcome no more; the call is to be answered all the same.
  virtual void on_cancel(std::uint64_t /*call*/) {}
  /// The client cannot be answered now; the call is gone.
  virtual void on_forget(std::uint64_t /*call*/) {}
  virtual void on_released(std::uint64_t /*capability*/) {}
  /// For the status of the component, beside what is told of every recipe.
  virtual void add_facts(std::vector<std::pair<std::string, std::string>>& /*facts*/) {}

  /// Has `f` run by the leader (see <troupe/base/decision.hpp>: it owns what it needs, and may run
  /// again), and then, on this actor, `then` with what became of it. Outcomes and changes come in
  /// the order of the history. `what` is for logs.
  /// @param then is called with a `decided<T>`, where `T` is what `f` returns.
  template <class F, class Then>
  void transact(std::string what, F f, Then then);

  /// Ends a call. Does nothing if it was forgotten.
  void answer(std::uint64_t call, blob results, std::vector<std::uint64_t> capabilities = {});
  void refuse(std::uint64_t call, error_code error, std::string why);

  /// Calls back once, on this actor's thread, unless the handle is destroyed before.
  [[nodiscard]] timer after(nanoseconds delay, std::function<void()> callback);

  [[nodiscard]] const std::string& mount() const noexcept { return mount_; }
  [[nodiscard]] bool leads() const noexcept { return leads_; }
  [[nodiscard]] component_context& context() noexcept { return context_; }

private:
  struct served_method {
    std::string name;
    handler how;
    sdk::counter calls;
  };
  struct open_call {
    role::recipe::caller from;
    std::uint64_t number = 0;
  };
  using finish_decision = std::function<void(const role::coordinator::transacted&)>;

  void attached(std::uint64_t client);
  void serving_changed(const role::broadcast::serving_changed& message);
  void set_watch();
  void watch_set();
  void lose_lead();
  void take(const role::recipe::call& message);
  void run(const role::recipe::call& message);
  [[nodiscard]] std::optional<std::uint64_t> find(const role::recipe::caller& from,
                                                  std::uint64_t number) const;
  std::optional<open_call> take_call(std::uint64_t call);
  void submit(std::shared_ptr<const decision> what, finish_decision then);
  void transacted(const role::coordinator::transacted& message);
  void read_done(const role::coordinator::read_done& message);
  void guarded(std::string_view what, const std::function<void()>& body);
  void report_status(std::uint64_t token);

  component_context context_;
  const std::string mount_;
  const std::size_t max_calls_;
  const role::coordinator::actor coordinator_;
  const role::broadcast::actor broadcast_;
  const role::recipe::host host_;
  std::shared_ptr<const mount_guard> guard_;

  std::map<std::pair<std::uint64_t, std::uint16_t>, served_method> methods_;
  using callers_number = std::pair<caf::actor_control_block*, std::uint64_t>;

  std::map<std::uint64_t, open_call> calls_;           ///< by our own number
  std::map<callers_number, std::uint64_t> numbers_;    ///< and the other way
  std::deque<role::recipe::call> early_;               ///< until changes are told
  std::map<std::uint64_t, finish_decision> deciding_;  ///< by token
  std::uint64_t client_ = 0;
  std::uint64_t next_call_ = 1;
  std::uint64_t next_token_ = 1;
  std::uint64_t watch_token_ = 0;  ///< of the read that sets the watch
  bool server_leads_ = false;
  bool leads_ = false;  ///< and changes are told
  bool stopping_ = false;
  timer retry_;
};

/// Needs and options that every recipe has: to be put before a type's own.
std::vector<need> recipe_needs();
std::vector<option_spec> recipe_options();
/// Checks them.
std::vector<option_problem> check_recipe_options(const option_values& options);

// --------------------------------------------------------------- below this: templates

namespace detail {

/// The result stays with the decision until its asker takes it: both live in one process, and the
/// message that says that it came to pass follows the last run.
template <class F, class T>
class function_decision final : public decision {
public:
  function_decision(std::string what, F f) : what_(std::move(what)), f_(std::move(f)) {}
  [[nodiscard]] blob decide(decision_tree& tree) const override {
    value_.reset();
    value_.emplace(f_(tree));
    return blob{std::string_view{}};
  }
  [[nodiscard]] std::string_view name() const noexcept override { return what_; }
  [[nodiscard]] const T* value() const noexcept { return value_ ? &*value_ : nullptr; }

private:
  const std::string what_;
  const F f_;
  mutable std::optional<T> value_;
};

}  // namespace detail

template <class F, class Then>
void recipe_actor::transact(std::string what, F f, Then then) {
  using T = std::invoke_result_t<const F&, decision_tree&>;
  auto made = std::make_shared<const detail::function_decision<F, T>>(
      context_.name + " at " + mount_ + ": " + what, std::move(f));
  const auto* const one = made.get();
  // The decision is kept as long as the continuation, so the pointer stays good.
  submit(made, [made, one, next = std::move(then)](const role::coordinator::transacted& message) {
    decided<T> outcome{message.error, std::string{message.reply.view()}, message.zxid, nullptr};
    if (outcome.error == error_code::ok) outcome.value = one->value();
    if (outcome.error == error_code::ok && outcome.value == nullptr)
      outcome.error = error_code::operation_timeout;
    next(std::as_const(outcome));
  });
}

}  // namespace troupe::sdk
