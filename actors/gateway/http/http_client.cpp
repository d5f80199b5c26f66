#include "actors/gateway/http/http_client.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace troupe::http {
namespace {

using namespace std::chrono_literals;

/// How long an answer may take to be made. Longer than the overview waits for a component that does
/// not answer.
constexpr auto answer_timeout = 4 * kj::SECONDS;

}  // namespace

kj::Promise<void> send_page(page what, bool head, client_owner& owner,
                            kj::HttpService::Response& response) {
  auto headers = owner.new_headers();
  headers.set(kj::HttpHeaderId::CONTENT_TYPE, kj::str(what.media_type.c_str()));
  if (what.status == 405) headers.set(owner.allow_header(), kj::str("GET, HEAD"));
  auto body = std::make_unique<std::string>(std::move(what.body));
  auto stream = response.send(what.status, reason_phrase(what.status), headers, body->size());
  if (head) return kj::READY_NOW;
  auto written = stream->write(body->data(), body->size());
  return written.attach(kj::mv(stream), std::move(body));
}

kj::Promise<void> http_client::request(kj::HttpMethod method, kj::StringPtr url,
                                       const kj::HttpHeaders&, kj::AsyncInputStream&,
                                       Response& response) {
  busy_ = true;
  status_ = 0;
  const bool head = method == kj::HttpMethod::HEAD;
  auto answer =
      owner_.timer()
          .timeoutAfter(answer_timeout, owner_.ask(method, url))
          .catch_([](kj::Exception&&) {
            return error_page(504, "no answer in time: a component is stuck or overloaded");
          })
          .then(
              [this, head, &response](page&& what) { return send(kj::mv(what), head, response); });
  return answer.attach(kj::defer([this] {
    busy_ = false;
    silent_since_ = owner_.now();
    owner_.answered(*this, status_);
  }));
}

kj::Promise<void> http_client::send(page what, bool head, Response& response) {
  status_ = what.status;
  return owner_.timer().timeoutAfter(send_timeout_.count() * kj::NANOSECONDS,
                                     send_page(std::move(what), head, owner_, response));
}

}  // namespace troupe::http
