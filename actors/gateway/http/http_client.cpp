#include "actors/gateway/http/http_client.hpp"

#include <strings.h>

#include <chrono>
#include <memory>
#include <utility>

namespace troupe::http {
namespace {

using namespace std::chrono_literals;

/// Whether the client waits for the end of the connection, as old ones do.
bool asks_for_end(const kj::HttpHeaders& headers) {
  KJ_IF_MAYBE (value, headers.get(kj::HttpHeaderId::CONNECTION)) {
    return strcasecmp(value->cStr(), "close") == 0;
  }
  return false;
}

/// How long an answer may take to be made. Longer than the overview waits for a component that does
/// not answer.
constexpr auto answer_timeout = 4 * kj::SECONDS;

class ending final : public kj::AsyncIoStream {
public:
  ending(kj::Own<kj::AsyncIoStream> socket, const http_client& client)
      : socket_(kj::mv(socket)), client_(client) {}

  kj::Promise<std::size_t> tryRead(void* to, std::size_t least, std::size_t most) override {
    if (client_.has_all()) return std::size_t{0};
    return socket_->tryRead(to, least, most);
  }
  kj::Promise<void> write(const void* from, std::size_t size) override {
    return socket_->write(from, size);
  }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return socket_->write(pieces);
  }
  kj::Promise<void> whenWriteDisconnected() override { return socket_->whenWriteDisconnected(); }
  void shutdownWrite() override { socket_->shutdownWrite(); }
  void abortRead() override { socket_->abortRead(); }

private:
  kj::Own<kj::AsyncIoStream> socket_;
  const http_client& client_;
};

}  // namespace

kj::Own<kj::AsyncIoStream> ending_stream(kj::Own<kj::AsyncIoStream> socket,
                                         const http_client& client) {
  return kj::heap<ending>(kj::mv(socket), client);
}

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
                                       const kj::HttpHeaders& headers, kj::AsyncInputStream&,
                                       Response& response) {
  asked_for_end_ = asks_for_end(headers);
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
  owner_.end_with_answer(asked_for_end_);  // the head is sent before this function ends
  KJ_DEFER(owner_.end_with_answer(false));
  return owner_.timer().timeoutAfter(send_timeout_.count() * kj::NANOSECONDS,
                                     send_page(std::move(what), head, owner_, response));
}

}  // namespace troupe::http
