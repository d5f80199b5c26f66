#include "test_host.hpp"

#include <capnp/message.h>
#include <capnp/serialize.h>

#include <troupe/sdk/actor.hpp>
#include <troupe/sdk/recipe_codec.hpp>

#include "codec/locks_codec.hpp"
#include "schemas/lock.capnp.h"

namespace locks::test {

namespace api = troupe::api;
namespace role = troupe::role;

namespace {

template <class Params, class F>
troupe::blob encoded(F&& fill) {
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<Params>());
  const auto words = capnp::messageToFlatArray(message);
  const auto chars = words.asChars();
  return troupe::blob{std::string_view{chars.begin(), chars.size()}};
}

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
        [this](const role::recipe::answered& m) { answered(m); },
        [this](const role::component::start&) { report_ready(); },
        [this](const role::component::stop&) { finish(); },
        [](const role::component::report_status&) { /* nobody asks */ });
  }
  void on_exit() override {
    notes_.hosts.erase(server_);
    std::erase_if(notes_.open, [this](const auto& one) { return one.second == server_; });
  }

private:
  void answered(const role::recipe::answered& message) {
    notes_.open.erase(message.call);
    auto& answer = notes_.answers[message.call];
    answer.error = message.error;
    if (message.error != troupe::error_code::ok) return;
    if (notes_.releases.contains(message.call)) return;
    using results = api::Locks::AcquireResults;
    troupe::sdk::read_params<results>(message.results, [&](results::Reader root) {
      const auto outcome = root.getOutcome();
      if (outcome.isRefused()) {
        answer.refusal = outcome.getRefused().getWhy().cStr();
        return 0;
      }
      answer.granted = true;
      answer.lease = message.capabilities.at(0);
      for (const auto one : outcome.getGranted().getLocks())
        answer.locks.push_back({one.getPath().cStr(), one.getToken(), one.getNodes()[0].cStr()});
      return 0;
    });
  }

  call_notes& notes_;
  const std::string server_;
};

}  // namespace

std::uint64_t call_notes::send(const std::string& server, std::uint16_t number,
                               troupe::session_id session, troupe::blob params) {
  const auto found = hosts.find(server);
  if (found == hosts.end()) return 0;
  role::recipe::call call;
  call.from = found->second.self;
  call.number = ++last_call;
  call.interface_id = locks_interface_id();
  call.method = number;
  call.params = std::move(params);
  call.session = session;
  open[call.number] = server;
  found->second.recipe.send(call);
  return call.number;
}

std::uint64_t call_notes::acquire(const std::string& server, troupe::session_id session,
                                  const std::string& owner, std::vector<std::string> paths,
                                  std::uint64_t request, std::int64_t timeout_ms) {
  return send(server, 0, session, encoded<api::Locks::AcquireParams>([&](auto params) {
                params.initCall().setRequestId(request);
                params.getCall().setTimeoutMs(timeout_ms);
                auto wanted = params.initLocks(static_cast<unsigned>(paths.size()));
                for (unsigned i = 0; i < wanted.size(); ++i)
                  wanted[i].setPath(paths[i]);
                params.initWho().setOwner(owner);
              }));
}

std::uint64_t call_notes::release(const std::string& server, troupe::session_id session,
                                  const std::string& path, std::uint64_t token) {
  const auto call = send(server, 1, session, encoded<api::Locks::ReleaseParams>([&](auto params) {
                           params.setPath(path);
                           params.setToken(token);
                         }));
  releases.insert(call);
  return call;
}

void call_notes::drop(const std::string& server, std::uint64_t lease) {
  const auto found = hosts.find(server);
  if (found != hosts.end()) found->second.recipe.send(role::recipe::released{lease});
}

bool call_notes::lost(std::uint64_t call) const {
  return !answers.contains(call) && !open.contains(call);
}

troupe::sdk::component_type host_type(call_notes& notes) {
  return {.name = "test.host",
          .summary = "Calls recipes.",
          .gives = {role::recipe::host_name, role::recipe::host_version},
          .on_failure = troupe::sdk::failure_policy::restart,
          .factory = [&notes](troupe::sdk::component_context& context) {
            return troupe::sdk::component_instance{
                troupe::sdk::spawn_pinned<host_actor>(context.unit, context, notes)};
          }};
}

}  // namespace locks::test
