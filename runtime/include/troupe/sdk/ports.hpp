/// Everything that a component may know of the outside world. Nothing else reads a clock, draws a
/// random number, starts a thread or touches a file, so that a whole server runs in the simulator.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <troupe/base/time.hpp>
#include <troupe/sdk/disk.hpp>

namespace kj {
class Network;
class Timer;
}  // namespace kj

namespace troupe::sdk {

class direct_streams;

class clock {
public:
  virtual ~clock() = default;
  [[nodiscard]] virtual monotonic_time now() const = 0;
  [[nodiscard]] virtual wall_time wall() const = 0;
};

/// Unpredictable numbers; seeded in the simulator.
class entropy {
public:
  virtual ~entropy() = default;
  virtual std::uint64_t number() = 0;
  /// `size` bytes fit for a secret.
  virtual std::string secret(std::size_t size) = 0;
};

/// Stops a timer when destroyed. Destroy it on the reactor's thread.
class timer_handle {
public:
  virtual ~timer_handle() = default;
};
using timer = std::unique_ptr<timer_handle>;

/// The timers of one reactor. Callbacks run on its thread, in an event of their own.
class timers {
public:
  virtual ~timers() = default;
  /// Calls `callback` once, unless the handle is destroyed before.
  [[nodiscard]] virtual timer after(nanoseconds delay, std::function<void()> callback) = 0;
};

/// How much a lane of work matters to those who wait for something else.
enum class priority {
  normal,
  low,  ///< gives way to everything else when processors are short
};

/// Threads for work that blocks. Jobs of one lane run one after another in the order given, jobs of
/// different lanes at the same time. `done` runs on the reactor's thread, after the job; it is
/// dropped if the reactor ends first. A job that throws ends the process.
class workers {
public:
  virtual ~workers() = default;
  virtual std::uint32_t new_lane(std::string name, priority how) = 0;
  virtual void run(std::uint32_t lane, std::function<void()> job, std::function<void()> done) = 0;
};

/// The ports of one server on one reactor. They outlive all components.
struct ports {
  sdk::clock& clock;
  sdk::entropy& entropy;
  sdk::timers& timers;
  sdk::workers& workers;
  sdk::disk& disk;  ///< rooted at the node's data_dir
  kj::Network& network;
  kj::Timer& kj_timer;  ///< the same time as `timers`, for KJ's own needs
  /// Null where connections are not the operating system's; see byte_stream.hpp.
  sdk::direct_streams* direct_streams = nullptr;
};

}  // namespace troupe::sdk
