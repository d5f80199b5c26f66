#include <troupe/sdk/sockets.hpp>

#include <algorithm>
#include <array>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <troupe/sdk/log.hpp>

namespace troupe::sdk {
namespace {

std::string text_of(int family, const void* bytes) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, bytes, text.data(), text.size());
  return text.data();
}

peer_name name_of(const sockaddr_storage& raw) {
  if (raw.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(raw);
    return {text_of(AF_INET, &v4.sin_addr), ntohs(v4.sin_port)};
  }
  const auto& v6 = reinterpret_cast<const sockaddr_in6&>(raw);
  if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) {
    return {text_of(AF_INET, &v6.sin6_addr.s6_addr[12]), ntohs(v6.sin6_port)};
  }
  return {text_of(AF_INET6, &v6.sin6_addr), ntohs(v6.sin6_port)};
}

}  // namespace

std::optional<peer_name> peer_of(kj::AsyncIoStream& socket) {
  sockaddr_storage raw{};
  kj::uint length = sizeof raw;
  const auto failure = kj::runCatchingExceptions(
      [&] { socket.getpeername(reinterpret_cast<sockaddr*>(&raw), &length); });
  KJ_IF_MAYBE (error, failure) {
    if (error->getType() == kj::Exception::Type::UNIMPLEMENTED) return peer_name{"127.0.0.1", 0};
    return std::nullopt;
  }
  if (raw.ss_family == AF_INET || raw.ss_family == AF_INET6) return name_of(raw);
  return peer_name{"127.0.0.1", 0};
}

void keep_alive(kj::ConnectionReceiver& socket) {
  const int on = 1;
  const auto failure = kj::runCatchingExceptions(
      [&] { socket.setsockopt(SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on); });
  if (failure != nullptr) log::debug("keepalive_not_set");
}

std::string reason_of(const kj::Exception& error) {
  std::string text = error.getDescription().cStr();
  text = text.substr(0, text.find(';'));
  if (text.ends_with('.')) text.pop_back();
  const auto colon = text.rfind(": ");
  return colon == std::string::npos ? text : text.substr(colon + 2);
}

std::uint64_t file_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

std::uint64_t reserved_files(std::uint64_t limit) {
  constexpr std::uint64_t enough = 64;
  return std::min(enough, limit / 4);
}

bool is_among_last_files(const kj::AsyncIoStream& socket, std::uint64_t limit) {
  if (limit == 0) return false;
  KJ_IF_MAYBE (descriptor, socket.getFd()) {
    return static_cast<std::uint64_t>(*descriptor) + reserved_files(limit) >= limit;
  }
  return false;
}

}  // namespace troupe::sdk
