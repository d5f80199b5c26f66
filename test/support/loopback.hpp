/// Connections on the loopback address, for tests of what stands on sockets.
#pragma once

#include <kj/async-io.h>

namespace troupe::test {

/// A listener and its newest connection, both ends as KJ's streams. It outlives what `connect`
/// returns.
struct loopback {
  kj::Own<kj::ConnectionReceiver> listener;
  kj::Own<kj::AsyncIoStream> client, server;

  kj::Promise<void> connect(kj::Network& network) {
    return network.parseAddress("127.0.0.1", listener.get() ? listener->getPort() : 0)
        .then([this, &network](kj::Own<kj::NetworkAddress> address) {
          if (!listener.get()) listener = address->listen();
          return network.parseAddress("127.0.0.1", listener->getPort());
        })
        .then([](kj::Own<kj::NetworkAddress> address) {
          auto connected = address->connect();
          return connected.attach(kj::mv(address));
        })
        .then([this](kj::Own<kj::AsyncIoStream> connected) {
          client = kj::mv(connected);
          return listener->accept();
        })
        .then([this](kj::Own<kj::AsyncIoStream> accepted) { server = kj::mv(accepted); });
  }
};

}  // namespace troupe::test
