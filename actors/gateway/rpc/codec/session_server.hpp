/// A session as its client sees it.
#pragma once

#include <cstdint>
#include <memory>

#include <coordination.capnp.h>

#include <troupe/base/identity_set.hpp>

#include "actors/gateway/rpc/codec/link_context.hpp"

namespace troupe::rpc::codec {

/// Lives until the client drops it, or its connection is gone. The session itself stays until its
/// timeout.
class session_server final : public api::Session::Server {
public:
  /// `number` is what the desk calls it.
  session_server(std::shared_ptr<link_context> link, std::uint64_t number, identity_set who,
                 bool has_watcher);
  ~session_server() noexcept;

  kj::Promise<void> submit(SubmitContext context) override;
  kj::Promise<void> keepAlive(KeepAliveContext context) override;
  kj::Promise<void> authenticate(AuthenticateContext context) override;
  kj::Promise<void> identities(IdentitiesContext context) override;
  kj::Promise<void> close(CloseContext context) override;
  kj::Promise<void> recipe(RecipeContext context) override;

  /// Does what was not called through the RPC system.
  void run(std::vector<operation> batch, std::unique_ptr<link_context::target> to);
  [[nodiscard]] bool has_watcher() const noexcept { return has_watcher_; }

private:
  kj::Promise<finished_batch> run(std::vector<operation> batch);

  const std::shared_ptr<link_context> link_;
  const std::uint64_t number_;
  identity_set who_;
  const bool has_watcher_;
};

/// Why a credential is not taken; nothing if it is.
std::optional<problem> take_credential(identity_set& into, api::Credential::Reader from,
                                       const std::string& super_digest);

}  // namespace troupe::rpc::codec
