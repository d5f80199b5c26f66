#include "hold.hpp"
#include "load.hpp"
#include "lock.hpp"
#include "queue.hpp"
#include "sessions.hpp"
#include "steady.hpp"
#include "watch.hpp"

namespace bench {

std::unique_ptr<workload> make_workload(const options& wishes) {
  const auto& name = wishes.workload;
  if (name == "read") {
    return std::make_unique<steady_workload>(wishes, opcode::get_data, 100);
  }
  if (name == "exists") {
    return std::make_unique<steady_workload>(wishes, opcode::exists, 100);
  }
  if (name == "write") {
    return std::make_unique<steady_workload>(wishes, opcode::get_data, 0);
  }
  if (name == "mixed") {
    return std::make_unique<steady_workload>(wishes, opcode::get_data, wishes.read_percent);
  }
  if (name == "create") {
    return std::make_unique<create_workload>(wishes);
  }
  if (name == "load") {
    return std::make_unique<load_workload>(wishes);
  }
  if (name == "sessions") {
    return std::make_unique<sessions_workload>(wishes);
  }
  if (name == "watch") {
    return std::make_unique<watch_workload>(wishes);
  }
  if (name == "hold") {
    return std::make_unique<hold_workload>(wishes);
  }
  if (name == "lock") {
    return std::make_unique<lock_workload>(wishes);
  }
  if (name == "queue") {
    return std::make_unique<queue_workload>(wishes);
  }
  throw bench_error("there is no workload '" + name + "'; see --help");
}

}  // namespace bench
