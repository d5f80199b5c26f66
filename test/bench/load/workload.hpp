/// What a load does: the engine calls it, it writes requests.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "blocking_client.hpp"
#include "connection.hpp"
#include "histogram.hpp"
#include "options.hpp"

namespace bench {

class engine;

/// A figure that only this workload has.
struct figure {
  std::string name;
  double value = 0;
};

/// A kind of load. Everything runs in one thread. A broken promise of the server throws
/// bench_error.
class workload {
public:
  explicit workload(const options& wishes) : wishes_(wishes) {}
  virtual ~workload() = default;
  workload(const workload&) = delete;
  workload& operator=(const workload&) = delete;

  /// Whether the engine opens all connections before the load begins.
  [[nodiscard]] virtual bool connects_first() const { return true; }
  /// What one operation is called in the report.
  [[nodiscard]] virtual std::string_view unit() const { return "operations"; }
  /// Makes the znodes that it needs below `wishes_.root`, which exists.
  virtual void prepare(blocking_client&) {}
  /// Begins the load of one client: the connection is open, or closed if not connects_first().
  virtual void begin(engine&, connection&) = 0;
  /// The session of a connection that the workload itself opened is there.
  virtual void opened(engine&, connection&) {}
  /// An answer to the oldest unanswered request.
  virtual void replied(engine&, connection&, const pending&, const reply&) = 0;
  virtual void notified(engine&, connection&, const event&) {}
  /// Called in every turn of the loop; returns when there is something to do without an answer.
  virtual std::uint64_t turn(engine&) { return ~0ULL; }
  /// Whether there is an amount to do, instead of a warm-up and a duration.
  [[nodiscard]] virtual bool ends_by_itself() const { return false; }
  /// Whether that amount is done.
  [[nodiscard]] virtual bool exhausted() const { return false; }
  /// The engine asks for no more. What is left to do is begun here.
  virtual void finish(engine&) {}
  /// Whether what was begun has ended, after the engine stopped asking for more.
  [[nodiscard]] virtual bool settled() const { return true; }
  /// After the load, with --verify: compares the server with what it acknowledged.
  virtual void check(blocking_client&) {}
  /// Figures of its own.
  [[nodiscard]] virtual std::vector<figure> figures() const { return {}; }

protected:
  options wishes_;
};

/// The workload named in `wishes`; throws bench_error when there is none of that name.
std::unique_ptr<workload> make_workload(const options& wishes);

/// Small, fast and the same everywhere: xorshift64*.
class random_numbers {
public:
  explicit random_numbers(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}
  std::uint64_t next() noexcept {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    return state_ * 0x2545F4914F6CDD1DU;
  }
  /// A number below `bound`, which is not 0.
  std::uint32_t below(std::uint32_t bound) noexcept {
    return static_cast<std::uint32_t>((next() >> 32) * bound >> 32);
  }

private:
  std::uint64_t state_;
};

}  // namespace bench
