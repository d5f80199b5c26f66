/// A connection that was accepted or made, before anybody has said how it will be used.
#pragma once

#include <cstddef>
#include <cstdint>

#include <sys/socket.h>

#include <kj/async-io.h>
#include <kj/io.h>

namespace troupe::reactor {

/// It is only a descriptor and the address of the peer, which was known without a further call. It
/// becomes one of KJ's streams when it is first used as one; or its descriptor is taken.
class accepted_socket final : public kj::AsyncIoStream {
public:
  /// `fd` does not block. `io` outlives this object.
  accepted_socket(kj::LowLevelAsyncIoProvider& io, kj::AutoCloseFd fd, const sockaddr_storage& peer,
                  socklen_t peer_bytes)
      : io_(io), fd_(kj::mv(fd)), peer_(peer), peer_bytes_(peer_bytes) {}
  ~accepted_socket() noexcept(false) = default;

  /// Whether the descriptor can still be taken.
  [[nodiscard]] bool is_fresh() const noexcept { return fd_.get() >= 0; }
  [[nodiscard]] kj::AutoCloseFd take() { return kj::mv(fd_); }
  /// Whoever took it cannot use it.
  void give_back(kj::AutoCloseFd fd) { fd_ = kj::mv(fd); }

  kj::Promise<std::size_t> tryRead(void* to, std::size_t least, std::size_t most) override {
    return stream().tryRead(to, least, most);
  }
  kj::Promise<std::uint64_t> pumpTo(kj::AsyncOutputStream& to, std::uint64_t most) override {
    return stream().pumpTo(to, most);
  }
  kj::Promise<void> write(const void* from, std::size_t size) override {
    return stream().write(from, size);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return stream().write(pieces);
  }
  kj::Maybe<kj::Promise<std::uint64_t>> tryPumpFrom(kj::AsyncInputStream& from,
                                                    std::uint64_t most) override {
    return stream().tryPumpFrom(from, most);
  }
  kj::Promise<void> whenWriteDisconnected() override { return stream().whenWriteDisconnected(); }
  void shutdownWrite() override { stream().shutdownWrite(); }
  void abortRead() override { stream().abortRead(); }
  void getsockopt(int level, int option, void* value, kj::uint* size) override {
    stream().getsockopt(level, option, value, size);
  }
  void setsockopt(int level, int option, const void* value, kj::uint size) override {
    stream().setsockopt(level, option, value, size);
  }
  void getsockname(sockaddr* address, kj::uint* size) override {
    stream().getsockname(address, size);
  }
  void getpeername(sockaddr* address, kj::uint* size) override;
  [[nodiscard]] kj::Maybe<int> getFd() const override;

private:
  kj::AsyncIoStream& stream();

  kj::LowLevelAsyncIoProvider& io_;
  kj::AutoCloseFd fd_;  ///< until it is taken or becomes a stream
  const sockaddr_storage peer_;
  const socklen_t peer_bytes_;
  kj::Own<kj::AsyncIoStream> stream_;
};

}  // namespace troupe::reactor
