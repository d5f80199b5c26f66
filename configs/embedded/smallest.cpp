#include <future>
#include <iostream>
#include <syncstream>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <troupe/embed/client.hpp>
#include <troupe/embed/deployment.hpp>

namespace embed = troupe::embed;

/// usage: smallest DEPLOYMENT.yaml
int main(int argc, char** argv) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  try {
    embed::settings added;
    added.overrides = {"node.data_dir=./smallest-data"};
    added.on_ended = [](const embed::outcome& how) {
      if (!how.clean) std::cerr << "the deployment failed: " << how.reason << '\n';
    };
    embed::deployment troupe{system, embed::yaml::file(argc > 1 ? argv[1] : "crew.yaml"), added};
    if (const auto problem = troupe.wait_ready()) return 1;

    std::promise<void> seen;
    embed::client_settings how;
    how.on_event = [&seen](const embed::event& what) {
      std::osyncstream{std::cout} << "event " << what.path << '\n';
      seen.set_value();  // a watch fires once
    };
    auto client = embed::client::open(troupe, how);
    if (!client) return 1;
    client->exists("/greeting", embed::watch::yes);
    client->create("/greeting", "hello");
    if (const auto node = client->get("/greeting")) {
      std::osyncstream{std::cout} << node->data.view() << ", version " << node->stat.version
                                  << '\n';
    } else {
      std::cerr << node.error().message << '\n';
    }
    if (client->set("/greeting", "hello again")) seen.get_future().wait();
  } catch (const embed::invalid_deployment& mistakes) {
    std::cerr << mistakes.what();
    return 2;
  }
  return 0;  // the client closed its session, the deployment stopped, then the system ended
}
