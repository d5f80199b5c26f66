#include "actors/gateway/rpc/codec/direct_calls.hpp"

#include <utility>

#include <capnp/rpc.capnp.h>
#include <capnp/serialize.h>
#include <coordination.capnp.h>
#include <kj/debug.h>

#include "actors/gateway/rpc/codec/operations.hpp"
#include "actors/gateway/rpc/codec/outcomes.hpp"
#include "actors/gateway/rpc/codec/session_server.hpp"
#include "actors/gateway/rpc/codec/values.hpp"

namespace troupe::rpc::codec {
namespace {

using capnp::rpc::Message;

constexpr std::uint64_t coordination_type = capnp::typeId<api::Coordination>();
constexpr std::uint64_t session_type = capnp::typeId<api::Session>();
// By their ordinals in the schema.
constexpr std::uint16_t open_method = 1, resume_method = 2, submit_method = 0,
                        authenticate_method = 2;
/// Of a message beside the outcomes.
constexpr std::uint64_t message_words = 16;

/// The call ends with an error of the RPC system.
void refuse(const std::function<void(capnp::MessageBuilder&)>& write, std::uint32_t question,
            const kj::Exception& error) {
  capnp::MallocMessageBuilder told;
  auto answered = told.initRoot<Message>().initReturn();
  answered.setAnswerId(question);
  auto exception = answered.initException();
  exception.setReason(error.getDescription());
  exception.setType(capnp::rpc::Exception::Type::FAILED);
  write(told);
}

}  // namespace

/// An answer on its way. Holds the call, because errors name paths of it.
class direct_calls::reply final : public link_context::target {
public:
  reply(direct_calls& calls, kj::Own<capnp::MessageReader> call)
      : calls_(calls), link_(calls.link_), call_(kj::mv(call)) {}
  ~reply() noexcept override {}  // NOLINT: KJ's objects may throw, and must not here

  void answer(finished_batch&& done) override {
    if (!link_->board) return;  // the connection is gone, and with it `calls_`
    const auto call = call_->getRoot<Message>().getCall();
    const auto operations =
        call.getParams().getContent().getAs<api::Session::SubmitParams>().getOperations();
    capnp::MallocMessageBuilder message{
        static_cast<unsigned>(expected_size(done).wordCount + message_words)};
    // Errors name paths of the call, and reading those counts against the limit of a message.
    const auto failed = kj::runCatchingExceptions([&] {
      encode(begin(message, call.getQuestionId()), done, operations, link_->limits->reply_bytes);
    });
    KJ_IF_MAYBE (error, failed)
      refuse(calls_.write_, call.getQuestionId(), *error);
    else
      calls_.write_(message);
  }
  static api::Outcomes::Builder begin(capnp::MessageBuilder& message, std::uint32_t question) {
    auto answered = message.initRoot<Message>().initReturn();
    answered.setAnswerId(question);
    return answered.initResults().getContent().initAs<api::Session::SubmitResults>().initOutcomes();
  }

private:
  direct_calls& calls_;
  const std::shared_ptr<link_context> link_;
  kj::Own<capnp::MessageReader> call_;
};

bool direct_calls::take(kj::Own<capnp::MessageReader>& message) {
  const auto root = message->getRoot<Message>();
  if (root.isCall()) return take_call(message);
  if (!root.isFinish() || open_.erase(root.getFinish().getQuestionId()) == 0) return false;
  message = nullptr;
  return true;
}

bool direct_calls::take_call(kj::Own<capnp::MessageReader>& message) {
  const auto call = message->getRoot<Message>().getCall();
  const auto question = call.getQuestionId();
  KJ_REQUIRE(!open_.contains(question), "the number of a call that has not ended is used again",
             question);
  const auto method = call.getMethodId();
  if (call.getInterfaceId() == coordination_type) {
    if (method == open_method || method == resume_method) openings_.insert(question);
    return false;
  }
  if (call.getInterfaceId() != session_type || !call.getTarget().isImportedCap()) return false;
  const auto number = sessions_.find(call.getTarget().getImportedCap());
  if (number == sessions_.end()) return false;
  const auto session = link_->servers.find(number->second);
  if (session == link_->servers.end()) return false;
  if (method != submit_method && method != authenticate_method) return false;
  const bool simple =
      call.getSendResultsTo().isCaller() && call.getParams().getCapTable().size() == 0;
  if (method != submit_method || !simple || link_->undelivered > 0) {
    ++link_->undelivered;
    return false;
  }
  open_.insert(question);
  run(*session->second, kj::mv(message));
  message = nullptr;
  return true;
}

void direct_calls::run(session_server& session, kj::Own<capnp::MessageReader> message) {
  const auto call = message->getRoot<Message>().getCall();
  const auto question = call.getQuestionId();
  const auto failed = kj::runCatchingExceptions([&] {
    const auto operations =
        call.getParams().getContent().getAs<api::Session::SubmitParams>().getOperations();
    if (operations.size() > link_->limits->batch_operations) {
      capnp::MallocMessageBuilder refused;
      put(reply::begin(refused, question).initRefused(),
          too_many_operations(operations.size(), *link_->limits), {});
      return write_(refused);
    }
    auto batch = decode(operations, *link_->limits, session.has_watcher());
    session.run(std::move(batch), std::make_unique<reply>(*this, kj::mv(message)));
  });
  KJ_IF_MAYBE (error, failed) refuse(write_, question, *error);
}

void direct_calls::sent(kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) {
  if (openings_.empty()) return;
  capnp::SegmentArrayMessageReader message{segments};
  const auto root = message.getRoot<Message>();
  if (!root.isReturn() || openings_.erase(root.getReturn().getAnswerId()) == 0) return;
  const auto answered = root.getReturn();
  if (!answered.isResults()) return;
  const auto results = answered.getResults();
  const auto opening =
      results.getContent().getAs<api::Coordination::OpenSessionResults>().getOpening();
  const auto capabilities = results.getCapTable();
  if (!opening.isGranted() || capabilities.size() != 1 || !capabilities[0].isSenderHosted()) return;
  sessions_[capabilities[0].getSenderHosted()] = opening.getGranted().getNumber();
}

}  // namespace troupe::rpc::codec
