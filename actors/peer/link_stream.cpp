#include "actors/peer/link_stream.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::peer {
namespace {

using status = sdk::byte_stream::status;
using phase = connection::phase;

/// Bytes given to the socket at once: some sockets copy what they are given.
constexpr std::size_t most_written_bytes = 1024 * 1024;
/// How long the end of a conversation may take.
constexpr std::chrono::milliseconds farewell_time{500};

}  // namespace

link_stream::link_stream(const sdk::ports& ports, kj::Own<kj::AsyncIoStream> socket,
                         std::unique_ptr<connection> state, std::shared_ptr<peer::intake> untaken,
                         stream_owner& owner)
    : state_(std::move(state)), intake_(std::move(untaken)), owner_(owner),
      socket_(sdk::make_byte_stream(ports, kj::mv(socket),
                                    static_cast<sdk::byte_stream_events&>(*this))) {}

link_stream::~link_stream() { intake_->close(); }

void link_stream::advance() {
  if (wants_to_read()) read();
  write();
  if (state_->where() == phase::closing && state_->output().empty()) {
    if (!std::exchange(output_ended_, true) && !socket_->end_output()) state_->abort();
    if (input_ended_) state_->abort();
  }
  if (!done() && wants_to_read()) owner_.mark(*this);
}

bool link_stream::has_work() const noexcept {
  if (done()) return true;
  if (!state_->output().empty()) return !waits_to_write_;
  return state_->where() == phase::closing && !output_ended_;
}

void link_stream::tick(monotonic_time now) {
  const bool listens = state_->where() != phase::up || !intake_->is_full();
  state_->tick(now, listens);
  if (state_->where() == phase::closing) {
    if (!closing_since_) closing_since_ = now;
    if (now - *closing_since_ >= farewell_time) state_->abort();
  }
  owner_.changed(*this);
}

bool link_stream::wants_to_read() {
  return !input_ended_ && !done() && socket_->may_read() && !intake_->is_full();
}

void link_stream::readable() {
  if (wants_to_read()) read();
  if (wants_to_read()) owner_.mark(*this);
}

void link_stream::read() {
  const auto buffer = owner_.read_buffer();
  const auto got = socket_->read(buffer);
  switch (got.what) {
  case status::wait:
    return;
  case status::done:
    state_->receive({buffer.data(), got.bytes}, owner_.now());
    break;
  case status::end:
    input_ended_ = true;
    state_->input_ended();
    break;
  case status::broken:
    input_ended_ = true;
    state_->broken(socket_->error());
    break;
  }
  owner_.changed(*this);
}

void link_stream::write() {
  while (!done() && !waits_to_write_ && !state_->output().empty()) {
    const auto bytes = state_->output().substr(0, most_written_bytes);
    const auto wrote = socket_->write(bytes);
    if (wrote.what == status::done) {
      state_->sent(wrote.bytes);
    } else if (wrote.what == status::wait) {
      waits_to_write_ = true;
    } else {
      state_->broken(socket_->error());
      owner_.changed(*this);
    }
  }
}

void link_stream::writable() {
  waits_to_write_ = false;
  owner_.mark(*this);
}

}  // namespace troupe::peer
