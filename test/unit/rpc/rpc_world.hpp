/// A whole simulated server with its native gateway, and native clients of Cap'n Proto's own RPC.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <capnp/rpc-twoparty.h>
#include <catch2/catch.hpp>
#include <coordination.capnp.h>

#include <troupe/sdk/log.hpp>
#include <troupe/testing/sim_deployment.hpp>
#include <troupe/testing/simulation.hpp>

namespace troupe::test {

using namespace std::chrono_literals;

/// What a session's watcher was told.
struct watched {
  std::vector<std::string> events;  ///< "created /a"
  std::optional<api::SessionEnd> ended;
};

class test_watcher final : public api::Watcher::Server {
public:
  explicit test_watcher(std::shared_ptr<watched> into) : into_(std::move(into)) {}
  kj::Promise<void> happened(HappenedContext context) override;
  kj::Promise<void> ended(EndedContext context) override {
    into_->ended = context.getParams().getCause();
    return kj::READY_NOW;
  }

private:
  std::shared_ptr<watched> into_;
};

/// One connection to the gateway.
struct native_connection {
  kj::Own<kj::AsyncIoStream> stream;
  std::unique_ptr<capnp::TwoPartyClient> client;
  api::Coordination::Client coordination = nullptr;
  bool closed = false;
  kj::Promise<void> watching = nullptr;
};

/// A session, or why there is none.
struct native_session {
  api::Session::Client session = nullptr;
  std::uint64_t id = 0;
  std::string password;
  std::uint32_t timeout_ms = 0;
  std::uint64_t zxid = 0;
  std::optional<api::ErrorCode> refused;
  std::shared_ptr<watched> seen = std::make_shared<watched>();
};

/// A copy of the outcomes of one submit.
struct answers {
  std::shared_ptr<capnp::MallocMessageBuilder> message =
      std::make_shared<capnp::MallocMessageBuilder>();
  [[nodiscard]] api::Outcomes::Reader all() const {
    return message->getRoot<api::Outcomes>().asReader();
  }
  [[nodiscard]] api::Outcome::Reader operator[](unsigned i) const { return all().getEach()[i]; }
  [[nodiscard]] api::ErrorCode error(unsigned i) const { return (*this)[i].getError().getCode(); }
};

using operations = capnp::List<api::Operation>::Builder;

class rpc_world {
public:
  explicit rpc_world(std::uint64_t seed, const std::string& options = "",
                     const std::function<void(sdk::catalog&)>& add = {});
  ~rpc_world();

  /// Runs until the promise is there. Fails the test if it does not come, or fails.
  template <class T>
  T wait(kj::Promise<T> promise) {
    std::optional<T> value;
    auto task = promise.then([&](T&& got) { value = kj::mv(got); }).eagerlyEvaluate([](auto&& e) {
      FAIL_CHECK(e.getDescription().cStr());
    });
    REQUIRE(sim.run_until([&] { return value.has_value(); }, 60s));
    return std::move(*value);
  }

  std::unique_ptr<native_connection> connect();
  native_session open(native_connection& on, std::uint32_t timeout_ms = 10'000,
                      const std::string& user = "");
  native_session resume(native_connection& on, const native_session& former,
                        std::uint64_t seen = 0);
  /// Submits what `fill` puts into a list of `count` operations.
  answers submit(native_session& by, unsigned count, const std::function<void(operations)>& fill);
  kj::Promise<answers> begin(native_session& by, unsigned count,
                             const std::function<void(operations)>& fill);
  void restart();

  testing::sim_deployment deployment;
  testing::simulation sim;
  testing::sim_server& server;
};

void create(api::Operation::Builder into, const std::string& path, const std::string& data = "");
void get(api::Operation::Builder into, const std::string& path, bool watch = false);
void set(api::Operation::Builder into, const std::string& path, const std::string& data,
         std::int32_t version = -1);
std::string text(capnp::Data::Reader data);

}  // namespace troupe::test
