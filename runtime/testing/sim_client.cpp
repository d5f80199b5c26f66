#include <troupe/testing/sim_client.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <troupe/roles/broadcast.hpp>
#include <troupe/sdk/actor.hpp>
#include <troupe/sdk/component_context.hpp>

namespace troupe::testing {

namespace coordinator = role::coordinator;
namespace broadcast = role::broadcast;

/// What test and actor know of each other.
struct sim_client::state {
  explicit state(runner how) : run(std::move(how)) {}

  const runner run;
  coordinator::actor gateway;  ///< null while there is no process
  std::uint64_t client = 0;    ///< zero until it is attached
  bool serving = false;
  bool leading = false;
  session_id session;
  std::uint64_t last_token = 0;
  std::map<std::uint64_t, std::function<void(const write_answer&)>> writes;
  std::map<std::uint64_t, std::function<void(const read_answer&)>> reads;
  std::vector<coordinator::event> events;

  [[nodiscard]] bool usable() const { return gateway && client != 0; }

  /// The process is gone, and with it whatever was to be answered.
  void lost() {
    gateway.reset();
    client = 0;
    serving = leading = false;
    session = {};
    for (auto& [token, then] : std::exchange(writes, {}))
      then(std::nullopt);
    for (auto& [token, then] : std::exchange(reads, {}))
      then(std::nullopt);
  }
};

/// The client's part in the server: passes on what it is told.
class sim_client::user final : public sdk::pinned_actor {
public:
  user(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
       std::shared_ptr<state> known)
      : sdk::pinned_actor(config, home, context.number, context.supervisor),
        state_(std::move(known)), gateway_(context.wire<coordinator::actor>("coordinator")),
        broadcast_(context.wire<broadcast::actor>("broadcast")) {}

  caf::behavior make_behavior() override {
    return handlers<role::component::actor, coordinator::client, broadcast::listener>(
        [this](const coordinator::attached& m) {
          state_->gateway = gateway_;
          state_->client = m.client;
        },
        [this](const coordinator::opened& m) {
          if (m.error == error_code::ok) state_->session = m.session;
        },
        [this](coordinator::wrote& m) {
          answer(state_->writes, m.token, write_answer{std::move(m.results)});
        },
        [this](coordinator::read_done& m) {
          answer(state_->reads, m.token, read_answer{std::move(m.result)});
        },
        [this](const coordinator::event& m) { state_->events.push_back(m); },
        [this](const coordinator::session_ended& m) {
          if (state_->session == m.session) state_->session = {};
        },
        [this](const broadcast::serving_changed& m) {
          state_->serving = m.serving;
          state_->leading = m.leading;
        },
        [this](const role::component::start&) {
          gateway_.send(coordinator::attach{self<coordinator::client>()});
          broadcast_.send(broadcast::attach{self<broadcast::listener>()});
          report_ready();
        },
        [this](const role::component::stop&) { finish(); },
        [](const role::component::report_status&) { /* tests ask the client itself */ });
  }

  void on_exit() override { state_->lost(); }
  const char* name() const override { return "testing.client"; }

private:
  template <class Waiting, class Answer>
  static void answer(Waiting& waiting, std::uint64_t token, const Answer& what) {
    const auto found = waiting.find(token);
    if (found == waiting.end()) return;
    const auto then = std::move(found->second);
    waiting.erase(found);
    then(what);
  }

  const std::shared_ptr<state> state_;
  const coordinator::actor gateway_;
  const broadcast::actor broadcast_;
};

sim_client::sim_client(runner run) : state_(std::make_shared<state>(std::move(run))) {}

sim_client::~sim_client() { state_->lost(); }

sdk::component_type sim_client::type(std::string name) {
  return {.name = std::move(name),
          .summary = "A client for tests, inside the server.",
          .gives = {"testing", 1},
          .needs = {{"coordinator", {coordinator::name, coordinator::version}},
                    {"broadcast", {broadcast::name, broadcast::version}}},
          .factory = [known = state_](sdk::component_context& context) {
            return sdk::component_instance{sdk::spawn_pinned<user>(context.unit, context, known)};
          }};
}

bool sim_client::connected() const { return state_->usable() && state_->serving; }

bool sim_client::leads() const { return connected() && state_->leading; }

// ---------------------------------------------------------------- sessions

bool sim_client::open(milliseconds timeout) {
  auto& s = *state_;
  if (!s.run([&] { return s.usable(); })) return false;
  s.session = {};
  s.gateway.send(coordinator::open{s.client, ++s.last_token, timeout});
  return s.run([&] { return s.session || !s.usable(); }) && s.session;
}

session_id sim_client::session() const { return state_->session; }

bool sim_client::close() {
  const auto answer = write(close_session_op{});
  return answer && answer->front().error == error_code::ok;
}

// -------------------------------------------------------------- operations

void sim_client::begin_write(write_op op, std::function<void(const write_answer&)> then) {
  auto& s = *state_;
  if (!s.usable()) return then(std::nullopt);
  s.writes.emplace(++s.last_token, std::move(then));
  s.gateway.send(coordinator::write{s.client, s.last_token, s.session, {}, std::move(op)});
}

void sim_client::begin_read(read_op op, std::function<void(const read_answer&)> then) {
  auto& s = *state_;
  if (!s.usable()) return then(std::nullopt);
  s.reads.emplace(++s.last_token, std::move(then));
  s.gateway.send(coordinator::read{s.client, s.last_token, s.session, {}, std::move(op)});
}

namespace {

/// Where an answer is kept that may come after nobody waits for it any more.
template <class Answer>
struct awaited {
  bool here = false;
  Answer answer;
};

template <class Answer, class Begin>
Answer wait_for(const sim_client::runner& run, Begin begin) {
  const auto slot = std::make_shared<awaited<Answer>>();
  begin([slot](const Answer& answer) { *slot = {true, answer}; });
  run([&] { return slot->here; });
  return slot->answer;
}

}  // namespace

sim_client::write_answer sim_client::write(write_op op) {
  return wait_for<write_answer>(state_->run,
                                [&](auto then) { begin_write(std::move(op), std::move(then)); });
}

sim_client::read_answer sim_client::read(read_op op) {
  return wait_for<read_answer>(state_->run,
                               [&](auto then) { begin_read(std::move(op), std::move(then)); });
}

namespace {

error_code error_of(const sim_client::write_answer& answer) {
  return answer ? answer->front().error : error_code::operation_timeout;
}

}  // namespace

error_code sim_client::create(const std::string& path, std::string_view data, node_kind kind) {
  create_op op;
  op.path = path;
  op.data = blob{data};
  op.acl = {{permission_all, {"world", "anyone"}}};
  op.kind = kind;
  return error_of(write(std::move(op)));
}

error_code sim_client::set(const std::string& path, std::string_view data) {
  return error_of(write(set_data_op{path, blob{data}, any_version}));
}

error_code sim_client::remove(const std::string& path) {
  return error_of(write(delete_op{path, any_version}));
}

std::optional<std::string> sim_client::get(const std::string& path) {
  const auto answer = read(get_data_op{path});
  if (!answer || answer->error != error_code::ok) return std::nullopt;
  return std::string{answer->data.view()};
}

std::vector<std::string> sim_client::children(const std::string& path) {
  const auto answer = read(get_children_op{path});
  if (!answer) return {};
  auto names = answer->names.to_vector();
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<role::coordinator::event> sim_client::take_events() {
  return std::exchange(state_->events, {});
}

}  // namespace troupe::testing
