#include "runtime/cli/run.hpp"

#include <malloc.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <troupe/sdk/log.hpp>

#include "runtime/cli/readiness.hpp"
#include "runtime/cli/start_pages.hpp"
#include "runtime/embed/host.hpp"
#include "runtime/observe/process_facts.hpp"

namespace troupe::cli {
namespace {

namespace log = sdk::log;

constexpr int exit_failure = 1;

/// CAF's own threads have nothing to do here: every actor is pinned to a reactor.
struct system_config : caf::actor_system_config {
  system_config() {
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", std::size_t{1});
  }
};

/// Ends at the first signal with a staged stop, at the second at once.
class signal_watch {
public:
  signal_watch(kj::UnixEventPort& port, int number, compose::deployment& target)
      : port_(port), number_(number), target_(target), watch_(wait()) {}

private:
  kj::Promise<void> wait() {
    return port_.onSignal(number_)
        .then([this](siginfo_t) {
          log::info("signal", {{"number", number_}});
          notify_service_manager("STOPPING=1");
          target_.stop();
          return port_.onSignal(number_);
        })
        .then([this](siginfo_t) {
          log::warning("stopped_at_once", {{"signal", number_}});
          ::_exit(128 + number_);
        })
        .eagerlyEvaluate(nullptr);
  }

  kj::UnixEventPort& port_;
  const int number_;
  compose::deployment& target_;
  kj::Promise<void> watch_;
};

/// Writes the state of every component to the log at each SIGUSR2: what a person looks at first
/// when nothing else answers. (KJ keeps SIGUSR1 for itself.)
class status_watch {
public:
  status_watch(kj::UnixEventPort& port, compose::deployment& target)
      : port_(port), target_(target), watch_(wait().eagerlyEvaluate(nullptr)) {}

private:
  kj::Promise<void> wait() {
    return port_.onSignal(SIGUSR2).then([this](siginfo_t) {
      target_.collect_status([](const std::vector<compose::component_status>& all) {
        for (const auto& one : all)
          log_status(one);
      });
      return wait();
    });
  }

  static void log_status(const compose::component_status& one) {
    std::vector<log::field> fields{{"component", one.name},
                                   {"type", one.type},
                                   {"ready", one.ready},
                                   {"restarts", one.restarts}};
    for (const auto& [key, value] : one.facts)
      fields.emplace_back(key, value);
    log::write(log::level::info, "status", fields);
  }

  kj::UnixEventPort& port_;
  compose::deployment& target_;
  kj::Promise<void> watch_;
};

compose::outcome run_with_signals(embed::host& host) {
  const signal_watch terminate{host.loop().event_port(), SIGTERM, host.deployment()};
  const signal_watch interrupt{host.loop().event_port(), SIGINT, host.deployment()};
  const status_watch status{host.loop().event_port(), host.deployment()};
  return host.run();
}

/// Every client needs a descriptor. The soft limit is small for the sake of programs that cannot
/// count beyond it; this one can.
void raise_file_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) log::warning("file_limit_not_raised");
}

void report(const compose::plan& plan, const compose::outcome& outcome) {
  std::cerr << "troupe: " << plan.source << ": " << outcome.reason << '\n';
}

}  // namespace

int run_deployment(const compose::plan& plan) {
  // Large buffers, such as the answers that a slow client leaves lying, go back to the system when
  // they are freed. By itself the allocator would keep them after the first few.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
  // Before any thread exists, so that all inherit the mask and only the reactor takes the signals.
  kj::UnixEventPort::captureSignal(SIGTERM);
  kj::UnixEventPort::captureSignal(SIGINT);
  kj::UnixEventPort::captureSignal(SIGUSR2);
  ::signal(SIGPIPE, SIG_IGN);
  raise_file_limit();

  system_config config;
  caf::actor_system system{config};
  compose::outcome outcome;
  {
    embed::host host{system,
                     plan,
                     {.on_ready =
                          [] {
                            give_back_start_pages();
                            notify_service_manager("READY=1");
                          },
                      .process_facts = observe::process_facts}};
    outcome = run_with_signals(host);
    if (outcome.stuck) {
      // Whatever holds the component up would hold up the end of its thread as well, perhaps for
      // ever; and a server manager that waits for this process could not start another.
      report(plan, outcome);
      std::cerr.flush();
      ::_exit(exit_failure);
    }
  }
  if (outcome.clean) return 0;
  report(plan, outcome);
  return exit_failure;
}

}  // namespace troupe::cli
