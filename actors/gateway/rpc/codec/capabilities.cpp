#include "actors/gateway/rpc/codec/capabilities.hpp"

#include <string>
#include <utility>

#include <coordination.capnp.h>

#include <troupe/base/check.hpp>
#include <troupe/version.hpp>

#include "actors/gateway/rpc/codec/session_server.hpp"
#include "actors/gateway/rpc/codec/values.hpp"

namespace troupe::rpc::codec {
namespace {

constexpr std::uint16_t protocol_version = 1;
/// Bytes of an event beside its path.
constexpr std::size_t event_bytes = 64;

/// Tells the client what happened. What the client's side throws is its own affair.
class watcher_proxy final : public watcher_sink {
public:
  watcher_proxy(std::shared_ptr<link_context> link, api::Watcher::Client client)
      : link_(std::move(link)), client_(kj::mv(client)) {}
  ~watcher_proxy() noexcept override {}  // NOLINT: KJ's objects may throw, and must not here

  void happened(const std::vector<event>& events) override {
    std::size_t bytes = 0;
    for (const auto& one : events)
      bytes += one.path.size() + event_bytes;
    auto request = client_.happenedRequest(capnp::MessageSize{bytes / sizeof(capnp::word), 0});
    auto list = request.initEvents(static_cast<unsigned>(events.size()));
    for (unsigned i = 0; i < events.size(); ++i) {
      list[i].setKind(to_wire(events[i].kind));
      put_text([&](unsigned n) { return list[i].initPath(n); }, events[i].path);
      list[i].setZxid(events[i].at.value);
    }
    link_->event_bytes += bytes;
    request.send()
        .ignoreResult()
        .then([link = link_, bytes] { link->event_bytes -= bytes; },
              [link = link_, bytes](kj::Exception&&) { link->event_bytes -= bytes; })
        .detach([](kj::Exception&&) { /* these two throw nothing */ });
  }

  void ended(session_end cause) override {
    auto request = client_.endedRequest();
    request.setCause(to_wire(cause));
    request.send().ignoreResult().detach([](kj::Exception&&) { /* the client's affair */ });
  }

private:
  const std::shared_ptr<link_context> link_;
  api::Watcher::Client client_;
};

/// How a wish for a session ended.
struct opening_result {
  std::optional<granted_session> granted;
  problem refused;
};

class opening_answer final : public opening_sink {
public:
  explicit opening_answer(kj::Own<kj::PromiseFulfiller<opening_result>> to) : to_(kj::mv(to)) {}
  ~opening_answer() noexcept override {}  // NOLINT: as above

  void granted(granted_session&& session) override { to_->fulfill({std::move(session), {}}); }
  void refused(problem&& why) override { to_->fulfill({std::nullopt, std::move(why)}); }

private:
  kj::Own<kj::PromiseFulfiller<opening_result>> to_;
};

api::ServerMode to_wire(role::broadcast::server_mode mode) {
  using role::broadcast::server_mode;
  switch (mode) {
  case server_mode::starting:
    return api::ServerMode::STARTING;
  case server_mode::standalone:
    return api::ServerMode::STANDALONE;
  case server_mode::leader:
    return api::ServerMode::LEADER;
  case server_mode::follower:
    return api::ServerMode::FOLLOWER;
  case server_mode::observer:
    return api::ServerMode::OBSERVER;
  }
  return api::ServerMode::STARTING;
}

class coordination_server final : public api::Coordination::Server {
public:
  explicit coordination_server(std::shared_ptr<link_context> link) : link_(std::move(link)) {}

  kj::Promise<void> hello(HelloContext context) override {
    const auto& board = link_->live();
    auto facts = context.getResults().initServer();
    facts.setLeastVersion(protocol_version);
    facts.setNewestVersion(protocol_version);
    facts.setProduct(("Troupe " + std::string{version}).c_str());
    facts.setServer(board.server().server.value);
    facts.setMode(to_wire(board.server().mode));
    facts.setZxid(board.applied().value);
    facts.setWritable(board.server().writable);
    auto limits = facts.initLimits();
    limits.setMessageBytes(link_->limits->message_bytes);
    limits.setOperations(link_->limits->batch_operations);
    limits.setDataBytes(link_->limits->data_bytes);
    limits.setReplyBytes(link_->limits->reply_bytes);
    limits.setSessions(link_->limits->sessions);
    return kj::READY_NOW;
  }

  kj::Promise<void> openSession(OpenSessionContext context) override { return open({}, context); }

  kj::Promise<void> resumeSession(ResumeSessionContext context) override {
    const auto params = context.getParams();
    session_wish wish;
    wish.resumes = {params.getId()};
    wish.password = view_of(params.getPassword());
    wish.seen = {params.getSeen()};
    if (wish.resumes) return open(std::move(wish), context);
    // Zero is the id of no session.
    put(context.getResults().initOpening().initRefused(), as_problem(error_code::session_expired),
        {});
    return kj::READY_NOW;
  }

private:
  template <class Context>
  kj::Promise<void> open(session_wish wish, Context context) {
    auto& board = link_->live();
    const auto asked = context.getParams().getWish();
    identity_set who{link_->address};
    if (auto why = refusal(asked, who)) {
      put(context.getResults().initOpening().initRefused(), *why, {});
      return kj::READY_NOW;
    }
    const bool has_watcher = asked.hasWatcher();
    wish.link = link_->number;
    wish.timeout = milliseconds{asked.getTimeoutMs()};
    wish.who = who.current();
    if (has_watcher) wish.watcher = std::make_unique<watcher_proxy>(link_, asked.getWatcher());
    auto promise = kj::newPromiseAndFulfiller<opening_result>();
    ++opening_;
    board.open(std::move(wish), std::make_unique<opening_answer>(kj::mv(promise.fulfiller)));
    return promise.promise
        .then([context, link = link_, who = std::move(who),
               has_watcher](opening_result&& result) mutable {
          auto opening = context.getResults().initOpening();
          if (!result.granted) return put(opening.initRefused(), result.refused, {});
          const auto& session = *result.granted;
          auto granted = opening.initGranted();
          granted.setSession(
              kj::heap<session_server>(link, session.number, std::move(who), has_watcher));
          granted.setId(session.session.value);
          granted.setPassword(bytes_of(session.password));
          granted.setTimeoutMs(static_cast<std::uint32_t>(session.timeout.count()));
          granted.setZxid(session.at.value);
          granted.setNumber(session.number);
        })
        .attach(kj::defer([this, self = thisCap()] { --opening_; }));
  }

  /// Why the client gets no session, as far as it shows at once.
  std::optional<problem> refusal(api::SessionWish::Reader asked, identity_set& who) const {
    if (link_->sessions + opening_ >= link_->limits->sessions) {
      problem why;
      why.what = problem::kind::too_many;
      why.size = link_->sessions + opening_ + 1;
      why.limit = link_->limits->sessions;
      why.text = "max_sessions_per_connection is the limit of one connection";
      return why;
    }
    for (const auto credential : asked.getCredentials())
      if (auto why = take_credential(who, credential, link_->limits->super_digest)) return why;
    return std::nullopt;
  }

  const std::shared_ptr<link_context> link_;
  std::uint32_t opening_ = 0;
};

}  // namespace

capnp::Capability::Client new_coordination(std::shared_ptr<link_context> link) {
  return kj::heap<coordination_server>(std::move(link));
}

}  // namespace troupe::rpc::codec
