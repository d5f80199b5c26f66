/// One native connection: bytes on one side, calls on the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <kj/async-io.h>

#include <troupe/sdk/byte_stream.hpp>

#include "actors/gateway/rpc/desk.hpp"
#include "actors/gateway/rpc/limits.hpp"
#include "actors/gateway/rpc/recipe_desk.hpp"

namespace troupe::rpc {

/// Whom a link tells that it has something to do in the next turn. Called from the event loop; a
/// link must not be destroyed from inside these calls.
class link_owner {
public:
  virtual void link_changed(std::uint64_t number) = 0;
  /// Bytes that came.
  virtual void received(std::uint64_t bytes) = 0;
  /// Where to read to: free again at once, so all links share it.
  virtual std::span<char> read_buffer() = 0;
  /// Whether all connections together hold so much that each has to be modest.
  [[nodiscard]] virtual bool under_pressure() const noexcept = 0;

protected:
  ~link_owner() = default;
};

/// A connection, from its first byte to its end. Reads when there is something to read and room for
/// what it may cost; writes once per turn, in `advance`.
///
/// What is wrong with a connection is told to the client as the reason of Cap'n Proto's abort, and
/// leaves before the connection is closed.
class link {
public:
  virtual ~link() = default;

  /// Does what can be done. Never from inside a call to the owner.
  virtual void advance() = 0;
  /// Nothing is left to do: the link may be destroyed.
  [[nodiscard]] virtual bool done() const noexcept = 0;
  /// Ends the conversation; `why` is told to the client and logged, `warn` if an operator should
  /// see it.
  virtual void end(std::string why, bool warn) = 0;
  /// Takes no more calls; ends when those taken are answered.
  virtual void drain() = 0;
  /// Called regularly: looks at deadlines.
  virtual void tick(monotonic_time now) = 0;

  [[nodiscard]] virtual const std::string& peer() const noexcept = 0;
  [[nodiscard]] virtual const std::string& address() const noexcept = 0;
  /// Bytes held for the client: messages, answers and events that it has not taken.
  [[nodiscard]] virtual std::size_t held() const noexcept = 0;
  [[nodiscard]] virtual const std::string& why() const noexcept = 0;
  [[nodiscard]] virtual bool warns() const noexcept = 0;
};

/// Who is at the other end of a new connection.
struct link_peer {
  std::uint64_t number = 0;  ///< of the connection
  std::string name;          ///< address with port, for logs
  std::string address;       ///< an identity
};

/// `board`, `limits` and `owner` outlive the link.
std::unique_ptr<link> new_link(const sdk::ports& ports, kj::Own<kj::AsyncIoStream> socket,
                               link_peer peer, desk& board, std::shared_ptr<recipe_desk> recipes,
                               const link_limits& limits, link_owner& owner);

}  // namespace troupe::rpc
