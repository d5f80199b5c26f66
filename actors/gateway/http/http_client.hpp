/// One connection of an HTTP client.
#pragma once

#include <cstdint>
#include <functional>

#include <kj/compat/http.h>

#include <troupe/base/time.hpp>

#include "actors/gateway/http/pages.hpp"

namespace troupe::http {

class http_client;

/// The gateway, seen from its connections. Calls come on the reactor's thread.
class client_owner {
public:
  virtual ~client_owner() = default;
  /// The page for a request. Fails only if the gateway ends.
  virtual kj::Promise<page> ask(kj::HttpMethod method, kj::StringPtr url) = 0;
  /// An answer has left, or its client has.
  virtual void answered(http_client& by, unsigned status) = 0;
  virtual kj::Timer& timer() = 0;
  virtual monotonic_time now() = 0;
  /// An empty set of headers, and the number of the header Allow in it.
  virtual kj::HttpHeaders new_headers() = 0;
  [[nodiscard]] virtual kj::HttpHeaderId allow_header() const = 0;
  /// Whether a connection ends with the answer whose head is sent next.
  virtual void end_with_answer(bool ends) = 0;
};

/// Answers the requests of one connection, one after another.
class http_client final : public kj::HttpService {
public:
  http_client(std::uint64_t number, client_owner& owner, nanoseconds send_timeout)
      : number_(number), owner_(owner), send_timeout_(send_timeout), silent_since_(owner.now()) {}
  ~http_client() noexcept {}

  kj::Promise<void> request(kj::HttpMethod method, kj::StringPtr url,
                            const kj::HttpHeaders& headers, kj::AsyncInputStream& body,
                            Response& response) override;

  [[nodiscard]] std::uint64_t number() const noexcept { return number_; }
  /// Whether an answer is being made or sent.
  [[nodiscard]] bool busy() const noexcept { return busy_; }
  [[nodiscard]] monotonic_time silent_since() const noexcept { return silent_since_; }
  /// Whether the client was answered and asked for no more than that.
  [[nodiscard]] bool has_all() const noexcept { return asked_for_end_ && !busy_; }
  /// What reads and answers requests; dropping it closes the connection.
  void serve(kj::Promise<void> serving) { serving_ = kj::mv(serving); }

private:
  kj::Promise<void> send(page what, bool head, Response& response);

  const std::uint64_t number_;
  client_owner& owner_;
  const nanoseconds send_timeout_;
  monotonic_time silent_since_;
  bool busy_ = false;
  bool asked_for_end_ = false;
  unsigned status_ = 0;
  kj::Promise<void> serving_ = nullptr;
};

/// A client's connection that ends for KJ when the client has all it asked for: by itself KJ 0.9
/// only promises to close it.
kj::Own<kj::AsyncIoStream> ending_stream(kj::Own<kj::AsyncIoStream> socket,
                                         const http_client& client);

/// Sends a page as the answer to a request, with every header that it needs.
kj::Promise<void> send_page(page what, bool head, client_owner& owner,
                            kj::HttpService::Response& response);

}  // namespace troupe::http
