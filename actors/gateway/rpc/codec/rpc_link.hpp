/// A connection that speaks Cap'n Proto RPC.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include <capnp/rpc-twoparty.h>
#include <capnp/serialize-async.h>

#include "actors/gateway/rpc/codec/direct_calls.hpp"
#include "actors/gateway/rpc/codec/link_context.hpp"
#include "actors/gateway/rpc/codec/message_queue.hpp"
#include "actors/gateway/rpc/link.hpp"

namespace troupe::rpc::codec {

/// Between the RPC system and the socket: takes whole messages from the one to the other, counts,
/// and holds up the input while the client has enough to wait for.
class rpc_link final : public link, private sdk::byte_stream_events, private capnp::MessageStream {
public:
  rpc_link(const sdk::ports& ports, kj::Own<kj::AsyncIoStream> socket, link_peer peer, desk& board,
           std::shared_ptr<recipe_desk> recipes, const link_limits& limits, link_owner& owner);
  ~rpc_link() noexcept override;

  void advance() override;
  [[nodiscard]] bool done() const noexcept override { return done_; }
  void end(std::string why, bool warn) override;
  void drain() override;
  void tick(monotonic_time now) override;
  [[nodiscard]] const std::string& peer() const noexcept override { return peer_.name; }
  [[nodiscard]] const std::string& address() const noexcept override { return peer_.address; }
  [[nodiscard]] std::size_t held() const noexcept override;
  [[nodiscard]] const std::string& why() const noexcept override { return why_; }
  [[nodiscard]] bool warns() const noexcept override { return warns_; }

private:
  using read_result = kj::Maybe<capnp::MessageReaderAndFds>;

  // What the RPC system asks for.
  kj::Promise<read_result> tryReadMessage(kj::ArrayPtr<kj::AutoCloseFd> fds,
                                          capnp::ReaderOptions options,
                                          kj::ArrayPtr<capnp::word> scratch) override;
  kj::Promise<void>
  writeMessage(kj::ArrayPtr<const int> fds,
               kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) override;
  kj::Promise<void> writeMessages(
      kj::ArrayPtr<kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>> messages) override;
  kj::Maybe<int> getSendBufferSize() override { return nullptr; }
  kj::Promise<void> end() override;

  // What the socket says.
  void readable() override;
  void writable() override;

  void changed() { owner_.link_changed(peer_.number); }
  void read();
  void write();
  void append(kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments);
  void hand_over();
  kj::Own<capnp::MessageReader> take_message();
  [[nodiscard]] bool can_hand_over() const noexcept;
  [[nodiscard]] bool takes_input() const noexcept;
  [[nodiscard]] bool over_limits(unsigned shift) const noexcept;
  void count_call(capnp::MessageReader& message);
  void finish_sending();
  void broken(std::string why);

  const link_peer peer_;
  const link_limits& limits_;
  desk& board_;
  link_owner& owner_;
  const std::shared_ptr<link_context> context_ = std::make_shared<link_context>();

  message_queue input_;
  direct_calls direct_;
  bool paused_ = false;
  bool draining_ = false;
  bool input_ended_ = false;
  bool output_ended_ = false;  ///< the RPC system has written all
  bool waits_to_write_ = false;
  bool own_side_ended_ = false;
  bool done_ = false;
  bool warns_ = false;
  std::string why_;  ///< set when the end begins
  std::size_t open_calls_ = 0;
  std::string output_;
  std::size_t sent_ = 0;  ///< of the output
  monotonic_time idle_since_;
  monotonic_time ending_since_;
  std::size_t drained_bytes_ = 0;

  std::unique_ptr<sdk::byte_stream> socket_;
  kj::Own<kj::PromiseFulfiller<read_result>> reader_;  ///< null: nobody waits for a message
  kj::Own<capnp::TwoPartyVatNetwork> network_;
  kj::Own<capnp::RpcSystem<capnp::rpc::twoparty::VatId>> rpc_;  ///< goes before all it uses
};

}  // namespace troupe::rpc::codec
