/// What a client calls when it calls a recipe.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <capnp/any.h>
#include <capnp/capability.h>

#include "actors/gateway/rpc/codec/link_context.hpp"

namespace troupe::rpc::codec {

/// A recipe, or a capability that it gave in an answer, for one session. The interface is the
/// recipe's: calls go to it as bytes, and capabilities in its answers become objects like this.
class recipe_server final : public capnp::Capability::Server {
public:
  /// `capability` is zero for what is mounted.
  recipe_server(std::shared_ptr<link_context> link, std::uint64_t session, std::string mount,
                std::uint64_t capability);
  ~recipe_server() noexcept;

  DispatchCallResult
  dispatchCall(std::uint64_t interface_id, std::uint16_t method,
               capnp::CallContext<capnp::AnyPointer, capnp::AnyPointer> context) override;

private:
  const std::shared_ptr<link_context> link_;
  const std::uint64_t session_;
  const std::string mount_;
  const std::uint64_t capability_;
};

}  // namespace troupe::rpc::codec
