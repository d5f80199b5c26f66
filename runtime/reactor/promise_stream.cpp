// A byte_stream over KJ's promises, for connections that are not the operating system's.
#include <algorithm>
#include <array>
#include <utility>

#include <troupe/sdk/byte_stream.hpp>

#include "runtime/reactor/loop_event.hpp"

namespace troupe::sdk {
namespace {

/// Reads ahead by one buffer. A write is done when the connection has taken it, so that what is on
/// its way still counts as unsent. It tells of things in an event of its own, because KJ does not
/// allow that a promise is replaced from inside its callback.
class promise_stream final : public byte_stream {
public:
  promise_stream(kj::Own<kj::AsyncIoStream> connection, byte_stream_events& events)
      : events_(events), connection_(kj::mv(connection)) {
    read_ahead();
  }
  ~promise_stream() noexcept override {}  // NOLINT: KJ's objects may throw, and must not here

  [[nodiscard]] bool may_read() const noexcept override { return !reading_now_; }

  outcome read(std::span<char> to) override {
    if (reading_now_) return {status::wait};
    if (!error_.empty()) return {status::broken};
    if (ahead_.empty()) return {status::end};
    const auto taken = std::min(ahead_.size(), to.size());
    std::copy_n(ahead_.data(), taken, to.data());
    ahead_ = ahead_.subspan(taken);
    if (ahead_.empty()) read_ahead();
    return {status::done, taken};
  }

  outcome write(std::string_view bytes) override {
    if (!error_.empty()) return {status::broken};
    if (written_ > 0) return {status::done, std::exchange(written_, 0)};
    if (writing_now_) return {status::wait};
    writing_now_ = true;
    output_.assign(bytes);
    // KJ throws at once what the system says at once; evalNow makes both ways of failing one.
    writing_ = kj::evalNow([this] { return connection_->write(output_.data(), output_.size()); })
                   .then([this] {
                     writing_now_ = false;
                     written_ = output_.size();
                     wrote_.arm();
                   })
                   .eagerlyEvaluate([this](kj::Exception&& failure) {
                     writing_now_ = false;
                     failed(failure);
                     wrote_.arm();
                   });
    return {status::wait};
  }

  bool end_output() override {
    return kj::runCatchingExceptions([this] { connection_->shutdownWrite(); }) == nullptr;
  }

  [[nodiscard]] std::string error() const override { return error_; }

private:
  void read_ahead() {
    reading_now_ = true;
    reading_ = kj::evalNow([this] { return connection_->tryRead(input_.data(), 1, input_.size()); })
                   .then([this](std::size_t size) {
                     reading_now_ = false;
                     ahead_ = {input_.data(), size};
                     arrived_.arm();
                   })
                   .eagerlyEvaluate([this](kj::Exception&& failure) {
                     reading_now_ = false;
                     failed(failure);
                     arrived_.arm();
                   });
  }

  void failed(const kj::Exception& failure) {
    error_ = failure.getDescription().cStr();
    if (error_.empty()) error_ = "unknown error";
  }

  byte_stream_events& events_;
  reactor::loop_event arrived_{[this] { events_.readable(); }};
  reactor::loop_event wrote_{[this] { events_.writable(); }};
  std::string error_;  ///< empty while there is none
  bool reading_now_ = false;
  bool writing_now_ = false;
  std::array<char, 4096> input_{};
  std::span<char> ahead_;  ///< read and not taken yet; empty at the end of the input
  std::string output_;
  std::size_t written_ = 0;  ///< taken by the connection and not reported yet
  kj::Own<kj::AsyncIoStream> connection_;
  kj::Promise<void> reading_ = nullptr;  // the promises go before what they use
  kj::Promise<void> writing_ = nullptr;
};

}  // namespace

std::unique_ptr<byte_stream> make_byte_stream(const ports& ports,
                                              kj::Own<kj::AsyncIoStream> connection,
                                              byte_stream_events& events) {
  if (ports.direct_streams) {
    if (auto direct = ports.direct_streams->adopt(connection, events)) return direct;
  }
  return std::make_unique<promise_stream>(kj::mv(connection), events);
}

}  // namespace troupe::sdk
