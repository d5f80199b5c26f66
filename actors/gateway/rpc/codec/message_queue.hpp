/// Messages out of a stream of bytes.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include <capnp/message.h>

#include "actors/gateway/rpc/codec/link_context.hpp"

namespace troupe::rpc::codec {

/// Cuts what arrives into messages, in Cap'n Proto's framing. Each message counts as outstanding at
/// its connection as long as anybody holds it.
class message_queue {
public:
  message_queue(std::shared_ptr<link_context> link, std::size_t most_bytes)
      : link_(std::move(link)), most_bytes_(most_bytes) {}

  /// Takes bytes. False if they are no message, or one that is too large: `problem` says which.
  bool push(std::string_view bytes);
  [[nodiscard]] bool empty() const noexcept { return ready_.empty(); }
  kj::Own<capnp::MessageReader> pop();
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// Bytes that are held here.
  [[nodiscard]] std::size_t held() const noexcept { return rest_.size(); }

private:
  std::size_t cut(std::string_view bytes);

  const std::shared_ptr<link_context> link_;
  const std::size_t most_bytes_;
  std::string rest_;        ///< the beginning of a message
  std::size_t wanted_ = 0;  ///< bytes that are needed to go on
  std::deque<kj::Own<capnp::MessageReader>> ready_;
  std::string problem_;
};

}  // namespace troupe::rpc::codec
