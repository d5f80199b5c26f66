#include "actors/gateway/rpc/codec/rpc_link.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <capnp/rpc.capnp.h>

#include <troupe/sdk/log.hpp>

#include "actors/gateway/rpc/codec/capabilities.hpp"

namespace troupe::rpc::codec {
namespace {

using namespace std::chrono_literals;
using status = sdk::byte_stream::status;

/// A connection has this power of two as the part of its limits while all together hold too much.
constexpr unsigned shift_under_pressure = 4;
/// Buffers above this size are given back after use.
constexpr std::size_t kept_bytes = 16 * 1024;
/// Input that is thrown away at the end of a conversation, at most.
constexpr std::size_t most_drained_bytes = 256 * 1024;
/// How long a client may take to take the end of the conversation.
constexpr auto farewell_time = 5s;

kj::Exception failure(const std::string& why) {
  return {kj::Exception::Type::FAILED, __FILE__, __LINE__, kj::heapString(why.c_str())};
}

}  // namespace

rpc_link::rpc_link(const sdk::ports& ports, kj::Own<kj::AsyncIoStream> socket, link_peer peer,
                   desk& board, std::shared_ptr<recipe_desk> recipes, const link_limits& limits,
                   link_owner& owner)
    : peer_(std::move(peer)), limits_(limits), board_(board), owner_(owner),
      input_(context_, limits.message_bytes),
      direct_(context_,
              [this](capnp::MessageBuilder& message) { append(message.getSegmentsForOutput()); }),
      idle_since_(ports.clock.now()) {
  context_->board = &board;
  context_->recipes = std::move(recipes);
  context_->limits = &limits_;
  context_->number = peer_.number;
  context_->address = peer_.address;
  socket_ =
      sdk::make_byte_stream(ports, kj::mv(socket), static_cast<sdk::byte_stream_events&>(*this));
  network_ = kj::heap<capnp::TwoPartyVatNetwork>(static_cast<capnp::MessageStream&>(*this),
                                                 capnp::rpc::twoparty::Side::SERVER);
  rpc_ = kj::heap(capnp::makeRpcServer(*network_, new_coordination(context_)));
}

rpc_link::~rpc_link() noexcept {
  context_->board = nullptr;
  context_->ending = true;
  context_->waiting.clear();
  board_.release_link(peer_.number);
  const auto failed = kj::runCatchingExceptions([this] {
    rpc_ = nullptr;
    network_ = nullptr;
  });
  KJ_IF_MAYBE (error, failed)
    sdk::log::debug("rpc_link_end", {{"reason", error->getDescription().cStr()}});
}

// ------------------------------------------------------------------- input

kj::Promise<rpc_link::read_result> rpc_link::tryReadMessage(kj::ArrayPtr<kj::AutoCloseFd>,
                                                            capnp::ReaderOptions,
                                                            kj::ArrayPtr<capnp::word>) {
  auto promise = kj::newPromiseAndFulfiller<read_result>();
  reader_ = kj::mv(promise.fulfiller);
  hand_over();
  if (reader_.get() != nullptr) changed();  // there may be room to read again
  return kj::mv(promise.promise);
}

bool rpc_link::can_hand_over() const noexcept {
  if (!why_.empty()) return true;  // the reason
  if (!input_.empty()) return !paused_ && !draining_ && board_.serving();
  return input_ended_;
}

/// The next message that is not taken here; null if there is none.
kj::Own<capnp::MessageReader> rpc_link::take_message() {
  while (can_hand_over() && why_.empty() && !input_.empty()) {
    auto message = input_.pop();
    bool taken = false;
    const auto failed = kj::runCatchingExceptions([&] {
      taken = direct_.take(message);
      if (!taken) count_call(*message);
    });
    KJ_IF_MAYBE (error, failed) end(error->getDescription().cStr(), true);
    if (open_calls_ + direct_.open() > limits_.open_calls) {
      end("more than max_open_calls (" + std::to_string(limits_.open_calls) +
              ") calls are not answered, or not finished",
          true);
    }
    if (over_limits(0)) paused_ = true;
    if (!taken && why_.empty()) return message;
  }
  return {};
}

/// Calls whose answers the client does not let go stay in the RPC system's tables, so they are
/// counted.
void rpc_link::count_call(capnp::MessageReader& message) {
  switch (message.getRoot<capnp::rpc::Message>().which()) {
  case capnp::rpc::Message::BOOTSTRAP:
  case capnp::rpc::Message::CALL:
    ++open_calls_;
    break;
  case capnp::rpc::Message::FINISH:
    if (open_calls_ > 0) --open_calls_;
    break;
  default:
    break;
  }
}

void rpc_link::hand_over() {
  if (reader_.get() == nullptr || !can_hand_over()) return;
  auto message = take_message();
  if (!why_.empty()) {
    auto to = kj::mv(reader_);
    return to->reject(failure(why_));
  }
  const bool ended = input_ended_ && input_.empty();
  if (message.get() == nullptr && !ended) return;
  auto to = kj::mv(reader_);
  if (message.get() == nullptr) return to->fulfill(nullptr);
  to->fulfill(capnp::MessageReaderAndFds{kj::mv(message), nullptr});
}

bool rpc_link::over_limits(unsigned shift) const noexcept {
  if (owner_.under_pressure()) shift += shift_under_pressure;
  // However small the share, one may always be under way, or nobody would ever go on.
  const auto reached = [shift](std::size_t value, std::size_t limit) {
    return value >= std::max<std::size_t>(limit >> shift, 1);
  };
  return reached(context_->outstanding_operations, limits_.outstanding_operations) ||
         reached(context_->outstanding_bytes, limits_.outstanding_bytes) ||
         reached(context_->unsent_bytes, limits_.unsent_bytes) || !context_->waiting.empty();
}

bool rpc_link::takes_input() const noexcept {
  if (input_ended_ || !socket_->may_read()) return false;
  if (!why_.empty()) return drained_bytes_ <= most_drained_bytes;
  return !paused_ && !draining_ && input_.empty() && board_.serving();
}

void rpc_link::read() {
  if (!takes_input()) return;
  const auto buffer = owner_.read_buffer();
  const auto got = socket_->read(buffer);
  switch (got.what) {
  case status::done:
    owner_.received(got.bytes);
    if (!why_.empty()) {
      drained_bytes_ += got.bytes;
    } else if (!input_.push({buffer.data(), got.bytes})) {
      end(input_.problem(), true);
    }
    hand_over();
    if (takes_input()) changed();
    return;
  case status::wait:
    return;
  case status::end:
    input_ended_ = context_->ending = true;
    if (input_.empty()) hand_over();
    return changed();
  case status::broken:
    return broken(socket_->error());
  }
}

void rpc_link::readable() { read(); }

// ------------------------------------------------------------------ output

kj::Promise<void>
rpc_link::writeMessage(kj::ArrayPtr<const int>,
                       kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) {
  direct_.sent(segments);
  append(segments);
  return kj::READY_NOW;
}

void rpc_link::append(kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) {
  const auto put_number = [this](std::size_t value) {
    const auto number = static_cast<std::uint32_t>(value);
    for (unsigned shift = 0; shift < 32; shift += 8)
      output_.push_back(static_cast<char>(number >> shift & 0xff));
  };
  put_number(segments.size() - 1);
  for (const auto& one : segments)
    put_number(one.size());
  if (segments.size() % 2 == 0) put_number(0);
  for (const auto& one : segments) {
    const auto bytes = one.asBytes();
    output_.append(reinterpret_cast<const char*>(bytes.begin()), bytes.size());
  }
  context_->unsent_bytes = output_.size() - sent_;
  changed();
}

kj::Promise<void> rpc_link::writeMessages(
    kj::ArrayPtr<kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>> messages) {
  for (const auto& one : messages) {
    // Done at once, so there is nothing to wait for.
    [[maybe_unused]] const auto written = writeMessage(nullptr, one);
  }
  return kj::READY_NOW;
}

kj::Promise<void> rpc_link::end() {
  output_ended_ = true;
  if (!input_ended_) end("the client does not keep to Cap'n Proto's protocol", true);
  end("closed by the client", false);
  changed();
  return kj::READY_NOW;
}

void rpc_link::write() {
  while (sent_ < output_.size() && !waits_to_write_ && !done_) {
    const auto wrote = socket_->write(std::string_view{output_}.substr(sent_));
    if (wrote.what == status::wait) {
      waits_to_write_ = true;
    } else if (wrote.what == status::done) {
      sent_ += wrote.bytes;
    } else {
      return broken(socket_->error());
    }
  }
  if (sent_ == output_.size()) {
    output_.clear();
    sent_ = 0;
    if (output_.capacity() > kept_bytes) std::string{}.swap(output_);
  } else if (sent_ > kept_bytes && sent_ >= output_.size() / 2) {
    // What has left must not stay. Moving no more than has left keeps the cost constant.
    output_ = output_.substr(sent_);
    sent_ = 0;
  }
  context_->unsent_bytes = output_.size() - sent_;
}

void rpc_link::writable() {
  waits_to_write_ = false;
  changed();
}

// -------------------------------------------------------------------- turns

void rpc_link::advance() {
  if (done_) return;
  context_->promised_bytes = 0;
  write();
  if (done_) return;
  context_->answer_waiting();
  if (context_->event_bytes > limits_.unsent_event_bytes && why_.empty()) {
    end("does not take its events: more than max_unsent_event_bytes (" +
            std::to_string(limits_.unsent_event_bytes) + ") wait for it",
        true);
  }
  if (draining_ && context_->outstanding_operations == 0 && context_->waiting.empty() &&
      why_.empty()) {
    end("the server stops", false);
  }
  if (paused_ && !over_limits(1)) paused_ = false;
  hand_over();
  if (output_ended_ && output_.empty()) finish_sending();
  const bool ended = own_side_ended_ && (input_ended_ || drained_bytes_ > most_drained_bytes);
  if (ended) done_ = true;
  if (!done_) read();
}

void rpc_link::end(std::string why, bool warn) {
  if (!why_.empty()) return;
  why_ = std::move(why);
  context_->ending = true;
  warns_ = warn;
  changed();
}

void rpc_link::drain() {
  draining_ = true;
  changed();
}

void rpc_link::broken(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  done_ = true;
  changed();
}

void rpc_link::finish_sending() {
  if (std::exchange(own_side_ended_, true)) return;
  if (!socket_->end_output()) done_ = true;  // the peer is gone already, and so is all else
}

void rpc_link::tick(monotonic_time now) {
  if (board_.live_sessions(peer_.number) > 0) idle_since_ = now;
  if (why_.empty() && now - idle_since_ > limits_.handshake_timeout) {
    end("no session within handshake_timeout (" +
            std::to_string(limits_.handshake_timeout / milliseconds{1}) + " ms)",
        true);
  }
  if (why_.empty()) {
    ending_since_ = now;
  } else if (now - ending_since_ > farewell_time) {
    done_ = true;
    changed();
  }
}

std::size_t rpc_link::held() const noexcept {
  return context_->outstanding_bytes + context_->unsent_bytes + context_->event_bytes +
         input_.held();
}

}  // namespace troupe::rpc::codec

namespace troupe::rpc {

std::unique_ptr<link> new_link(const sdk::ports& ports, kj::Own<kj::AsyncIoStream> socket,
                               link_peer peer, desk& board, std::shared_ptr<recipe_desk> recipes,
                               const link_limits& limits, link_owner& owner) {
  return std::make_unique<codec::rpc_link>(ports, kj::mv(socket), std::move(peer), board, recipes,
                                           limits, owner);
}

}  // namespace troupe::rpc
