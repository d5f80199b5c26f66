#include "runtime/reactor/accepted_socket.hpp"

#include <algorithm>
#include <cstring>

namespace troupe::reactor {

void accepted_socket::getpeername(sockaddr* address, kj::uint* size) {
  std::memcpy(address, &peer_, std::min<std::size_t>(*size, peer_bytes_));
  *size = peer_bytes_;
}

kj::Maybe<int> accepted_socket::getFd() const {
  if (stream_.get() != nullptr) return stream_->getFd();
  return fd_.get();
}

kj::AsyncIoStream& accepted_socket::stream() {
  if (stream_.get() == nullptr) {
    using flags = kj::LowLevelAsyncIoProvider;
    stream_ = io_.wrapSocketFd(fd_.release(), flags::TAKE_OWNERSHIP | flags::ALREADY_CLOEXEC |
                                                  flags::ALREADY_NONBLOCK);
  }
  return *stream_;
}

}  // namespace troupe::reactor
