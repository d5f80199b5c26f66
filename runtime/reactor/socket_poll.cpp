#include "runtime/reactor/socket_poll.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/epoll.h>
#include <sys/socket.h>

#include <kj/debug.h>

#include "runtime/reactor/accepted_socket.hpp"

namespace troupe::reactor {
namespace {

constexpr std::size_t sockets_per_poll = 256;

// On Linux the same as EWOULDBLOCK.
bool would_block(int error) noexcept { return error == EAGAIN; }

/// Leaving the set is closing the descriptor: nobody else has it.
class socket final : public sdk::byte_stream {
public:
  socket(kj::AutoCloseFd fd, sdk::byte_stream_events& events) : fd_(kj::mv(fd)), events_(events) {}
  ~socket() noexcept override {}  // NOLINT: closing may throw, and must not here

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] kj::AutoCloseFd take() { return kj::mv(fd_); }

  /// What epoll says has become possible.
  void told(std::uint32_t what) {
    if ((what & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) at_end_ = true;
    if ((what & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) {
      may_read_ = true;
      events_.readable();
    }
    if ((what & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0 && std::exchange(waits_to_write_, false))
      events_.writable();
  }

  [[nodiscard]] bool may_read() const noexcept override { return may_read_; }

  outcome read(std::span<char> to) override {
    if (!may_read_) return {status::wait};
    const auto got = retried([&] { return ::recv(fd_, to.data(), to.size(), 0); });
    if (got > 0) {
      const auto size = static_cast<std::size_t>(got);
      // Less than asked for means that there was no more; what comes later is told of. The end
      // alone is told of only once, perhaps together with these bytes.
      may_read_ = size == to.size() || at_end_;
      return {status::done, size};
    }
    if (got == 0) return {status::end};
    if (!would_block(errno)) return failed();
    may_read_ = false;
    return {status::wait};
  }

  outcome write(std::string_view bytes) override {
    const auto sent =
        retried([&] { return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL); });
    if (sent > 0) return {status::done, static_cast<std::size_t>(sent)};
    if (sent < 0 && !would_block(errno)) return failed();
    waits_to_write_ = true;
    return {status::wait};
  }

  bool end_output() override { return ::shutdown(fd_, SHUT_WR) == 0; }

  [[nodiscard]] std::string error() const override { return std::strerror(error_); }

private:
  template <class F>
  static ssize_t retried(F call) {
    for (;;) {
      const auto result = call();
      if (result >= 0 || errno != EINTR) return result;
    }
  }
  outcome failed() noexcept {
    error_ = errno;
    return {status::broken};
  }

  kj::AutoCloseFd fd_;
  sdk::byte_stream_events& events_;
  int error_ = 0;
  bool may_read_ = false;
  bool at_end_ = false;
  bool waits_to_write_ = false;
};

kj::AutoCloseFd make_epoll() {
  const int fd = ::epoll_create1(EPOLL_CLOEXEC);
  KJ_REQUIRE(fd >= 0, "epoll_create1 failed: no file descriptor is left");
  return kj::AutoCloseFd{fd};
}

}  // namespace

socket_poll::socket_poll(kj::UnixEventPort& port)
    : epoll_(make_epoll()), observer_(port, epoll_, kj::UnixEventPort::FdObserver::OBSERVE_READ) {
  watch();
}

socket_poll::~socket_poll() noexcept = default;

std::unique_ptr<sdk::byte_stream> socket_poll::adopt(kj::Own<kj::AsyncIoStream>& connection,
                                                     sdk::byte_stream_events& events) {
  auto* const accepted = dynamic_cast<accepted_socket*>(connection.get());
  if (!accepted || !accepted->is_fresh()) return nullptr;
  auto made = std::make_unique<socket>(accepted->take(), events);
  epoll_event wanted{};
  wanted.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  wanted.data.ptr = made.get();
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, made->fd(), &wanted) != 0) {
    accepted->give_back(made->take());
    return nullptr;
  }
  connection = nullptr;
  return made;
}

void socket_poll::watch() {
  watching_ =
      observer_.whenBecomesReadable().then([this] { again_.arm(); }).eagerlyEvaluate(nullptr);
}

void socket_poll::poll() {
  std::array<epoll_event, sockets_per_poll> events;
  const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    auto& one = events[static_cast<std::size_t>(i)];
    static_cast<socket*>(one.data.ptr)->told(one.events);
  }
  if (count == static_cast<int>(events.size())) {
    again_.arm();
  } else {
    watch();
  }
}

}  // namespace troupe::reactor
