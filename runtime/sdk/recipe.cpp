#include <troupe/sdk/recipe.hpp>

#include <chrono>
#include <exception>

#include <troupe/base/znode_path.hpp>
#include <troupe/sdk/log.hpp>

namespace troupe::sdk {

namespace coordinator = role::coordinator;
using namespace std::chrono_literals;

namespace {

constexpr nanoseconds retry_delay = 50ms;

/// What was thrown, as text.
std::string text_of(const std::exception_ptr& thrown) {
  try {
    std::rethrow_exception(thrown);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "something that is no std::exception";
  }
}

}  // namespace

std::vector<need> recipe_needs() {
  return {{"coordinator", {coordinator::name, coordinator::version}},
          {"broadcast", {role::broadcast::name, role::broadcast::version}},
          {"host", {role::recipe::host_name, role::recipe::host_version}, true}};
}

std::vector<option_spec> recipe_options() {
  return {option_spec::text("mount", "The node below which the recipe keeps everything, and under "
                                     "whose name clients call it.")
              .for_example("/locks"),
          option_spec::integer("max_calls", "Calls without an answer over which new ones are "
                                            "answered `throttled`.")
              .by_default(100'000)
              .between(1, 10'000'000)
              .counted_in("calls")};
}

std::vector<option_problem> check_recipe_options(const option_values& options) {
  const auto& mount = options.text("mount");
  if (is_valid_path(mount) && mount != "/" && !mount.starts_with("/zookeeper")) return {};
  return {{"mount", "this is not the path of a node for a recipe", "write one such as /locks"}};
}

recipe_actor::recipe_actor(caf::actor_config& config, reactor_unit& home,
                           component_context& context)
    : pinned_actor(config, home, context.number, context.supervisor), context_(context),
      mount_(context.options.text("mount")),
      max_calls_(static_cast<std::size_t>(context.options.integer("max_calls"))),
      coordinator_(context.wire<coordinator::actor>("coordinator")),
      broadcast_(context.wire<role::broadcast::actor>("broadcast")),
      host_(context.wire<role::recipe::host>("host")) {}

caf::behavior recipe_actor::make_behavior() {
  using namespace role;
  return handlers<component::actor, recipe::actor, coordinator::client, coordinator::decider,
                  broadcast::listener>(
      [this](const coordinator::transacted& m) { transacted(m); },
      [this](const coordinator::event& m) {
        if (leads_) guarded("on_change", [&] { on_change({m.kind, m.path, m.zxid}); });
      },
      [this](const recipe::call& m) { take(m); },
      [this](const recipe::cancel& m) {
        if (const auto call = find(m.from, m.number))
          guarded("on_cancel", [&] { on_cancel(*call); });
      },
      [this](const recipe::forget& m) {
        const auto call = find(m.from, m.number);
        if (!call) return;
        take_call(*call);
        guarded("on_forget", [&] { on_forget(*call); });
      },
      [this](const recipe::released& m) {
        if (leads_) guarded("on_released", [&] { on_released(m.capability); });
      },
      [this](const coordinator::read_done& m) { read_done(m); },
      [](const coordinator::wrote&) { /* never asked for */ },
      [](const coordinator::opened&) { /* never asked for */ },
      [](const coordinator::session_ended&) { /* there is none */ },
      [this](const coordinator::attached& m) { attached(m.client); },
      [this](const broadcast::serving_changed& m) { serving_changed(m); },
      [this](const component::start&) {
        coordinator_.send(coordinator::attach{self<coordinator::client>()});
      },
      [this](const component::stop&) {
        stopping_ = true;
        lose_lead();
        finish();
      },
      [this](const component::report_status& m) { report_status(m.token); });
}

void recipe_actor::on_exit() {
  retry_.reset();
  early_.clear();
  calls_.clear();
  numbers_.clear();
  deciding_.clear();
  guard_.reset();
}

void recipe_actor::guarded(std::string_view what, const std::function<void()>& body) {
  try {
    body();
  } catch (...) {
    fail("the recipe at " + mount_ + " threw in " + std::string{what} + ": " +
         text_of(std::current_exception()));
  }
}

// ----------------------------------------------------------------- the lead

void recipe_actor::attached(std::uint64_t client) {
  client_ = client;
  if (guard_) coordinator_.send(coordinator::guard_mount{client_, mount_, guard_});
  broadcast_.send(role::broadcast::attach{self<role::broadcast::listener>()});
  host_.send(role::recipe::mounted{mount_, self<role::recipe::actor>()});
  report_ready();
}

void recipe_actor::serving_changed(const role::broadcast::serving_changed& message) {
  const bool leads = message.serving && message.leading;
  if (leads == server_leads_) return;
  server_leads_ = leads;
  if (leads)
    set_watch();
  else
    lose_lead();
}

/// Calls wait until changes are told: what happened between would never be heard of.
void recipe_actor::set_watch() {
  watch_token_ = next_token_++;
  coordinator_.send(coordinator::read{
      client_, watch_token_, {}, {}, add_watch_op{mount_, watch_mode::persistent_recursive}});
}

void recipe_actor::read_done(const coordinator::read_done& message) {
  if (!server_leads_ || stopping_ || message.token != watch_token_) return;
  if (message.result.error == error_code::ok) return watch_set();
  retry_ = after(retry_delay, [this] {
    if (server_leads_ && !leads_) set_watch();
  });
}

void recipe_actor::watch_set() {
  leads_ = true;
  guarded("on_leader", [this] { on_leader(true); });
  for (const auto& one : std::exchange(early_, {}))
    run(one);
}

void recipe_actor::lose_lead() {
  constexpr const char* why = "this server does not lead any more";
  for (const auto& one : std::exchange(early_, {}))
    one.from.send(role::recipe::answered{one.number, error_code::not_leader, why, {}, {}});
  if (!std::exchange(leads_, false)) return;
  coordinator_.send(coordinator::read{
      client_, 0, {}, {}, remove_watches_op{mount_, watch_selector::persistent_recursive}});
  deciding_.clear();
  guarded("on_leader", [this] { on_leader(false); });
  while (!calls_.empty())
    refuse(calls_.begin()->first, error_code::not_leader, why);
}

// -------------------------------------------------------------------- calls

void recipe_actor::serve(std::uint64_t interface_id, std::uint16_t number, std::string called,
                         handler how) {
  auto counter = context_.metrics->counter("troupe_recipe_calls_total", "Calls of a recipe.",
                                           {{"method", called}});
  methods_[{interface_id, number}] = {std::move(called), std::move(how), std::move(counter)};
}

void recipe_actor::take(const role::recipe::call& message) {
  const auto refused = [&](error_code error, const char* why) {
    message.from.send(role::recipe::answered{message.number, error, why, {}, {}});
  };
  if (!server_leads_ || stopping_)
    return refused(error_code::not_leader, "this server does not lead");
  if (calls_.size() + early_.size() >= max_calls_)
    return refused(error_code::throttled, "too many calls wait for their answer (max_calls)");
  if (!methods_.contains({message.interface_id, message.method}))
    return refused(error_code::unimplemented, "what is mounted here has no such method");
  if (!leads_)
    early_.push_back(message);
  else
    run(message);
}

void recipe_actor::run(const role::recipe::call& message) {
  const auto& called = methods_.at({message.interface_id, message.method});
  const auto number = next_call_++;
  calls_[number] = {message.from, message.number};
  numbers_[{message.from.pointer().get(), message.number}] = number;
  called.calls.add();
  try {
    called.how({number, message.capability, message.session, message.who, message.params});
  } catch (const bad_call& wrong) {
    refuse(number, error_code::bad_arguments, called.name + ": " + wrong.what());
  } catch (...) {
    const auto reason = text_of(std::current_exception());
    log::error("recipe_call_failed", {{"component", context_.name},
                                      {"mount", mount_},
                                      {"call", called.name},
                                      {"session", to_string(message.session)},
                                      {"reason", reason}});
    refuse(number, error_code::system_error, called.name + " failed: " + reason);
  }
}

std::optional<std::uint64_t> recipe_actor::find(const role::recipe::caller& from,
                                                std::uint64_t number) const {
  const auto found = numbers_.find({from.pointer().get(), number});
  if (found == numbers_.end()) return std::nullopt;
  return found->second;
}

std::optional<recipe_actor::open_call> recipe_actor::take_call(std::uint64_t call) {
  const auto found = calls_.find(call);
  if (found == calls_.end()) return std::nullopt;
  auto one = std::move(found->second);
  calls_.erase(found);
  numbers_.erase({one.from.pointer().get(), one.number});
  return one;
}

void recipe_actor::answer(std::uint64_t call, blob results,
                          std::vector<std::uint64_t> capabilities) {
  if (const auto one = take_call(call))
    one->from.send(role::recipe::answered{
        one->number, error_code::ok, {}, std::move(results), std::move(capabilities)});
}

void recipe_actor::refuse(std::uint64_t call, error_code error, std::string why) {
  if (const auto one = take_call(call))
    one->from.send(role::recipe::answered{one->number, error, std::move(why), {}, {}});
}

// ---------------------------------------------------------------- decisions

void recipe_actor::submit(std::shared_ptr<const decision> what, finish_decision then) {
  const auto token = next_token_++;
  deciding_[token] = std::move(then);
  coordinator_.send(
      coordinator::transact{client_, token, {}, std::move(what), self<coordinator::decider>()});
}

void recipe_actor::transacted(const coordinator::transacted& message) {
  const auto found = deciding_.find(message.token);
  if (found == deciding_.end()) return;
  const auto then = std::move(found->second);
  deciding_.erase(found);
  guarded("a decision's outcome", [&] { then(message); });
}

timer recipe_actor::after(nanoseconds delay, std::function<void()> callback) {
  return context_.ports.timers.after(
      delay, [this, call = std::move(callback)] { guarded("a timer", call); });
}

void recipe_actor::report_status(std::uint64_t token) {
  std::vector<std::pair<std::string, std::string>> facts{
      {"mount", mount_},
      {"leads", leads_ ? "true" : "false"},
      {"calls_open", std::to_string(calls_.size() + early_.size())},
      {"decisions_open", std::to_string(deciding_.size())}};
  add_facts(facts);
  supervisor_.send(role::component::status_report{token, number_, std::move(facts)});
}

}  // namespace troupe::sdk
