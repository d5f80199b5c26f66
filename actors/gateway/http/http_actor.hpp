/// The actor of `gateway.http`: KJ's HTTP server on one side, the overview and the administrative
/// commands on the other.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <kj/async-io.h>
#include <kj/compat/http.h>

#include <troupe/roles/admin.hpp>
#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/overview.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/gateway/http/core/target.hpp"
#include "actors/gateway/http/http_client.hpp"
#include "actors/gateway/http/pages.hpp"

namespace troupe::http {

/// To itself: this connection has ended. A message, because nothing of KJ's may be destroyed from
/// inside its own callback.
struct client_gone {
  std::uint64_t number = 0;
};
/// To itself: nobody can connect any more, for this reason.
struct listening_failed {
  std::string reason;
};

/// Serves HTTP on one address.
class http_actor final : public sdk::pinned_actor,
                         private client_owner,
                         private kj::HttpServerErrorHandler,
                         private kj::HttpServerCallbacks {
public:
  http_actor(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context);
  /// KJ's objects are gone by then; only their types could throw.
  ~http_actor() noexcept override {}

  caf::behavior make_behavior() override;
  void on_exit() override;
  const char* name() const override { return "gateway.http"; }

private:
  using page_fulfiller = kj::Own<kj::PromiseFulfiller<page>>;
  /// Makes a page from an overview.
  using page_maker = std::function<page(role::overview::report&)>;
  struct question {
    std::uint64_t number = 0;
    page_maker make;
    page_fulfiller fulfiller;
  };

  void make_server();
  void start();
  void stop();
  void finish_if_silent();
  void listen();
  kj::Promise<void> accept_next();
  void accepted(kj::Own<kj::AsyncIoStream> socket);
  bool make_room();
  void report_status(std::uint64_t token);

  // http_requests.cpp
  kj::Promise<page> ask(kj::HttpMethod method, kj::StringPtr url) override;
  kj::Promise<page> ask_overview(bool metrics, page_maker make);
  kj::Promise<page> ask_command(const target& what);
  void overview(role::overview::report& report);
  void command_done(role::admin::answer& answer);
  kj::Promise<void> handleClientProtocolError(kj::HttpHeaders::ProtocolError error,
                                              kj::HttpService::Response& response) override;
  kj::Promise<void> handleApplicationError(kj::Exception error,
                                           kj::Maybe<kj::HttpService::Response&> response) override;

  void answered(http_client& by, unsigned status) override;
  kj::Timer& timer() override { return ports_.kj_timer; }
  monotonic_time now() override { return ports_.clock.now(); }
  kj::HttpHeaders new_headers() override { return kj::HttpHeaders{*header_table_}; }
  [[nodiscard]] kj::HttpHeaderId allow_header() const override { return allow_; }

  void end_with_answer(bool ends) override { answer_is_last_ = ends; }
  bool shouldClose() override { return answer_is_last_; }

  const role::broadcast::actor broadcast_;
  const role::admin::actor admin_;
  const role::overview::actor overview_;
  sdk::ports& ports_;
  const std::string component_;
  const sdk::address address_;
  const std::size_t most_clients_;
  const nanoseconds request_timeout_, idle_timeout_;
  const std::size_t most_entries_;

  health_facts health_;
  bool stopping_ = false;
  bool answer_is_last_ = false;
  std::uint16_t port_ = 0;
  std::uint64_t next_number_ = 1;
  sdk::timer stop_timer_;

  /// Questions by the number of the overview that will answer them; and the number of the overview
  /// that is under way, without and with metrics: who asks meanwhile shares it.
  std::map<std::uint64_t, std::vector<question>> questions_;
  std::array<std::optional<std::uint64_t>, 2> under_way_;
  std::map<std::uint64_t, page_fulfiller> commands_;

  kj::HttpHeaderTable::Builder header_builder_;
  const kj::HttpHeaderId allow_;
  const kj::Own<kj::HttpHeaderTable> header_table_;
  kj::Own<kj::HttpServer> server_;
  http_client* accepting_ = nullptr;  ///< whose connection the server is told of right now
  kj::Own<kj::ConnectionReceiver> receiver_;
  std::map<std::uint64_t, std::unique_ptr<http_client>> clients_;
  kj::Promise<void> listening_ = nullptr;

  const std::shared_ptr<sdk::metrics> metrics_;
  sdk::gauge connections_;
  sdk::counter closed_for_room_;
  std::array<sdk::counter, 6> answers_;  ///< by the first digit of the status; 0: not sent
};

}  // namespace troupe::http

TROUPE_MESSAGE(troupe::http::client_gone)
TROUPE_MESSAGE(troupe::http::listening_failed)
