#include "calling_host.hpp"

#include <troupe/sdk/actor.hpp>
#include <troupe/sdk/recipe_codec.hpp>

#include "codec/calls_codec.hpp"
#include "codec/capnp_bytes.hpp"
#include "codec/job_reader.hpp"
#include "schemas/scheduler.capnp.h"

namespace scheduler_tests {

namespace role = troupe::role;
using api = scheduler::wire::Scheduler;

namespace {

class host_actor final : public troupe::sdk::pinned_actor {
public:
  host_actor(caf::actor_config& config, troupe::sdk::reactor_unit& home,
             troupe::sdk::component_context& context, call_notes& notes)
      : pinned_actor(config, home, context.number, context.supervisor), notes_(notes),
        server_(std::to_string(context.deployment.server.value)) {}

  caf::behavior make_behavior() override {
    return handlers<role::component::actor, role::recipe::host, role::recipe::caller>(
        [this](const role::recipe::mounted& m) {
          notes_.hosts[server_] = {m.recipe, self<role::recipe::caller>()};
        },
        [this](const role::recipe::answered& m) {
          notes_.open.erase(m.call);
          notes_.answers[m.call] = m;
        },
        [this](const role::component::start&) { report_ready(); },
        [this](const role::component::stop&) { finish(); },
        [](const role::component::report_status&) { /* nobody asks */ });
  }
  void on_exit() override {
    notes_.hosts.erase(server_);
    std::erase_if(notes_.open, [this](const auto& one) { return one.second == server_; });
  }

private:
  call_notes& notes_;
  const std::string server_;
};

}  // namespace

std::uint64_t call_notes::send(const std::string& server, std::uint16_t method, troupe::blob params,
                               troupe::session_id session) {
  const auto found = hosts.find(server);
  if (found == hosts.end()) return 0;
  role::recipe::call call;
  call.from = found->second.self;
  call.number = ++last;
  call.interface_id = scheduler::scheduler_interface_id();
  call.method = method;
  call.params = std::move(params);
  call.session = session;
  open[call.number] = server;
  found->second.recipe.send(call);
  return call.number;
}

std::uint64_t call_notes::define(const std::string& server, const scheduler::job_definition& job) {
  return send(server, 0, scheduler::encoded<api::DefineJobParams>([&](auto root) {
                scheduler::put(job, root.initJob());
              }));
}

std::uint64_t call_notes::start(const std::string& server, const std::string& job,
                                const std::string& key) {
  return send(server, 1, scheduler::encoded<api::StartRunParams>([&](auto root) {
                root.setJob(job);
                root.setKey(key);
              }));
}

std::uint64_t call_notes::enlist(const std::string& server, troupe::session_id session,
                                 const std::string& worker, const std::string& record) {
  return send(server, 6, scheduler::encoded<api::RegisterParams>([&](auto root) {
                root.setWorker(worker);
                root.setRecord(record);
              }),
              session);
}

std::uint64_t call_notes::poll(const std::string& server, troupe::session_id session,
                               const std::string& worker, std::int64_t timeout_ms) {
  return send(server, 7, scheduler::encoded<api::PollParams>([&](auto root) {
                root.setWorker(worker);
                root.initCall().setTimeoutMs(timeout_ms);
              }),
              session);
}

std::uint64_t call_notes::report(const std::string& server, troupe::session_id session,
                                 const std::string& worker, const std::string& name,
                                 const std::string& text) {
  return send(server, 8, scheduler::encoded<api::ReportParams>([&](auto root) {
                root.setWorker(worker);
                auto reports = root.initReports(1);
                reports[0].setName(name);
                reports[0].setText(scheduler::data_of(text));
              }),
              session);
}

std::uint64_t call_notes::garbage(const std::string& server, std::uint16_t method) {
  return send(server, method, troupe::blob{std::string_view{"no message at all"}});
}

std::map<std::string, std::string> call_notes::polled(std::uint64_t call) {
  std::map<std::string, std::string> found;
  return troupe::sdk::read_params<api::PollResults>(
      answers[call].results, [&](api::PollResults::Reader root) {
        for (const auto one : root.getAssignments())
          found[scheduler::string_of(one.getName())] = scheduler::string_of(one.getText());
        return found;
      });
}

troupe::sdk::component_type host_type(call_notes& notes) {
  return {.name = "test.host",
          .summary = "Calls the scheduler.",
          .gives = {role::recipe::host_name, role::recipe::host_version},
          .on_failure = troupe::sdk::failure_policy::restart,
          .factory = [&notes](troupe::sdk::component_context& context) {
            return troupe::sdk::component_instance{
                troupe::sdk::spawn_pinned<host_actor>(context.unit, context, notes)};
          }};
}

}  // namespace scheduler_tests
