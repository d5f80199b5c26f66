#include <catch2/catch.hpp>

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <kj/async-io.h>
#include <troupe/sdk/byte_stream.hpp>

#include "runtime/reactor/posix_disk.hpp"
#include "runtime/reactor/reactor.hpp"
#include "test/support/caf_world.hpp"
#include "test/support/loopback.hpp"

using namespace troupe;
using status = sdk::byte_stream::status;

namespace {

/// One connection on loopback: KJ's stream at one end, a byte_stream at the other.
struct connected_pair : test::caf_world, sdk::byte_stream_events {
  explicit connected_pair(bool direct) {
    auto ports = loop.ports();
    if (!direct) ports.direct_streams = nullptr;
    wait(link.connect(ports.network));
    peer = kj::mv(link.client);
    stream = sdk::make_byte_stream(ports, kj::mv(link.server), *this);
  }

  void readable() override { on_readable(); }
  void writable() override { on_writable(); }

  void wait(kj::Promise<void> done) { loop.run_until(kj::mv(done)); }
  /// Runs the loop until a callback says that it is enough.
  void run(const std::function<void(std::function<void()>)>& set_up) {
    auto enough = kj::newPromiseAndFulfiller<void>();
    set_up([&] { enough.fulfiller->fulfill(); });
    loop.run_until(kj::mv(enough.promise));
    on_readable = on_writable = [] {};
  }

  reactor::posix_disk disk{"/nonexistent"};
  reactor::reactor loop{system, disk};
  test::loopback link;
  kj::Own<kj::AsyncIoStream> peer;
  std::function<void()> on_readable = [] {}, on_writable = [] {};
  std::unique_ptr<sdk::byte_stream> stream;
};

}  // namespace

TEST_CASE("byte stream: what arrives is told of and read, then there is nothing") {
  connected_pair pair{GENERATE(true, false)};
  std::array<char, 16> buffer{};
  CHECK(pair.stream->read(buffer).what == status::wait);
  std::string got;
  pair.run([&](auto enough) {
    pair.on_readable = [&, enough] {
      CHECK(pair.stream->may_read());
      while (pair.stream->may_read())
        got.append(buffer.data(), pair.stream->read(buffer).bytes);
      if (got.size() == 20) enough();
    };
    pair.wait(pair.peer->write("0123456789abcdefghij", 20));
  });
  CHECK(got == "0123456789abcdefghij");
  CHECK_FALSE(pair.stream->may_read());
  CHECK(pair.stream->read(buffer).what == status::wait);
}

TEST_CASE("byte stream: a write that the peer does not take waits, and goes on when it does") {
  connected_pair pair{GENERATE(true, false)};
  std::string sent(32 << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i)
    sent[i] = static_cast<char>(i % 251);
  std::size_t left_from = 0, waits = 0;
  const auto write = [&] {
    while (left_from < sent.size()) {
      const auto wrote = pair.stream->write(std::string_view{sent}.substr(left_from));
      REQUIRE(wrote.what != status::broken);
      if (wrote.what == status::wait) {
        ++waits;
        return;
      }
      left_from += wrote.bytes;
    }
    CHECK(pair.stream->end_output());
  };
  pair.on_writable = write;
  write();
  std::string got;
  pair.wait(pair.peer->readAllText(sent.size() + 1).then([&](kj::String text) {
    got.assign(text.begin(), text.size());
  }));
  CHECK(waits > 0);
  CHECK((got == sent));
}

TEST_CASE("byte stream: the end is told of, also when it comes together with the last bytes") {
  connected_pair pair{GENERATE(true, false)};
  std::array<char, 64> buffer{};
  std::string got;
  bool ended = false;
  pair.run([&](auto enough) {
    pair.on_readable = [&, enough] {
      while (!ended && pair.stream->may_read()) {
        const auto one = pair.stream->read(buffer);
        got.append(buffer.data(), one.bytes);
        ended = one.what == status::end;
      }
      if (ended) enough();
    };
    pair.wait(pair.peer->write("last", 4));
    pair.peer->shutdownWrite();
  });
  CHECK(got == "last");
  CHECK(pair.stream->write("answer").what != status::broken);  // only the peer's side has ended
}

TEST_CASE("byte stream: a connection that was reset is broken, with the reason") {
  connected_pair pair{GENERATE(true, false)};
  std::array<char, 16> buffer{};
  pair.run([&](auto enough) {
    pair.on_readable = enough;
    const linger at_once{1, 0};
    pair.peer->setsockopt(SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    pair.peer = nullptr;
  });
  CHECK(pair.stream->read(buffer).what == status::broken);
  CHECK_FALSE(pair.stream->error().empty());
  CHECK(pair.stream->write("x").what == status::broken);
}

TEST_CASE("reactor: a connection that was made here needs no promises either") {
  connected_pair pair{true};
  struct : sdk::byte_stream_events {
    void readable() override { on_readable(); }
    void writable() override {}
    std::function<void()> on_readable = [] {};
  } events;
  const auto ports = pair.loop.ports();
  auto made = ports.direct_streams->adopt(pair.peer, events);
  REQUIRE(made);
  CHECK(made->write("there").what == status::done);
  std::array<char, 16> buffer{};
  pair.run([&](auto enough) { pair.on_readable = enough; });
  CHECK(pair.stream->read(buffer).bytes == 5);
  CHECK(pair.stream->write("and back").what == status::done);
  pair.run([&](auto enough) { events.on_readable = enough; });
  CHECK(made->read(buffer).bytes == 8);
}

TEST_CASE("reactor: a port where nobody listens refuses a connection, with the reason") {
  test::caf_world world;
  reactor::posix_disk disk{"/nonexistent"};
  reactor::reactor loop{world.system, disk};
  auto& network = loop.ports().network;
  test::loopback link;
  loop.run_until(link.connect(network));
  const auto port = link.listener->getPort();
  link.listener = nullptr;
  std::string why;
  loop.run_until(network.parseAddress("127.0.0.1", port)
                     .then([](kj::Own<kj::NetworkAddress> address) {
                       auto connecting = address->connect();
                       return connecting.attach(kj::mv(address));
                     })
                     .then([](kj::Own<kj::AsyncIoStream>) {},
                           [&](kj::Exception&& error) { why = error.getDescription().cStr(); }));
  CHECK_THAT(why, Catch::Matchers::Contains("refused"));
}

TEST_CASE("reactor: an accepted connection knows its peer and the options of its listener") {
  test::caf_world world;
  reactor::posix_disk disk{"/nonexistent"};
  reactor::reactor loop{world.system, disk};
  auto& network = loop.ports().network;
  test::loopback link;
  loop.run_until(link.connect(network));
  const int on = 1;
  link.listener->setsockopt(SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  loop.run_until(link.connect(network));
  sockaddr_in own{}, told{};
  kj::uint own_size = sizeof own, told_size = sizeof told;
  link.client->getsockname(reinterpret_cast<sockaddr*>(&own), &own_size);
  link.server->getpeername(reinterpret_cast<sockaddr*>(&told), &told_size);
  CHECK(told.sin_port == own.sin_port);
  CHECK(told.sin_addr.s_addr == own.sin_addr.s_addr);
  for (const auto& [level, option] : {std::pair{SOL_SOCKET, SO_KEEPALIVE},
                                      std::pair{static_cast<int>(IPPROTO_TCP), TCP_NODELAY}}) {
    int value = 0;
    kj::uint size = sizeof value;
    link.server->getsockopt(level, option, &value, &size);
    CHECK(value != 0);
  }
}
