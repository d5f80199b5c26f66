/// What gateways need of the sockets that they accept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <kj/async-io.h>

namespace troupe::sdk {

/// Who is at the other end of a connection: a literal address and a port.
struct peer_name {
  std::string address;
  std::uint16_t port = 0;
};

/// Nothing if the peer is gone already. A network without addresses, such as the simulated one, is
/// the machine itself. An error of a real socket is never taken for that, because the address is an
/// identity.
std::optional<peer_name> peer_of(kj::AsyncIoStream& socket);

/// Lets the kernel probe the silent connections that this socket accepts.
void keep_alive(kj::ConnectionReceiver& socket);

/// What the system said, out of KJ's longer text "call: reason; parameters".
std::string reason_of(const kj::Exception& error);

/// How many files this process may have open; 0 if there is no limit, or none that is known.
std::uint64_t file_limit();

/// Descriptors that clients must leave to log, snapshots, peers and the rest of the process.
std::uint64_t reserved_files(std::uint64_t limit);

/// Whether the connection has one of the reserved descriptors. The system gives the lowest free
/// number, so a high one says how many files the whole process has open.
bool is_among_last_files(const kj::AsyncIoStream& socket, std::uint64_t limit);

}  // namespace troupe::sdk
