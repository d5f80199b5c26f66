/// An actor application with a coordination service inside: a crew of CAF actors that elect a
/// leader and share a list of jobs. usage: crew DEPLOYMENT.yaml [PATH=VALUE...]
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <string>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <troupe/embed/deployment.hpp>

#include "crew_member.hpp"

namespace embed = troupe::embed;

namespace {

constexpr int members = 4;
constexpr int jobs = 12;

/// The application's signals are its own business; here the main thread waits for them.
class own_signals {
public:
  own_signals() {
    ::sigemptyset(&set_);
    ::sigaddset(&set_, SIGINT);
    ::sigaddset(&set_, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &set_, nullptr);  // also in all threads that start later
  }
  void wait() const {
    int number = 0;
    ::sigwait(&set_, &number);
  }

private:
  sigset_t set_;
};

int run(caf::actor_system& system, const own_signals& signals, int argc, char** argv) {
  embed::settings added;
  added.overrides.assign(argv + 2, argv + argc);
  // Whatever ends the deployment ends this program, in order.
  added.on_ended = [](const embed::outcome& how) {
    if (!how.clean) std::cerr << "crew: the deployment failed: " << how.reason << '\n';
    ::kill(::getpid(), SIGTERM);
  };
  embed::deployment troupe{system, embed::yaml::file(argv[1]), added};
  if (troupe.wait_ready()) return 1;
  for (const auto& one : troupe.status().get()) {
    for (const auto& [key, value] : one.facts) {
      if (key == "port") std::cout << "visitors may come to port " << value << std::endl;
    }
  }
  for (int i = 1; i <= members; ++i) {
    system.spawn<crew_member>(troupe.coordinator(), "member-" + std::to_string(i), jobs);
  }
  signals.wait();
  return troupe.stop().clean ? 0 : 1;  // the members hear of it and quit
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: crew DEPLOYMENT.yaml [PATH=VALUE...]\n";
    return 2;
  }
  const own_signals signals;
  caf::actor_system_config config;
  caf::actor_system system{config};
  try {
    return run(system, signals, argc, argv);
  } catch (const embed::invalid_deployment& mistakes) {
    std::cerr << mistakes.what();
    return 2;
  }
}
