#include "runtime/embed/engine.hpp"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <troupe/sdk/log.hpp>

#include "runtime/embed/signals.hpp"

namespace troupe::embed {

namespace log = sdk::log;

namespace {

/// Whose thread this is.
thread_local const engine* current = nullptr;

/// The longest that a future is waited for: more would overflow the clock.
constexpr nanoseconds for_ever = std::chrono::hours{24 * 365};

/// Calls what the application gave us; a mistake in it is not allowed to end the deployment.
template <class F, class... Args>
void call(std::string_view what, const F& callback, const Args&... args) {
  if (!callback) return;
  try {
    callback(args...);
  } catch (const std::exception& problem) {
    log::error("callback_failed", {{"callback", what}, {"reason", problem.what()}});
  }
}

/// The answer to a question about the state: empty if the one who was asked ends before.
struct status_answer {
  std::promise<std::vector<component_status>> promise;
  bool given = false;

  ~status_answer() {
    if (!given) promise.set_value({});
  }
  void give(std::vector<compose::component_status> all) {
    std::vector<component_status> result;
    for (auto& one : all) {
      result.push_back({std::move(one.name), std::move(one.type), one.ready, one.restarts,
                        std::move(one.facts)});
    }
    given = true;
    promise.set_value(std::move(result));
  }
};

bool is_coordinator(const compose::planned_component& what) {
  return what.type->gives.name == role::coordinator::name &&
         what.type->gives.version == role::coordinator::version;
}

}  // namespace

/// What other threads may use while the reactor runs.
class engine::room {
public:
  room(engine& owner, host& here) : owner_(owner) {
    const std::lock_guard guard{owner_.mutex_};
    owner_.host_ = &here;
    if (owner_.stop_wanted_) here.deployment().stop();
  }
  /// Everything that lives on the reactor besides the components goes.
  ~room() {
    const std::lock_guard guard{owner_.mutex_};
    owner_.host_ = nullptr;
    owner_.coordinators_.clear();
    for (const auto& one : owner_.guests_) {
      if (const auto guest = one.lock()) caf::anon_send_exit(guest, caf::exit_reason::kill);
    }
    owner_.guests_.clear();
  }

  room(const room&) = delete;
  room& operator=(const room&) = delete;

private:
  engine& owner_;
};

engine::engine(caf::actor_system& system, settings added, compose::plan what)
    : system_(system), added_(std::move(added)), plan_(std::move(what)) {}

bool engine::is_current_thread() noexcept { return current != nullptr; }

bool engine::on_own_thread() const noexcept { return current == this; }

// ------------------------------------------------------------ on the thread

void engine::start() {
  guard_.emplace(system_, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->system_ends();
  });
  thread_ = std::thread{[self = shared_from_this()] { self->work(); }};
}

void engine::work() {
  current = this;
  refuse_signals();
  const auto how = run();
  // From here on nothing of ours uses the actor system.
  guard_->release();
  publish(how);
  gone_.set_value();
}

outcome engine::run() {
  try {
    std::optional<host> here;
    {
      const keep_sigpipe as_it_is;
      here.emplace(system_, plan_, observer());
    }
    const room open{*this, *here};
    const auto ended = here->run();
    const outcome how{ended.clean, ended.stuck, ended.reason};
    // What is stuck may hold up the end of the threads for ever, and somebody waits to hear of it.
    if (how.stuck) publish(how);
    return how;
  } catch (const std::exception& problem) {
    return {false, false, "the deployment's threads could not run: " + std::string{problem.what()}};
  }
}

compose::observer engine::observer() {
  compose::observer result;
  result.on_made = [this](const auto& what, const auto& actor) { component_made(what, actor); };
  result.on_ready = [this] {
    ready_told_ = true;
    tell_made();  // also where one that is dispensable cannot be made
    ready_.set_value(std::nullopt);
    call("on_ready", added_.on_ready);
  };
  return result;
}

void engine::component_made(const compose::planned_component& what,
                            const caf::strong_actor_ptr& actor) {
  if (is_coordinator(what)) {
    const std::lock_guard guard{mutex_};
    coordinators_[what.name] = role::coordinator::actor{actor};
  }
  if (++made_count_ == plan_.components.size()) tell_made();
}

void engine::tell_made() {
  if (!std::exchange(made_told_, true)) made_.set_value();
}

void engine::publish(const outcome& how) {
  if (std::exchange(published_, true)) return;
  tell_made();
  if (!ready_told_) {
    ready_.set_value(failure{how.clean ? "the deployment was stopped before it was ready"
                                       : plan_.source + ": " + how.reason});
  }
  ended_.set_value(how);
  call("on_ended", added_.on_ended, how);
}

// --------------------------------------------------------- from any thread

void engine::request_stop() {
  const std::lock_guard guard{mutex_};
  stop_wanted_ = true;
  if (host_) host_->deployment().stop();
}

outcome engine::stop(nanoseconds within) {
  request_stop();
  const auto has_ended = [this](nanoseconds limit) {
    return ended_future_.wait_for(std::min(limit, for_ever)) == std::future_status::ready;
  };
  if (on_own_thread() && !has_ended(nanoseconds{0})) {
    throw std::logic_error{"troupe: stop() waits for the deployment's thread, and was called on it "
                           "(in on_ready?); call request_stop() there"};
  }
  if (has_ended(within)) return ended_future_.get();
  const auto ms = std::chrono::duration_cast<milliseconds>(within).count();
  return {false, true,
          "the deployment did not stop within " + std::to_string(ms) +
              " ms; something blocks one of its threads"};
}

void engine::abandon() {
  if (on_own_thread()) {
    request_stop();
    thread_.detach();  // it holds on to this object until it is through
    return;
  }
  const auto how = stop(added_.stop_within);
  const auto limit = how.stuck ? nanoseconds{added_.stop_within} : for_ever;
  if (gone_future_.wait_for(std::min(limit, for_ever)) == std::future_status::ready) {
    thread_.join();
    return;
  }
  log::error("deployment_left_behind", {{"deployment", plan_.source}, {"reason", how.reason}});
  thread_.detach();
}

void engine::system_ends() {
  if (gone_future_.wait_for(nanoseconds{0}) == std::future_status::ready) return;
  log::error("actor_system_ends_first",
             {{"deployment", plan_.source},
              {"reason", "its actor system is being destroyed; the deployment is stopped now"},
              {"do", "destroy the troupe::embed::deployment before its caf::actor_system"}});
  request_stop();
  // A thread that is stuck must not find the memory of the system given to others.
  gone_future_.wait();
}

// ------------------------------------------------------------------ its use

std::string engine::coordinator_named(const std::string& name) const {
  std::vector<std::string> names;
  for (const auto& one : plan_.components) {
    if (is_coordinator(one)) names.push_back(one.name);
  }
  if (names.empty()) {
    throw std::invalid_argument{plan_.source +
                                ": no component has the role coordinator; add one of type "
                                "gateway.local"};
  }
  if (name.empty() && names.size() == 1) return names.front();
  if (std::find(names.begin(), names.end(), name) != names.end()) return name;
  std::string known;
  for (const auto& one : names)
    known += (known.empty() ? "" : ", ") + one;
  throw std::invalid_argument{plan_.source +
                              (name.empty()
                                   ? ": several components have the role coordinator; name one of "
                                   : ": no coordinator is called '" + name + "'; there is ") +
                              known};
}

role::coordinator::actor engine::coordinator(const std::string& name) {
  const auto known = coordinator_named(name);
  if (on_own_thread() && made_future_.wait_for(nanoseconds{0}) != std::future_status::ready) {
    throw std::logic_error{"troupe: coordinator() waits until all components are made, and was "
                           "called while one is being made"};
  }
  made_future_.wait();
  const std::lock_guard guard{mutex_};
  const auto found = coordinators_.find(known);
  return found == coordinators_.end() ? role::coordinator::actor{} : found->second;
}

std::future<std::vector<component_status>> engine::status() {
  const auto answer = std::make_shared<status_answer>();
  const std::lock_guard guard{mutex_};
  if (host_) {
    host_->deployment().collect_status(
        [answer](std::vector<compose::component_status> all) { answer->give(std::move(all)); });
  }
  return answer->promise.get_future();
}

bool engine::spawn(const std::function<caf::strong_actor_ptr(sdk::reactor_unit&)>& make) {
  made_future_.wait();
  const std::lock_guard guard{mutex_};
  if (!host_) return false;
  if (guests_.size() >= guests_limit_) {
    std::erase_if(guests_, [](const auto& one) { return one.lock() == nullptr; });
    guests_limit_ = std::max<std::size_t>(64, guests_.size() * 2);
  }
  const auto guest = make(host_->loop().unit());
  guests_.emplace_back(guest.get());
  return true;
}

}  // namespace troupe::embed
