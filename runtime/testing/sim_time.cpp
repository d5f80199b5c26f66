#include <troupe/testing/sim_time.hpp>

#include <utility>

#include <kj/debug.h>

namespace troupe::testing {

using namespace std::chrono_literals;

bool sim_event_port::advance() {
  KJ_IF_MAYBE (next, timer_.nextEvent()) {
    // Timers at this very moment only fire when time moves.
    timer_.advanceTo(*next > timer_.now() ? *next : timer_.now() + 1 * kj::NANOSECONDS);
    return true;
  }
  return false;
}

bool sim_event_port::wait() {
  KJ_REQUIRE(advance(), "the simulation is stuck: nothing will ever happen any more");
  return false;
}

monotonic_time sim_clock::now() const {
  return {nanoseconds{(timer_.now() - kj::origin<kj::TimePoint>()) / kj::NANOSECONDS}};
}

wall_time sim_clock::wall() const {
  const auto ms = (timer_.now() - kj::origin<kj::TimePoint>()) / kj::MILLISECONDS;
  return {ms + wall_offset_.count()};
}

std::string sim_entropy::secret(std::size_t size) {
  std::string bytes(size, '\0');
  for (auto& c : bytes)
    c = static_cast<char>(random_.below(256));
  return bytes;
}

std::uint32_t sim_workers::new_lane(std::string, sdk::priority) {
  lanes_.emplace_back();
  return static_cast<std::uint32_t>(lanes_.size() - 1);
}

void sim_workers::run(std::uint32_t number, std::function<void()> job, std::function<void()> done) {
  if (cut_) return;
  auto& target = lanes_.at(number);
  target.items.push_back({std::move(job), std::move(done)});
  if (target.items.size() == 1) begin(number);
}

void sim_workers::begin(std::uint32_t number) {
  // Mostly as quick as a good disk, sometimes as slow as a bad one.
  const auto most = slowest_ > 0ns          ? static_cast<std::uint64_t>(slowest_.count())
                    : random_.chance(1, 50) ? std::uint64_t{200'000'000}
                                            : std::uint64_t{300'000};
  lanes_[number].timer =
      timers_.after(nanoseconds{random_.below(most)}, [this, number] { finish(number); });
}

void sim_workers::finish(std::uint32_t number) {
  auto first = std::move(lanes_[number].items.front());
  first.job();
  if (cut_) return;  // the job reached a crash point
  lanes_[number].items.pop_front();
  if (!lanes_[number].items.empty()) begin(number);
  if (first.done) first.done();
}

void sim_workers::cut() {
  cut_ = true;
  for (auto& one : lanes_) {
    one.timer.reset();
    one.items.clear();
  }
}

}  // namespace troupe::testing
