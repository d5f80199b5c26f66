#include <troupe/testing/sim_network.hpp>

#include <algorithm>
#include <deque>
#include <utility>

#include <kj/debug.h>

#include "runtime/testing/sim_connection.hpp"

namespace troupe::testing {
namespace {

class sim_listener;

kj::Exception refused(const std::string& where) {
  return KJ_EXCEPTION(DISCONNECTED, "simulated connection refused", where);
}

}  // namespace

/// What a host offers to others: ports that listen, and how to connect. Names look like
/// "host:port"; a server listens on its own name whatever address it was given.
class sim_host final : public kj::Network {
public:
  sim_host(sim_network& network, std::string name) : network_(network), name_(std::move(name)) {}

  kj::Promise<kj::Own<kj::NetworkAddress>> parseAddress(kj::StringPtr text,
                                                        kj::uint port_hint) override;
  kj::Own<kj::NetworkAddress> getSockaddr(const void*, kj::uint) override {
    KJ_UNIMPLEMENTED("simulated hosts have names only");
  }
  kj::Own<kj::Network> restrictPeers(kj::ArrayPtr<const kj::StringPtr>,
                                     kj::ArrayPtr<const kj::StringPtr>) override {
    KJ_UNIMPLEMENTED("simulated networks are not restricted");
  }

  /// A connection from outside has been made.
  void arrive(kj::uint port, kj::Own<kj::AsyncIoStream> stream);
  void pause() { paused_ = true; }
  void resume();
  /// Listeners and those whom they have not taken yet.
  void close() {
    listeners_.clear();
    backlog_.clear();
    paused_ = false;
  }

  sim_network& network_;
  const std::string name_;
  std::map<kj::uint, sim_listener*> listeners_;

private:
  bool paused_ = false;
  std::deque<std::pair<kj::uint, kj::Own<kj::AsyncIoStream>>> backlog_;
};

namespace {

class sim_listener final : public kj::ConnectionReceiver {
public:
  sim_listener(sim_host& host, kj::uint port) : host_(host), port_(port) {
    KJ_REQUIRE(host.listeners_.emplace(port, this).second, "address already in use", port);
  }
  ~sim_listener() noexcept(false) {
    const auto found = host_.listeners_.find(port_);
    if (found != host_.listeners_.end() && found->second == this) host_.listeners_.erase(found);
  }

  kj::Promise<kj::Own<kj::AsyncIoStream>> accept() override {
    if (!waiting_.empty()) {
      auto first = kj::mv(waiting_.front());
      waiting_.pop_front();
      return kj::mv(first);
    }
    auto wait = kj::newPromiseAndFulfiller<kj::Own<kj::AsyncIoStream>>();
    acceptor_ = kj::mv(wait.fulfiller);
    return kj::mv(wait.promise);
  }
  kj::uint getPort() override { return port_; }

  void arrive(kj::Own<kj::AsyncIoStream> stream) {
    if (acceptor_.get() != nullptr && acceptor_->isWaiting()) {
      acceptor_->fulfill(kj::mv(stream));
    } else {
      waiting_.push_back(kj::mv(stream));
    }
  }

private:
  sim_host& host_;
  const kj::uint port_;
  std::deque<kj::Own<kj::AsyncIoStream>> waiting_;
  kj::Own<kj::PromiseFulfiller<kj::Own<kj::AsyncIoStream>>> acceptor_;
};

class sim_address final : public kj::NetworkAddress {
public:
  sim_address(sim_host& owner, std::string host, kj::uint port)
      : owner_(owner), host_(std::move(host)), port_(port) {}

  kj::Promise<kj::Own<kj::AsyncIoStream>> connect() override;
  kj::Own<kj::ConnectionReceiver> listen() override {
    return kj::heap<sim_listener>(owner_, port_);
  }
  kj::Own<kj::NetworkAddress> clone() override {
    return kj::heap<sim_address>(owner_, host_, port_);
  }
  kj::String toString() override { return kj::str(host_.c_str(), ':', port_); }

private:
  sim_host& owner_;
  const std::string host_;
  const kj::uint port_;
};

}  // namespace

void sim_host::arrive(kj::uint port, kj::Own<kj::AsyncIoStream> stream) {
  if (paused_) {
    backlog_.emplace_back(port, kj::mv(stream));
    return;
  }
  const auto listener = listeners_.find(port);
  if (listener != listeners_.end()) listener->second->arrive(kj::mv(stream));
}

void sim_host::resume() {
  paused_ = false;
  for (auto& [port, stream] : std::exchange(backlog_, {}))
    arrive(port, kj::mv(stream));
}

kj::Promise<kj::Own<kj::NetworkAddress>> sim_host::parseAddress(kj::StringPtr text,
                                                                kj::uint port_hint) {
  const std::string whole{text.cStr(), text.size()};
  const auto colon = whole.rfind(':');
  const auto port = colon == std::string::npos
                        ? port_hint
                        : static_cast<kj::uint>(std::stoul(whole.substr(colon + 1)));
  auto host = network_.host_of(whole.substr(0, colon));
  return kj::Own<kj::NetworkAddress>{kj::heap<sim_address>(*this, std::move(host), port)};
}

kj::Promise<kj::Own<kj::AsyncIoStream>> sim_address::connect() {
  return owner_.network_.connect(owner_.name_, host_, port_);
}

// ------------------------------------------------------------------ network

sim_network::sim_network(sdk::timers& timers, kj::Timer& clock, std::uint64_t seed,
                         sim_network_options options)
    : timers_(timers), clock_(clock), random_(seed), options_(options) {}

sim_network::~sim_network() = default;

kj::Network& sim_network::host(const std::string& name) {
  auto& found = hosts_[name];
  if (!found) found = std::make_unique<sim_host>(*this, name);
  return *found;
}

kj::Promise<kj::Own<kj::AsyncIoStream>>
sim_network::connect(const std::string& from, const std::string& name, unsigned port) {
  const auto to = host_of(name);
  return clock_.afterDelay(options_.longest_delay.count() * kj::NANOSECONDS)
      .then([this, from, to] { return when_open(from, to); })
      .then([this, from, to, port]() -> kj::Own<kj::AsyncIoStream> {
        const auto target = hosts_.find(to);
        if (target == hosts_.end()) kj::throwFatalException(refused(to));
        if (!target->second->listeners_.contains(port)) kj::throwFatalException(refused(to));
        std::erase_if(connections_, [](const auto& one) { return one.expired(); });
        auto connection = std::make_shared<sim_connection>(*this, from, to);
        connections_.push_back(connection);
        hold_connections();
        target->second->arrive(port, make_stream(connection, 1));
        return make_stream(connection, 0);
      });
}

void sim_network::crash(const std::string& name) {
  const auto found = hosts_.find(name);
  paused_.erase(name);
  if (found != hosts_.end()) found->second->close();
  for (const auto& one : connections_) {
    const auto connection = one.lock();
    if (connection && (connection->ends[0] == name || connection->ends[1] == name)) {
      connection->break_off();
    }
  }
}

bool sim_network::is_cut(const std::string& from, const std::string& to) const {
  return cuts_.contains({from, to});
}

kj::Promise<void> sim_network::when_open(std::string one, std::string other) {
  if (!is_cut(one, other) && !is_cut(other, one)) return kj::READY_NOW;
  auto wait = kj::newPromiseAndFulfiller<void>();
  waiting_for_heal_.push_back(kj::mv(wait.fulfiller));
  return wait.promise.then([this, one = std::move(one), other = std::move(other)]() mutable {
    return when_open(std::move(one), std::move(other));
  });
}

void sim_network::hold_connections() {
  for (const auto& weak : connections_) {
    const auto connection = weak.lock();
    if (!connection) continue;
    auto& [one, other] = connection->ends;
    connection->directions[0].hold(is_cut(one, other) || paused_.contains(other));
    connection->directions[1].hold(is_cut(other, one) || paused_.contains(one));
    connection->directions[0].stop_writer(paused_.contains(one));
    connection->directions[1].stop_writer(paused_.contains(other));
  }
}

void sim_network::cut(const std::string& from, const std::string& to) {
  cuts_.emplace(from, to);
  hold_connections();
}

void sim_network::part(const std::string& one, const std::string& other) {
  cut(one, other);
  cut(other, one);
}

void sim_network::heal(const std::string& one, const std::string& other) {
  cuts_.erase({one, other});
  cuts_.erase({other, one});
  hold_connections();
  for (auto& waiting : std::exchange(waiting_for_heal_, {}))
    waiting->fulfill();
}

void sim_network::pause(const std::string& name) {
  paused_.insert(name);
  if (const auto found = hosts_.find(name); found != hosts_.end()) found->second->pause();
  hold_connections();
}

void sim_network::resume(const std::string& name) {
  paused_.erase(name);
  hold_connections();
  if (const auto found = hosts_.find(name); found != hosts_.end()) found->second->resume();
}

void sim_network::rename(const std::string& name, const std::string& host) { names_[name] = host; }

std::string sim_network::host_of(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? name : found->second;
}

bool sim_network::break_one() {
  std::erase_if(connections_, [](const auto& one) { return one.expired(); });
  if (connections_.empty()) return false;
  connections_[random_.below(connections_.size())].lock()->break_off();
  return true;
}

}  // namespace troupe::testing
