#include "test/unit/rpc/rpc_world.hpp"

#include <utility>

namespace troupe::test {
namespace {

std::string yaml(const std::string& options) {
  return R"(
troupe: 1
node: { id: 1, data_dir: ./data }
components:
  log:       { type: storage.wal }
  tree:      { type: tree.znode }
  broadcast: { type: broadcast.local }
  sessions:  { type: session.replicated, timeout: { min: 1s, max: 40s } }
  native:    { type: gateway.rpc, listen: "host:2190")" +
         options + " }\n";
}

template <class Opening>
native_session session_of(Opening opening, std::shared_ptr<watched> seen) {
  native_session made;
  made.seen = std::move(seen);
  if (opening.isRefused()) {
    made.refused = opening.getRefused().getCode();
    return made;
  }
  auto granted = opening.getGranted();
  made.session = granted.getSession();
  made.id = granted.getId();
  made.password = text(granted.getPassword());
  made.timeout_ms = granted.getTimeoutMs();
  made.zxid = granted.getZxid();
  return made;
}

capnp::Data::Reader data(const std::string& bytes) {
  return {reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size()};
}

}  // namespace

kj::Promise<void> test_watcher::happened(HappenedContext context) {
  static constexpr const char* kinds[] = {"unknown", "created", "deleted", "changed", "children"};
  for (const auto one : context.getParams().getEvents())
    into_->events.push_back(std::string{kinds[static_cast<int>(one.getKind())]} + " " +
                            one.getPath().cStr());
  return kj::READY_NOW;
}

rpc_world::rpc_world(std::uint64_t seed, const std::string& options,
                     const std::function<void(sdk::catalog&)>& add)
    : deployment(yaml(options), add), sim(seed), server(sim.add_server("host")) {
  sdk::log::set_level(sdk::log::level::none);
  server.start(deployment.plan());
  REQUIRE(sim.run_until([&] { return server.ready(); }, 10s));
}

rpc_world::~rpc_world() { sdk::log::set_level(sdk::log::level::info); }

void rpc_world::restart() {
  server.crash();
  server.start(deployment.plan());
  REQUIRE(sim.run_until([&] { return server.ready(); }, 10s));
}

std::unique_ptr<native_connection> rpc_world::connect() {
  auto made = std::make_unique<native_connection>();
  made->stream = wait(sim.network().connect("client", "host", 2190));
  made->client = std::make_unique<capnp::TwoPartyClient>(*made->stream);
  made->coordination = made->client->bootstrap().castAs<api::Coordination>();
  made->watching = made->client->onDisconnect()
                       .then([&one = *made] { one.closed = true; })
                       .eagerlyEvaluate([](kj::Exception&&) { /* the same */ });
  return made;
}

native_session rpc_world::open(native_connection& on, std::uint32_t timeout_ms,
                               const std::string& user) {
  auto request = on.coordination.openSessionRequest();
  auto wish = request.initWish();
  wish.setTimeoutMs(timeout_ms);
  auto seen = std::make_shared<watched>();
  wish.setWatcher(kj::heap<test_watcher>(seen));
  if (!user.empty()) {
    auto credential = wish.initCredentials(1)[0];
    credential.setScheme("digest");
    credential.setSecret(data(user));
  }
  return wait(request.send().then(
      [seen](auto&& response) { return session_of(response.getOpening(), seen); }));
}

native_session rpc_world::resume(native_connection& on, const native_session& former,
                                 std::uint64_t last_seen) {
  auto request = on.coordination.resumeSessionRequest();
  request.setId(former.id);
  request.setPassword(data(former.password));
  request.setSeen(last_seen);
  auto wish = request.initWish();
  wish.setTimeoutMs(former.timeout_ms);
  auto seen = std::make_shared<watched>();
  wish.setWatcher(kj::heap<test_watcher>(seen));
  return wait(request.send().then(
      [seen](auto&& response) { return session_of(response.getOpening(), seen); }));
}

kj::Promise<answers> rpc_world::begin(native_session& by, unsigned count,
                                      const std::function<void(operations)>& fill) {
  auto request = by.session.submitRequest();
  fill(request.initOperations(count));
  return request.send().then([](auto&& response) {
    answers copy;
    copy.message->setRoot(response.getOutcomes());
    return copy;
  });
}

answers rpc_world::submit(native_session& by, unsigned count,
                          const std::function<void(operations)>& fill) {
  return wait(begin(by, count, fill));
}

void create(api::Operation::Builder into, const std::string& path, const std::string& bytes) {
  auto one = into.initCreate();
  one.setPath(path.c_str());
  one.setData(data(bytes));
}

void get(api::Operation::Builder into, const std::string& path, bool watch) {
  auto one = into.initGet();
  one.setPath(path.c_str());
  one.setWatch(watch);
}

void set(api::Operation::Builder into, const std::string& path, const std::string& bytes,
         std::int32_t version) {
  auto one = into.initSetData();
  one.setPath(path.c_str());
  one.setData(data(bytes));
  one.setVersion(version);
}

std::string text(capnp::Data::Reader bytes) {
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

}  // namespace troupe::test
