/// The load generator: one run of one workload against one server, or an ensemble.

#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>

#include "engine.hpp"
#include "report.hpp"

namespace {

using namespace bench;

double own_processor_s() {
  rusage use{};
  ::getrusage(RUSAGE_SELF, &use);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(use.ru_utime) + seconds(use.ru_stime);
}

std::uint64_t nanoseconds(double seconds) { return static_cast<std::uint64_t>(seconds * 1e9); }

void find_server(const options& wishes, report& result) {
  result.server_pids = wishes.pids;
  if (result.server_pids.empty()) {
    for (const auto& one : wishes.servers) {
      if (const auto pid = find_listener(one.substr(one.rfind(':') + 1)); pid != 0) {
        result.server_pids.push_back(pid);
      }
    }
  }
  if (!result.server_pids.empty()) {
    result.server_program = program_of(result.server_pids.front());
  }
}

/// Counts from now on, until time or count are reached.
void measure(engine& loop, workload& load, const options& wishes, report& result) {
  loop.reset_counts();
  const auto server_before = processor_time_of(result.server_pids);
  const auto own_before = own_processor_s();
  const auto began = clock_ns();
  const auto end =
      wishes.count > 0 || load.ends_by_itself() ? ~0ULL : began + nanoseconds(wishes.duration_s);
  loop.run(end, [&] {
    return (wishes.count > 0 && loop.operations() >= wishes.count) || load.exhausted();
  });
  result.seconds = static_cast<double>(clock_ns() - began) / 1e9;
  result.operations = loop.operations();
  result.latencies = loop.latencies();
  result.load_processor_s = own_processor_s() - own_before;
  if (const auto after = processor_time_of(result.server_pids); after && server_before) {
    result.server_time = processor_time{after->user_s - server_before->user_s,
                                        after->system_s - server_before->system_s};
  }
}

/// Lets every server have what was written before, so that reads of any of them see it.
void catch_up(const options& wishes, const std::vector<endpoint>& servers) {
  if (servers.size() == 1) {
    return;
  }
  for (const auto& one : servers) {
    blocking_client{one, wishes}.sync("/");
  }
}

void run(const options& wishes, const std::vector<endpoint>& servers, report& result) {
  const auto load = make_workload(wishes);
  {
    blocking_client client{servers.front(), wishes};
    client.create(wishes.root, {}, wishes.workload == "load");
    load->prepare(client);
  }
  catch_up(wishes, servers);
  find_server(wishes, result);
  result.unit = load->unit();
  engine loop{wishes, servers, *load};
  if (load->connects_first()) {
    const auto began = clock_ns();
    loop.connect_all();
    result.figures.push_back({"connect_s", static_cast<double>(clock_ns() - began) / 1e9});
  }
  loop.begin();
  if (!load->ends_by_itself()) {
    loop.run(clock_ns() + nanoseconds(wishes.warm_up_s), [] { return false; });
  }
  measure(loop, *load, wishes, result);
  loop.stop_issuing();
  load->finish(loop);
  loop.run(~0ULL, [&] { return loop.unanswered() == 0 && load->settled(); });
  result.server_memory = memory_of(result.server_pids);
  const auto own = load->figures();
  result.figures.insert(result.figures.end(), own.begin(), own.end());
  loop.close_all();
  catch_up(wishes, servers);
  blocking_client client{servers.front(), wishes};
  if (wishes.verify) {
    load->check(client);
  }
  if (!wishes.keep && wishes.workload != "load") {
    client.remove_tree(wishes.root);
  }
}

void write_report(const report& result, const std::string& json_path) {
  if (json_path == "-") {
    std::cout << as_json(result);
    return;
  }
  std::cout << as_table(result);
  if (!json_path.empty()) {
    std::ofstream out{json_path};
    out << as_json(result);
    if (!out.flush()) {
      throw bench_error("cannot write " + json_path);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    auto wishes = parse_options(argc, argv);
    if (wishes.workload.empty()) {
      std::cout << usage();
      return 0;
    }
    if (wishes.root.empty()) {
      wishes.root = wishes.workload == "load" ? "/load"
                                              : "/bench-" + std::to_string(::getpid()) + "-" +
                                                    std::to_string(clock_ns() / 1000);
    }
    report result;
    result.wishes = wishes;
    std::vector<endpoint> servers;
    for (const auto& one : wishes.servers) {
      servers.push_back(resolve(one));
    }
    run(wishes, servers, result);
    write_report(result, wishes.json_path);
    return 0;
  } catch (const std::exception& e) {
    std::cerr << "troupe_bench: " << e.what() << "\n";
    return 1;
  }
}
