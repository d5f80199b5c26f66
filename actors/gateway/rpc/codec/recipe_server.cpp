#include "actors/gateway/rpc/codec/recipe_server.hpp"

#include <cstring>
#include <utility>

#include <capnp/message.h>
#include <capnp/serialize.h>
#include <kj/debug.h>

namespace troupe::rpc::codec {
namespace {

using outcome = role::recipe::answered;

/// The answer to a call; broken if the gateway ends before.
class call_sink final : public recipe_sink {
public:
  explicit call_sink(kj::Own<kj::PromiseFulfiller<outcome>> to) : to_(kj::mv(to)) {}
  ~call_sink() noexcept override {}  // NOLINT: KJ's objects may throw, and must not here
  void answered(outcome&& with) override { to_->fulfill(std::move(with)); }

private:
  kj::Own<kj::PromiseFulfiller<outcome>> to_;
};

/// A call that may be given up. When it goes without an answer, the recipe is told why.
class open_call {
public:
  open_call(std::shared_ptr<link_context> link, std::uint64_t number)
      : link_(std::move(link)), number_(number) {}
  ~open_call() {
    if (!link_->ending)
      link_->recipes->cancel(number_);
    else
      link_->recipes->forget(number_);
  }
  open_call(const open_call&) = delete;
  open_call& operator=(const open_call&) = delete;

private:
  const std::shared_ptr<link_context> link_;
  const std::uint64_t number_;
};

/// Capabilities of the client itself stay here: recipes have no use for them.
blob bytes_of(capnp::AnyPointer::Reader params) {
  capnp::MallocMessageBuilder message;
  capnp::BuilderCapabilityTable left_out;
  left_out.imbue(message.getRoot<capnp::AnyPointer>()).set(params);
  const auto words = capnp::messageToFlatArray(message);
  const auto bytes = words.asChars();
  return blob{std::string_view{bytes.begin(), bytes.size()}};
}

kj::Exception::Type type_of(error_code error) {
  switch (error) {
  case error_code::unimplemented:
    return kj::Exception::Type::UNIMPLEMENTED;
  case error_code::throttled:
    return kj::Exception::Type::OVERLOADED;
  case error_code::not_leader:
  case error_code::operation_timeout:
    return kj::Exception::Type::DISCONNECTED;  // asking again, elsewhere or later, may help
  default:
    return kj::Exception::Type::FAILED;
  }
}

[[noreturn]] void fail(error_code error, const std::string& why) {
  const auto text = std::string{to_string(error)} + ": " + why;
  kj::throwFatalException(
      kj::Exception(type_of(error), __FILE__, __LINE__, kj::heapString(text.c_str())));
}

}  // namespace

recipe_server::recipe_server(std::shared_ptr<link_context> link, std::uint64_t session,
                             std::string mount, std::uint64_t capability)
    : link_(std::move(link)), session_(session), mount_(std::move(mount)), capability_(capability) {
}

recipe_server::~recipe_server() noexcept {
  // With the connection alone nothing is dropped: the session may go on.
  if (capability_ != 0 && !link_->ending) link_->recipes->release(mount_, capability_);
}

capnp::Capability::Server::DispatchCallResult
recipe_server::dispatchCall(std::uint64_t interface_id, std::uint16_t method,
                            capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context) {
  const auto client = link_->live().client(session_);
  if (!client) fail(error_code::session_expired, "the session has ended, or goes on elsewhere");
  if (!link_->recipes->find(mount_)) fail(error_code::no_node, "nothing is mounted at " + mount_);
  role::recipe::call made;
  made.capability = capability_;
  made.interface_id = interface_id;
  made.method = method;
  made.params = bytes_of(context.getParams());
  made.session = client->first;
  made.who = client->second;
  context.releaseParams();
  context.allowCancellation();
  auto promise = kj::newPromiseAndFulfiller<outcome>();
  const auto number = link_->recipes->call(mount_, std::move(made),
                                           std::make_unique<call_sink>(kj::mv(promise.fulfiller)));
  auto done = promise.promise.then([this, context](outcome&& with) mutable {
    if (with.error != error_code::ok) fail(with.error, with.why);
    const auto bytes = with.results.view();
    auto words = kj::heapArray<capnp::word>(bytes.size() / sizeof(capnp::word));
    std::memcpy(words.begin(), bytes.data(), words.size() * sizeof(capnp::word));
    capnp::FlatArrayMessageReader reader{words};
    auto table =
        kj::heapArrayBuilder<kj::Maybe<kj::Own<capnp::ClientHook>>>(with.capabilities.size());
    for (const auto one : with.capabilities) {
      capnp::Capability::Client made_here = kj::heap<recipe_server>(link_, session_, mount_, one);
      table.add(capnp::ClientHook::from(kj::mv(made_here)));
    }
    capnp::ReaderCapabilityTable capabilities{table.finish()};
    context.getResults().set(capabilities.imbue(reader.getRoot<capnp::AnyPointer>()));
  });
  return {done.attach(kj::heap<open_call>(link_, number), thisCap()), false};
}

}  // namespace troupe::rpc::codec
