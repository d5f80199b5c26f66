#include "runtime/client/codec/connection.hpp"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include <capnp/rpc-twoparty.h>
#include <coordination.capnp.h>

#include "runtime/client/codec/answers.hpp"
#include "runtime/client/codec/requests.hpp"
#include "runtime/client/codec/sizes.hpp"

namespace troupe::client::codec {
namespace {

capnp::Data::Reader bytes_of(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}
std::string text_of(capnp::Data::Reader data) {
  return {reinterpret_cast<const char*>(data.begin()), data.size()};
}

/// What the server calls; the host may be gone before it.
class watcher final : public api::Watcher::Server {
public:
  explicit watcher(std::shared_ptr<connection_host*> to) : to_(std::move(to)) {}

  kj::Promise<void> happened(HappenedContext context) override {
    std::vector<event> events;
    for (const auto one : context.getParams().getEvents())
      events.push_back({static_cast<event_kind>(one.getKind()),
                        {one.getPath().begin(), one.getPath().size()},
                        {one.getZxid()}});
    if (*to_) (*to_)->happened(std::move(events));
    return kj::READY_NOW;
  }
  kj::Promise<void> ended(EndedContext) override {
    if (*to_) (*to_)->ended();
    return kj::READY_NOW;
  }

private:
  const std::shared_ptr<connection_host*> to_;
};

const char* to_text(api::ServerMode mode) {
  static constexpr const char* names[] = {"starting", "standalone", "leader", "follower",
                                          "observer"};
  const auto index = static_cast<std::size_t>(mode);
  return index < std::size(names) ? names[index] : "unknown";
}

server_facts facts_of(api::ServerFacts::Reader from) {
  const auto limits = from.getLimits();
  return {{{"product", from.getProduct().cStr()},
           {"protocol", std::to_string(from.getNewestVersion())},
           {"server", std::to_string(from.getServer())},
           {"mode", to_text(from.getMode())},
           {"zxid", to_string(zxid{from.getZxid()})},
           {"writable", from.getWritable() ? "true" : "false"}},
          std::max<std::uint32_t>(limits.getOperations(), 1),
          limits.getMessageBytes()};
}

void put(api::Credential::Builder into, const credential& from) {
  into.setScheme(from.scheme.c_str());
  into.setSecret(bytes_of(from.secret));
}

using opening = std::variant<granted_session, problem>;

class rpc_connection final : public connection {
public:
  rpc_connection(kj::Own<kj::AsyncIoStream> stream, connection_host& host)
      : host_(std::make_shared<connection_host*>(&host)), stream_(kj::mv(stream)),
        client_(*stream_), coordination_(client_.bootstrap().castAs<api::Coordination>()) {}
  ~rpc_connection() noexcept override { *host_ = nullptr; }

  kj::Promise<server_facts> hello() override {
    auto request = coordination_.helloRequest();
    request.setClient("troupe::client");
    return request.send().then([](auto&& response) { return facts_of(response.getServer()); });
  }

  kj::Promise<opening> open(wanted_session wanted, const std::vector<credential>& who) override {
    if (!wanted.id) {
      auto request = coordination_.openSessionRequest();
      fill(request.initWish(), wanted, who);
      return request.send().then([this](auto&& response) { return take(response.getOpening()); });
    }
    auto request = coordination_.resumeSessionRequest();
    request.setId(wanted.id.value);
    request.setPassword(bytes_of(wanted.password));
    request.setSeen(wanted.seen.value);
    fill(request.initWish(), wanted, who);
    return request.send().then([this](auto&& response) { return take(response.getOpening()); });
  }

  kj::Promise<answers> submit(const std::vector<asked>& batch) override {
    std::size_t bytes = 0;
    for (const auto& one : batch)
      bytes += size_of(one.what);
    auto request = session_.submitRequest(
        capnp::MessageSize{bytes / sizeof(capnp::word) + batch.size() * 8, 0});
    auto operations = request.initOperations(static_cast<unsigned>(batch.size()));
    for (unsigned i = 0; i < batch.size(); ++i)
      encode(operations[i], batch[i].what, batch[i].how_new, batch[i].request_id);
    return request.send().then(
        [&batch](auto&& response) { return answers_of(response.getOutcomes(), batch); });
  }

  kj::Promise<void> keep_alive() override {
    return session_.keepAliveRequest().send().ignoreResult();
  }
  kj::Promise<problem> authenticate(const credential& who) override {
    auto request = session_.authenticateRequest();
    put(request.initCredential(), who);
    return request.send().then([](auto&& response) {
      return response.hasRefused() ? decode(response.getRefused()) : problem{};
    });
  }
  kj::Promise<std::vector<identity>> identities() override {
    return session_.identitiesRequest().send().then([](auto&& response) {
      std::vector<identity> all;
      for (const auto one : response.getAll())
        all.push_back({text_of(one.getScheme()), text_of(one.getId())});
      return all;
    });
  }
  kj::Promise<void> close() override { return session_.closeRequest().send().ignoreResult(); }
  kj::Promise<void> lost() override { return client_.onDisconnect(); }

private:
  void fill(api::SessionWish::Builder into, const wanted_session& wanted,
            const std::vector<credential>& who) {
    into.setTimeoutMs(static_cast<std::uint32_t>(wanted.timeout.count()));
    into.setWatcher(kj::heap<watcher>(host_));
    auto credentials = into.initCredentials(static_cast<unsigned>(who.size()));
    for (unsigned i = 0; i < who.size(); ++i)
      put(credentials[i], who[i]);
  }
  opening take(api::Opening::Reader from) {
    if (from.isRefused()) return decode(from.getRefused());
    const auto granted = from.getGranted();
    session_ = granted.getSession();
    return granted_session{{granted.getId()},
                           text_of(granted.getPassword()),
                           milliseconds{granted.getTimeoutMs()},
                           {granted.getZxid()}};
  }
  static answers answers_of(api::Outcomes::Reader from, const std::vector<asked>& batch) {
    answers all;
    all.events = from.getEvents();
    all.each.reserve(batch.size());
    if (from.isRefused()) {
      answer refused;
      refused.zxid = {from.getZxid()};
      refused.why = decode(from.getRefused());
      all.each.assign(batch.size(), refused);
      return all;
    }
    const auto each = from.getEach();
    for (unsigned i = 0; i < each.size() && i < batch.size(); ++i)
      all.each.push_back(decode(each[i], batch[i].what));
    KJ_REQUIRE(all.each.size() == batch.size(), "the server left operations without an answer");
    return all;
  }

  const std::shared_ptr<connection_host*> host_;
  kj::Own<kj::AsyncIoStream> stream_;
  capnp::TwoPartyClient client_;
  api::Coordination::Client coordination_;
  api::Session::Client session_ = nullptr;
};

}  // namespace

kj::Own<connection> new_connection(kj::Own<kj::AsyncIoStream> stream, connection_host& host) {
  return kj::heap<rpc_connection>(kj::mv(stream), host);
}

}  // namespace troupe::client::codec
