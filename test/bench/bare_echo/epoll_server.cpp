/// bare_epoll PORT [LOG]: the bare answers on epoll, one thread, one log write per turn.

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <utility>

#include "answers.hpp"
#include "log_file.hpp"

namespace {

constexpr std::size_t buffer_bytes = 256 * 1024;

struct connection : bare::client {
  int fd = -1;
  bool closing = false;
};

int listen_on(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(fd, 4096) != 0) {
    std::perror("bare_epoll: cannot listen");
    std::exit(1);
  }
  return fd;
}

class server {
public:
  server(int port, const char* log_path)
      : poll_(::epoll_create1(EPOLL_CLOEXEC)), listener_(listen_on(port)), log_(log_path),
        buffer_(std::make_unique_for_overwrite<char[]>(buffer_bytes)) {
    watch(listener_, nullptr, EPOLL_CTL_ADD, EPOLLIN);
  }

  void turn() {
    epoll_event events[512];
    const int count = ::epoll_wait(poll_, events, 512, -1);
    for (int i = 0; i < count; ++i) {
      auto* c = static_cast<connection*>(events[i].data.ptr);
      if (c == nullptr) {
        accept_all();
      } else if ((events[i].events & EPOLLOUT) != 0) {
        flush(*c);
      } else {
        receive(*c);
      }
    }
    log_.append(answers_.log());
    for (auto* c : std::exchange(answers_.touched(), {})) {
      c->touched = false;
      flush(*static_cast<connection*>(c));
    }
  }

private:
  void watch(int fd, connection* c, int operation, std::uint32_t events) {
    epoll_event wanted{};
    wanted.events = events;
    wanted.data.ptr = c;
    ::epoll_ctl(poll_, operation, fd, &wanted);
  }

  void accept_all() {
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) {
        return;
      }
      const int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto* c = new connection;
      c->fd = fd;
      watch(fd, c, EPOLL_CTL_ADD, EPOLLIN);
    }
  }

  void receive(connection& c) {
    const auto got = ::recv(c.fd, buffer_.get(), buffer_bytes, 0);
    if (got <= 0) {
      close(c);
      return;
    }
    c.closing = !answers_.take(c, {buffer_.get(), static_cast<std::size_t>(got)}) || c.closing;
  }

  void flush(connection& c) {
    const auto bytes = c.out.unsent();
    const auto sent = ::send(c.fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      c.out.consume(static_cast<std::size_t>(sent));
    }
    if (c.closing) {
      close(c);
    } else if (static_cast<std::size_t>(std::max<ssize_t>(sent, 0)) < bytes.size()) {
      watch(c.fd, &c, EPOLL_CTL_MOD, EPOLLOUT);
      waiting_ = true;
    } else if (waiting_) {
      watch(c.fd, &c, EPOLL_CTL_MOD, EPOLLIN);
    }
  }

  void close(connection& c) {
    answers_.forget(c);
    ::close(c.fd);
    delete &c;
  }

  int poll_;
  int listener_;
  bare::log_file log_;
  bare::answers answers_;
  std::unique_ptr<char[]> buffer_;
  /// Whether any connection ever waited for room; most runs have none.
  bool waiting_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bare_epoll PORT [LOG]\n");
    return 2;
  }
  try {
    server here{std::atoi(argv[1]), argc > 2 ? argv[2] : nullptr};
    for (;;) {
      here.turn();
    }
  } catch (const std::exception& e) {
    std::fprintf(stderr, "bare_epoll: %s\n", e.what());
    return 1;
  }
}
