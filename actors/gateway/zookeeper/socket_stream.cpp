#include "actors/gateway/zookeeper/socket_stream.hpp"

#include <utility>

namespace troupe::zk {
namespace {

using status = sdk::byte_stream::status;

/// Input that is thrown away at the end of a conversation, at most.
constexpr std::size_t most_drained_bytes = 256 * 1024;
/// Calls of `tick` that sending the rest may take, and that draining may take then. Clients close
/// as soon as they see the end, so the second wait is for broken ones only.
constexpr std::uint8_t most_ticks_of_sending = 10;
constexpr std::uint8_t most_ticks_of_draining = 2;

}  // namespace

socket_stream::socket_stream(const sdk::ports& ports, kj::Own<kj::AsyncIoStream> socket,
                             connection& state, stream_owner& owner)
    : state_(state), owner_(owner),
      socket_(sdk::make_byte_stream(ports, kj::mv(socket),
                                    static_cast<sdk::byte_stream_events&>(*this))) {}

void socket_stream::advance() {
  if (state_.state() == connection::phase::closed) {
    done_ = true;
    return;
  }
  write();
  if (state_.all_sent() && state_.state() == connection::phase::closing) finish_sending();
  const bool ended = own_side_ended_ && (input_ended_ || drained_bytes_ > most_drained_bytes);
  if (ended) done_ = true;
  if (done_ || !wants_to_read()) return;
  // More than fitted into the buffer, or held up by back-pressure until now. What is left behind
  // this read has to wait for the next turn.
  read();
  if (wants_to_read()) owner_.stream_changed(state_);
}

bool socket_stream::wants_to_read() const noexcept {
  return !input_ended_ && socket_->may_read() && state_.wants_input();
}

void socket_stream::read() {
  if (!wants_to_read()) return;
  const auto buffer = owner_.read_buffer();
  const auto got = socket_->read(buffer);
  switch (got.what) {
  case status::done:
    return have_read({buffer.data(), got.bytes});
  case status::wait:
    return;
  case status::end:
    input_ended_ = true;
    return owner_.input_ended(state_);
  case status::broken:
    input_ended_ = true;
    return owner_.connection_broken(state_, socket_->error());
  }
}

void socket_stream::have_read(std::string_view bytes) {
  if (state_.state() != connection::phase::closing) {
    owner_.bytes_arrived(state_, bytes);
    if (wants_to_read()) owner_.stream_changed(state_);
    return;
  }
  drained_bytes_ += bytes.size();
  owner_.stream_changed(state_);
}

void socket_stream::write() {
  while (state_.has_output() && !waits_to_write_) {
    const auto wrote = socket_->write(state_.output());
    if (wrote.what == status::wait) {
      waits_to_write_ = true;
    } else if (wrote.what == status::done) {
      state_.sent(wrote.bytes);
      // For input held up by the bound of unsent bytes.
      if (state_.wants_turn_after_sending()) owner_.stream_changed(state_);
    } else {
      return owner_.connection_broken(state_, socket_->error());
    }
  }
}

void socket_stream::writable() {
  waits_to_write_ = false;
  owner_.stream_changed(state_);
}

void socket_stream::finish_sending() {
  if (std::exchange(own_side_ended_, true)) return;
  if (state_.said_goodbye() && !socket_->may_read()) {
    done_ = true;
    return;
  }
  ticks_at_end_ = 0;
  if (!socket_->end_output()) done_ = true;  // the peer is gone already, and so is all else
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
