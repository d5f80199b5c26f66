/// bare_kj PORT [LOG]: the bare answers on KJ's event loop and streams, one thread.
///
/// The log is written where an epoll server writes it: after everything that was ready was read.

#include <kj/async-io.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "answers.hpp"
#include "log_file.hpp"

namespace {

constexpr std::size_t buffer_bytes = 16 * 1024;

struct connection : bare::client {
  kj::Own<kj::AsyncIoStream> stream;
  kj::Array<char> buffer = kj::heapArray<char>(buffer_bytes);
  /// What is being written; `out` collects what comes next.
  bench::out_bytes sending;
  bool writes = false;
  bool closing = false;
  /// Keeps it alive until it is forgotten.
  std::shared_ptr<connection> self;
};

class server final : kj::TaskSet::ErrorHandler {
public:
  explicit server(const char* log_path) : log_(log_path), tasks_(*this) {}

  kj::Promise<void> accept(kj::ConnectionReceiver& from) {
    return from.accept().then([this, &from](kj::Own<kj::AsyncIoStream> stream) {
      const int on = 1;
      stream->setsockopt(IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      auto c = std::make_shared<connection>();
      c->self = c;
      c->stream = kj::mv(stream);
      tasks_.add(receive(*c));
      return accept(from);
    });
  }

private:
  kj::Promise<void> receive(connection& c) {
    return c.stream->tryRead(c.buffer.begin(), 1, c.buffer.size())
        .then([this, &c, self = c.self](std::size_t got) -> kj::Promise<void> {
          if (got == 0) {
            forget(c);
            return kj::READY_NOW;
          }
          c.closing = !answers_.take(c, {c.buffer.begin(), got});
          flush_later();
          return c.closing ? kj::Promise<void>{kj::READY_NOW} : receive(c);
        });
  }

  // Later is after everything that was ready when this turn began.
  void flush_later() {
    if (!flush_comes_) {
      flush_comes_ = true;
      tasks_.add(kj::evalLater([this] { flush_all(); }));
    }
  }

  void flush_all() {
    flush_comes_ = false;
    log_.append(answers_.log());
    for (auto* c : std::exchange(answers_.touched(), {})) {
      c->touched = false;
      write(*static_cast<connection*>(c));
    }
  }

  void write(connection& c) {
    if (c.writes) {
      return;
    }
    if (c.out.unsent().empty()) {
      if (c.closing) {
        forget(c);
      }
      return;
    }
    c.writes = true;
    std::swap(c.out, c.sending);
    const auto bytes = c.sending.unsent();
    tasks_.add(c.stream->write(bytes.data(), bytes.size()).then([this, &c, self = c.self] {
      c.sending.clear();
      c.writes = false;
      write(c);
    }));
  }

  void forget(connection& c) {
    answers_.forget(c);
    c.self.reset();
  }

  void taskFailed(kj::Exception&& problem) override {
    std::fprintf(stderr, "bare_kj: %s\n", problem.getDescription().cStr());
  }

  bare::log_file log_;
  bare::answers answers_;
  bool flush_comes_ = false;
  kj::TaskSet tasks_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: bare_kj PORT [LOG]\n");
    return 2;
  }
  auto io = kj::setupAsyncIo();
  auto address = io.provider->getNetwork()
                     .parseAddress("127.0.0.1", static_cast<unsigned>(std::atoi(argv[1])))
                     .wait(io.waitScope);
  auto listener = address->listen();
  server here{argc > 2 ? argv[2] : nullptr};
  here.accept(*listener).wait(io.waitScope);
  return 0;
}
