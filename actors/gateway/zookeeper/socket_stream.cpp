#include "actors/gateway/zookeeper/socket_stream.hpp"

#include <utility>

namespace troupe::zk {
namespace {

// A connection that is used little holds a small buffer; one that fills it gets a larger one.
constexpr std::size_t smallest_read_bytes = 1024;
constexpr std::size_t largest_read_bytes = 64 * 1024;
/// Reads in a row that would have fitted into a much smaller buffer, until it shrinks.
constexpr std::uint8_t small_reads_to_shrink = 32;
/// Output buffers above this size are given back after use.
constexpr std::size_t kept_output_bytes = 4 * 1024;
/// Input that is thrown away at the end of a conversation, at most.
constexpr std::size_t most_drained_bytes = 256 * 1024;
/// Calls of `tick` that sending the rest may take, and that draining may take then. Clients close
/// as soon as they see the end, so the second wait is for broken ones only.
constexpr std::uint8_t most_ticks_of_sending = 10;
constexpr std::uint8_t most_ticks_of_draining = 2;

}  // namespace

socket_stream::socket_stream(kj::Own<kj::AsyncIoStream> socket, connection& state,
                             stream_owner& owner)
    : state_(state), owner_(owner), read_bytes_(smallest_read_bytes),
      read_buffer_(new char[smallest_read_bytes]), socket_(kj::mv(socket)) {}

void socket_stream::advance() {
  if (state_.state() == connection::phase::closed) {
    done_ = true;
    return;
  }
  if (!writing_now_) {
    if (state_.has_output()) {
      write();
    } else if (state_.state() == connection::phase::closing) {
      finish_sending();
    }
  }
  const bool ended = own_side_ended_ && (input_ended_ || drained_bytes_ > most_drained_bytes);
  if (ended) done_ = true;
  if (!done_ && !reading_now_ && !input_ended_ && state_.wants_input()) read();
}

void socket_stream::finish_sending() {
  if (std::exchange(own_side_ended_, true)) return;
  ticks_at_end_ = 0;
  const auto failure = kj::runCatchingExceptions([this] { socket_->shutdownWrite(); });
  if (failure != nullptr) done_ = true;  // the peer is gone already, and so is all that was left
}

void socket_stream::read() {
  reading_now_ = true;
  // KJ throws at once what the system says at once; evalNow makes both ways of failing one.
  reading_ = kj::evalNow([this] {
               return socket_->tryRead(read_buffer_.get(), 1, read_bytes_);
             }).then([this](std::size_t size) {
                 have_read(size);
               }).eagerlyEvaluate([this](kj::Exception&& error) {
    reading_now_ = false;
    owner_.connection_broken(state_, error.getDescription().cStr());
  });
}

void socket_stream::have_read(std::size_t size) {
  reading_now_ = false;
  if (size == 0) {
    input_ended_ = true;
    owner_.input_ended(state_);
    return;
  }
  if (state_.state() == connection::phase::closing) {
    drained_bytes_ += size;
    owner_.stream_changed(state_);
    return;
  }
  owner_.bytes_arrived(state_, {read_buffer_.get(), size});
  small_reads_ = size * 4 <= read_bytes_ ? static_cast<std::uint8_t>(small_reads_ + 1) : 0;
  auto wanted = read_bytes_;
  if (size == read_bytes_ && read_bytes_ < largest_read_bytes) wanted *= 4;
  if (small_reads_ == small_reads_to_shrink) {
    small_reads_ = 0;
    if (read_bytes_ > smallest_read_bytes) wanted /= 4;
  }
  if (wanted != read_bytes_) {
    read_bytes_ = wanted;
    read_buffer_.reset(new char[read_bytes_]);
  }
}

void socket_stream::write() {
  writing_now_ = true;
  sending_ = state_.take_output(std::move(sending_));
  writing_ = kj::evalNow([this] { return socket_->write(sending_.data(), sending_.size()); })
                 .then([this] {
                   writing_now_ = false;
                   state_.sent();
                   if (sending_.capacity() > kept_output_bytes) std::string{}.swap(sending_);
                   sending_.clear();
                   // Otherwise nothing waits for this, and the turn can be saved.
                   if (state_.has_output() || state_.wants_turn_after_sending()) {
                     owner_.stream_changed(state_);
                   }
                 })
                 .eagerlyEvaluate([this](kj::Exception&& error) {
                   writing_now_ = false;
                   owner_.connection_broken(state_, error.getDescription().cStr());
                 });
}

void socket_stream::tick() {
  if (state_.state() < connection::phase::closing) return;
  const auto most = own_side_ended_ ? most_ticks_of_draining : most_ticks_of_sending;
  if (++ticks_at_end_ < most) return;
  state_.abort("the client did not take the end of the conversation");
  done_ = true;
  owner_.stream_changed(state_);
}

}  // namespace troupe::zk
