#include "runtime/testing/sim_connection.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <kj/debug.h>

namespace troupe::testing {
namespace {

kj::Exception disconnected() {
  return KJ_EXCEPTION(DISCONNECTED, "simulated connection is broken");
}

}  // namespace

// ---------------------------------------------------------------- direction

kj::Promise<void> sim_direction::write(const char* bytes, std::size_t size) {
  if (broken_ || finished_) return disconnected();
  for (std::size_t at = 0; at < size;) {
    // Mostly in one piece, sometimes cut where it hurts.
    const auto rest = size - at;
    const auto piece =
        random_.chance(1, 4) ? 1 + static_cast<std::size_t>(random_.below(rest)) : rest;
    const auto spread = options_.longest_delay - options_.shortest_delay;
    const auto delay = options_.shortest_delay +
                       nanoseconds{random_.below(static_cast<std::uint64_t>(spread.count()) + 1)};
    auto arrival = clock_.now() + delay.count() * kj::NANOSECONDS;
    if (!flying_.empty()) arrival = std::max(arrival, flying_.back().arrival);
    flying_.push_back({arrival, std::string{bytes + at, piece}, false});
    flying_bytes_ += piece;
    at += piece;
  }
  schedule();
  if (flying_bytes_ + arrived_.size() <= options_.window_bytes) return kj::READY_NOW;
  auto wait = kj::newPromiseAndFulfiller<void>();
  waiting_writers_.push_back(kj::mv(wait.fulfiller));
  return kj::mv(wait.promise);
}

kj::Promise<std::size_t> sim_direction::read(char* into, std::size_t least, std::size_t most) {
  KJ_REQUIRE(reader_ == nullptr, "one read at a time");
  auto wait = kj::newPromiseAndFulfiller<std::size_t>();
  reader_ = reader{into, least, most, kj::mv(wait.fulfiller)};
  serve_reader();
  return kj::mv(wait.promise);
}

void sim_direction::finish() {
  if (finished_ || broken_) return;
  finished_ = true;
  auto arrival = clock_.now() + options_.shortest_delay.count() * kj::NANOSECONDS;
  if (!flying_.empty()) arrival = std::max(arrival, flying_.back().arrival);
  flying_.push_back({arrival, {}, true});
  schedule();
}

void sim_direction::break_off() {
  if (broken_) return;
  finish();
  broken_ = true;
  if (!writer_stopped_) tell_of_break();
}

void sim_direction::stop_writer(bool stopped) {
  if (stopped == writer_stopped_) return;
  writer_stopped_ = stopped;
  if (!stopped && broken_) tell_of_break();
  if (!stopped) serve_writers();
}

void sim_direction::tell_of_break() {
  for (auto& one : std::exchange(waiting_writers_, {}))
    one->reject(disconnected());
  for (auto& one : std::exchange(break_watchers_, {}))
    one->fulfill();
}

kj::Promise<void> sim_direction::when_broken() {
  if (broken_ && !writer_stopped_) return kj::READY_NOW;
  auto wait = kj::newPromiseAndFulfiller<void>();
  break_watchers_.push_back(kj::mv(wait.fulfiller));
  return kj::mv(wait.promise);
}

void sim_direction::hold(bool held) {
  if (held == held_) return;
  held_ = held;
  timer_.reset();
  schedule();
}

void sim_direction::schedule() {
  if (timer_ || held_ || flying_.empty()) return;
  const auto delay = std::max(flying_.front().arrival - clock_.now(), 0 * kj::NANOSECONDS);
  timer_ = timers_.after(nanoseconds{delay / kj::NANOSECONDS}, [this] {
    timer_.reset();
    arrive();
  });
}

void sim_direction::arrive() {
  while (!flying_.empty() && flying_.front().arrival <= clock_.now()) {
    auto& first = flying_.front();
    flying_bytes_ -= first.bytes.size();
    arrived_ += first.bytes;
    ended_ = ended_ || first.last;
    flying_.pop_front();
  }
  schedule();
  serve_reader();
}

void sim_direction::serve_reader() {
  KJ_IF_MAYBE (waiting, reader_) {
    if (!waiting->fulfiller->isWaiting()) {
      reader_ = nullptr;  // the read was cancelled
      return;
    }
    if (arrived_.size() < waiting->least && !ended_) return;
    if (arrived_.empty() && broken_) {
      waiting->fulfiller->reject(disconnected());
      reader_ = nullptr;
      return;
    }
    const auto size = std::min(waiting->most, arrived_.size());
    std::memcpy(waiting->into, arrived_.data(), size);
    arrived_.erase(0, size);
    waiting->fulfiller->fulfill(kj::cp(size));
    reader_ = nullptr;
    serve_writers();
  }
}

void sim_direction::serve_writers() {
  if (writer_stopped_ || flying_bytes_ + arrived_.size() > options_.window_bytes) return;
  for (auto& one : std::exchange(waiting_writers_, {}))
    one->fulfill();
}

// --------------------------------------------------------------- connection

sim_connection::sim_connection(sim_network& network, std::string from, std::string to)
    : ends{std::move(from), std::move(to)},
      directions{{network.timers_, network.clock_, network.random_.fork(), network.options_},
                 {network.timers_, network.clock_, network.random_.fork(), network.options_}} {}

void sim_connection::break_off() {
  for (auto& one : directions)
    one.break_off();
}

namespace {

class sim_stream final : public kj::AsyncIoStream {
public:
  sim_stream(std::shared_ptr<sim_connection> connection, int end)
      : connection_(std::move(connection)), end_(end) {}
  ~sim_stream() noexcept(false) { connection_->break_off(); }

  kj::Promise<std::size_t> tryRead(void* into, std::size_t least, std::size_t most) override {
    return in().read(static_cast<char*>(into), least, most);
  }
  kj::Promise<void> write(const void* bytes, std::size_t size) override {
    return out().write(static_cast<const char*>(bytes), size);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    std::string joined;
    for (const auto& piece : pieces) {
      joined.append(reinterpret_cast<const char*>(piece.begin()), piece.size());
    }
    return out().write(joined.data(), joined.size());
  }
  kj::Promise<void> whenWriteDisconnected() override { return out().when_broken(); }
  void shutdownWrite() override { out().finish(); }
  void abortRead() override { in().break_off(); }

private:
  sim_direction& out() { return connection_->directions[end_]; }
  sim_direction& in() { return connection_->directions[1 - end_]; }

  const std::shared_ptr<sim_connection> connection_;
  const int end_;
};

}  // namespace

kj::Own<kj::AsyncIoStream> make_stream(std::shared_ptr<sim_connection> connection, int end) {
  return kj::heap<sim_stream>(std::move(connection), end);
}

}  // namespace troupe::testing
