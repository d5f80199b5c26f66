// Recipes behind the native gateway: calls, capabilities of answers, and what goes wrong.
#include <lock.capnp.h>

#include <troupe/sdk/recipe.hpp>
#include <troupe/sdk/recipe_codec.hpp>

#include "test/unit/rpc/rpc_world.hpp"

using namespace troupe;
using namespace troupe::test;

namespace {

/// What the recipe was told.
struct told {
  std::vector<std::uint64_t> sessions, released;
  int cancelled = 0, forgotten = 0, waiting = 0;
};

/// Speaks the interface of locks, and does little of it: acquire gives a lease at once, or, for the
/// path "/wait", never; claims refuses.
class small_recipe final : public sdk::recipe_actor {
public:
  small_recipe(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
               std::shared_ptr<told> into)
      : recipe_actor(config, home, context), told_(std::move(into)) {
    const auto type = capnp::typeId<api::Locks>();
    serve(type, 0, "acquire", [this](const sdk::recipe_call& call) { acquire(call); });
    serve(type, 8, "claims", [](const sdk::recipe_call&) { throw sdk::bad_call("not here"); });
  }

private:
  void acquire(const sdk::recipe_call& call) {
    told_->sessions.push_back(call.session.value);
    const auto path = sdk::read_params<api::Locks::AcquireParams>(call.params, [](auto params) {
      return std::string{params.getLocks()[0].getPath().cStr()};
    });
    if (path == "/wait") {
      ++told_->waiting;
      return;
    }
    auto results = sdk::write_results<api::Locks::AcquireResults>(
        [](auto builder, sdk::capability_numbers& numbers) {
          builder.initOutcome().initGranted().setLease(numbers.make<api::Lease>(77));
        });
    answer(call.number, std::move(results.bytes), std::move(results.capabilities));
  }
  void on_cancel(std::uint64_t call) override {
    ++told_->cancelled;
    refuse(call, error_code::operation_timeout, "cancelled");
  }
  void on_forget(std::uint64_t) override { ++told_->forgotten; }
  void on_released(std::uint64_t capability) override { told_->released.push_back(capability); }

  const std::shared_ptr<told> told_;
};

sdk::component_type recipe_type(std::shared_ptr<told> into) {
  sdk::component_type type;
  type.name = "recipe.small";
  type.summary = "Of a test.";
  type.gives = {role::recipe::name, role::recipe::version};
  type.needs = sdk::recipe_needs();
  type.options = sdk::recipe_options();
  type.factory = [into](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<small_recipe>(context.unit, context, into)};
  };
  return type;
}

struct recipe_world : rpc_world {
  explicit recipe_world(std::uint64_t seed, std::shared_ptr<told> into = std::make_shared<told>())
      : rpc_world(seed,
                  " }\n  local: { type: gateway.local }\n  small: { type: recipe.small, mount: "
                  "/small",
                  [into](sdk::catalog& types) { types.add(recipe_type(into)); }),
        heard(std::move(into)) {}

  api::Locks::Client recipe(native_session& by, const char* mount = "/small") {
    auto request = by.session.recipeRequest();
    request.setMount(mount);
    return wait(request.send().then([](auto&& response) {
      CHECK_FALSE(response.hasRefused());
      return response.getRecipe().template castAs<api::Locks>();
    }));
  }
  static auto acquire(api::Locks::Client& from, const char* path) {
    auto request = from.acquireRequest();
    request.initLocks(1)[0].setPath(path);
    return request.send();
  }

  std::shared_ptr<told> heard;
};

}  // namespace

TEST_CASE("native recipes: a call in the name of the session, and a capability in its answer") {
  recipe_world world{1};
  const auto on = world.connect();
  auto session = world.open(*on);
  auto locks = world.recipe(session);
  auto lease = world.wait(recipe_world::acquire(locks, "/a").then([](auto&& response) {
    return response.getOutcome().getGranted().getLease();
  }));
  CHECK(world.heard->sessions == std::vector{session.id});
  world.sim.run_for(1s);
  CHECK(world.heard->released.empty());
  lease = nullptr;
  world.sim.run_for(1s);
  CHECK(world.heard->released == std::vector<std::uint64_t>{77});
}

TEST_CASE("native recipes: what is not there, and what is wrong, is told") {
  recipe_world world{2};
  const auto on = world.connect();
  auto session = world.open(*on);
  auto request = session.session.recipeRequest();
  request.setMount("/nothing");
  CHECK(world.wait(request.send().then([](auto&& response) {
    return response.getRefused().getCode();
  })) == api::ErrorCode::NO_NODE);
  auto locks = world.recipe(session);
  const auto reason = [&](auto promise) {
    return world.wait(
        promise.then([](auto&&) { return std::string{"no error"}; },
                     [](kj::Exception&& e) { return std::string{e.getDescription().cStr()}; }));
  };
  CHECK(reason(locks.claimsRequest().send()).find("not here") != std::string::npos);
  CHECK(reason(locks.releaseRequest().send()).find("no such method") != std::string::npos);
  world.wait(session.session.closeRequest().send().then([](auto&&) { return true; }));
  CHECK(reason(recipe_world::acquire(locks, "/a")).find("session") != std::string::npos);
}

TEST_CASE("native recipes: a call that is given up is cancelled, one that is cut off forgotten") {
  recipe_world world{3};
  auto on = world.connect();
  auto session = world.open(*on);
  auto locks = world.recipe(session);
  {
    auto given_up = recipe_world::acquire(locks, "/wait").ignoreResult().eagerlyEvaluate(nullptr);
    CHECK(world.sim.run_until([&] { return world.heard->waiting == 1; }, 10s));
  }
  CHECK(world.sim.run_until([&] { return world.heard->cancelled == 1; }, 10s));
  auto cut_off = recipe_world::acquire(locks, "/wait")
                     .ignoreResult()
                     .eagerlyEvaluate([](kj::Exception&&) { /* as it should */ });
  CHECK(world.sim.run_until([&] { return world.heard->waiting == 2; }, 10s));
  on->stream->shutdownWrite();
  CHECK(world.sim.run_until([&] { return world.heard->forgotten == 1; }, 10s));
  CHECK(world.heard->cancelled == 1);
  CHECK(world.heard->released.empty());
}
