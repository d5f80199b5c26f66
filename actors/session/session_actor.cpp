#include "actors/session/session_actor.hpp"

#include <algorithm>
#include <utility>

#include <troupe/sdk/log.hpp>

namespace troupe::session {

namespace log = sdk::log;

namespace {

/// By their numbers.
constexpr close_cause all_close_causes[] = {close_cause::client, close_cause::expired,
                                            close_cause::administrator};

}  // namespace

session_actor::session_actor(caf::actor_config& config, sdk::reactor_unit& home,
                             sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      broadcast_(context.wire<role::broadcast::actor>("broadcast")),
      tree_(context.wire<role::tree::actor>("tree")), clock_(context.ports.clock),
      timers_(context.ports.timers), server_(context.deployment.server),
      tick_(context.options.duration("tick")),
      shortest_(context.options.milliseconds("timeout.min")),
      longest_(context.options.milliseconds("timeout.max")), ids_(context.deployment.server),
      deadlines_(tick_),
      open_now_(context.metrics->gauge("troupe_session_open", "Sessions that are watched here.")),
      opened_total_(context.metrics->counter("troupe_session_opened_total",
                                             "New sessions that were asked for.")),
      resumed_total_(context.metrics->counter("troupe_session_resumed_total",
                                              "Sessions that went on in a new connection.")) {
  for (const auto cause : all_close_causes) {
    closed_.push_back(context.metrics->counter("troupe_session_closed_total",
                                               "Sessions that ended, by cause.",
                                               {{"cause", std::string{to_string(cause)}}}));
  }
}

caf::behavior session_actor::make_behavior() {
  return handlers<role::component::actor, role::session::actor, role::tree::session_listener,
                  role::broadcast::listener, role::broadcast::touch_listener,
                  role::broadcast::asker>(
      [this](const role::session::touch& m) { touch(m); },
      [this](const role::tree::session_changes& m) { sessions_changed(m); },
      [this](const role::session::open& m) { open(m); },
      [this](const role::session::resume& m) { resume(m); },
      [this](const role::session::inspect& m) { inspect(m); },
      [this](const role::session::attach_lane& m) { lanes_[m.number] = m.lane; },
      [this](const role::broadcast::serving_changed& m) { serving_changed(m); },
      [this](const role::broadcast::touch& m) { touch({m.sessions}); },
      [this](const role::broadcast::claims_asked& m) { claims_asked(m); },
      [this](const role::broadcast::claims_answered& m) { claims_answered(m); },
      [this](const role::broadcast::sessions_moved& m) { sessions_moved(m); },
      [this](const role::broadcast::inspection& m) { expire_unless_unheard(m); },
      [this](const role::component::start&) { start(); },
      [this](const role::component::stop&) {
        timer_.reset();
        heard_timer_.reset();
        secret_timer_.reset();
        finish();
      },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void session_actor::on_exit() {
  timer_.reset();
  heard_timer_.reset();
  secret_timer_.reset();
  lanes_.clear();
}

void session_actor::start() {
  tree_.send(role::tree::attach_sessions{self<role::tree::session_listener>()});
  broadcast_.send(role::broadcast::attach{self<role::broadcast::listener>()});
  broadcast_.send(role::broadcast::attach_touches{self<role::broadcast::touch_listener>()});
  report_ready();
}

void session_actor::serving_changed(const role::broadcast::serving_changed& message) {
  using role::broadcast::server_mode;
  const bool begins = message.leading && !leading_;
  serving_ = message.serving;
  leading_ = message.leading;
  ensemble_ = ensemble_ ||
              (message.mode != server_mode::starting && message.mode != server_mode::standalone);
  // While nobody led, no touch could arrive: every session begins again with its full timeout.
  if (begins) deadlines_.restart_all(clock_.now());
  go_on_with_resumes();
  if (leading_)
    heard_.clear();
  else if (serving_ && !heard_.empty())
    tell_leader();  // it may be about to give them up
  schedule();
}

void session_actor::sessions_changed(const role::tree::session_changes& message) {
  if (message.reset) deadlines_.clear();
  if (!message.secret.empty()) {
    secret_ = message.secret;
    check_passwords();
  }
  const auto now = clock_.now();
  for (const auto& change : message.changes) {
    if (const auto* one = std::get_if<role::tree::session_changes::opened>(&change)) {
      if (deadlines_.find(one->session)) {
        if (!leading_) deadlines_.retimed(one->session, one->timeout);
        continue;
      }
      const bool is_new = leading_ && ensemble_ && !message.reset;
      deadlines_.opened(one->session, one->timeout, now,
                        is_new ? opened_at(one->session) : server_id{});
    } else {
      const auto& closed = std::get<role::tree::session_changes::closed>(change);
      if (const auto cause = static_cast<std::size_t>(closed.cause); cause < closed_.size()) {
        closed_[cause].add();
      }
      deadlines_.closed(closed.session);
    }
  }
  schedule();
}

// ------------------------------------------------------------ from gateways

milliseconds session_actor::negotiate(milliseconds wanted) const {
  return std::clamp(wanted, shortest_, longest_);
}

void session_actor::open(const role::session::open& message) {
  role::broadcast::submit submit;
  submit.disk_bound = message.disk_bound;
  submit.requests.reserve(message.sessions.size());
  for (const auto& wish : message.sessions) {
    ++opened_;
    auto& request = submit.requests.emplace_back();
    request.origin = wish.origin;
    request.session = ids_.next(wish.origin.start);
    request.op = create_session_op{negotiate(wish.timeout)};
  }
  broadcast_.send(std::move(submit));
}

void session_actor::touch(const role::session::touch& message) {
  const auto now = clock_.now();
  for (const auto session : message.sessions)
    deadlines_.touch(session, now);
  if (leading_) return;
  heard_.insert(heard_.end(), message.sessions.begin(), message.sessions.end());
  tell_leader_later();
}

/// Many touches of a session within half a tick are one for the leader, which counts in ticks.
void session_actor::tell_leader_later() {
  if (heard_timer_) return;
  heard_timer_ = timers_.after(tick_ / 2, [this] { tell_leader(); });
}

void session_actor::tell_leader() {
  heard_timer_.reset();
  std::sort(heard_.begin(), heard_.end());
  heard_.erase(std::unique(heard_.begin(), heard_.end()), heard_.end());
  // Without a leader they are kept for the next one.
  if (!serving_ && ensemble_) return;
  broadcast_.send(role::broadcast::touch{std::exchange(heard_, {})});
}

// ----------------------------------------------------------------- expiry

void session_actor::schedule() {
  if (!leading_) {
    timer_.reset();
    listening_ = false;
    return;
  }
  if (listening_ || asking_) return;  // put off once, whatever happens meanwhile
  const auto due = deadlines_.next();
  if (due == monotonic_time{nanoseconds::max()}) return;
  if (timer_ && timer_due_ <= due) return;
  timer_due_ = due;
  timer_ = timers_.after(due - clock_.now(), [this] {
    timer_.reset();
    // Late by more than a tick: this process was held up, and what its clients sent meanwhile is
    // still unread. It is heard before anybody is given up.
    if (clock_.now() - timer_due_ > tick_) return listen_first();
    expire_due();
    schedule();
  });
}

void session_actor::listen_first() {
  log::warning("sessions_held", {{"reason", "the server was held up; clients are heard first"}});
  listening_ = true;
  timer_ = timers_.after(tick_, [this] {
    timer_.reset();
    listening_ = false;
    expire_due();
    schedule();
  });
}

void session_actor::expire_due() {
  if (deadlines_.next() > clock_.now()) return;
  if (ensemble_) return ask_who_is_heard();
  close_all(deadlines_.expire(clock_.now()));
}

void session_actor::close_all(const std::vector<session_id>& expired) {
  if (const auto left_out = expiry_lines_.take_left_out(clock_.now())) {
    log::info("session_expired", {{"left_out", *left_out}});
  }
  role::broadcast::submit submit;
  for (const auto session : expired) {
    const auto& record = *deadlines_.find(session);
    // Asked for again after a refusal, it is no news.
    if (record.reports == 1) {
      ++expired_;
      if (const auto left_out = expiry_lines_.take(clock_.now())) {
        log::info("session_expired", {{"session", to_string(session)},
                                      {"timeout_ms", record.timeout.count()},
                                      {"left_out", *left_out}});
      }
    }
    role::tree::request request;
    request.session = session;
    request.op = close_session_op{close_cause::expired};
    submit.requests.push_back(std::move(request));
  }
  if (!submit.requests.empty()) broadcast_.send(std::move(submit));
}

// ----------------------------------------------------------------- status

void session_actor::inspect(const role::session::inspect& message) {
  const auto lane = lanes_.find(message.lane);
  if (lane == lanes_.end()) return;
  role::session::inspection answer;
  answer.token = message.token;
  answer.tick = std::chrono::duration_cast<milliseconds>(tick_);
  answer.shortest_timeout = shortest_;
  answer.longest_timeout = longest_;
  const auto now = clock_.now();
  answer.truncated = deadlines_.size() > message.most;
  for (const auto& [session, deadline] : deadlines_.list(message.most)) {
    answer.deadlines.emplace_back(session,
                                  std::chrono::duration_cast<milliseconds>(deadline - now));
  }
  lane->second.send(std::move(answer));
}

void session_actor::report_status(std::uint64_t token) {
  open_now_.set(std::uint64_t{deadlines_.size()});
  opened_total_.advance_to(opened_);
  resumed_total_.advance_to(resumed_);
  supervisor_.send(role::component::status_report{token,
                                                  number_,
                                                  {{"sessions", std::to_string(deadlines_.size())},
                                                   {"opened_total", std::to_string(opened_)},
                                                   {"resumed_total", std::to_string(resumed_)},
                                                   {"expired_total", std::to_string(expired_)}}});
}

}  // namespace troupe::session
