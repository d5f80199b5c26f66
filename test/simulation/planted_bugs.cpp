#include "test/simulation/planted_bugs.hpp"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/storage.hpp>
#include <troupe/roles/tree.hpp>

#include "test/simulation/hasty_storage.hpp"
#include "test/simulation/lying_disk.hpp"
#include "test/simulation/proxy.hpp"
#include "test/simulation/world.hpp"

namespace troupe::test {
namespace {

namespace storage = role::storage;
namespace tree = role::tree;

/// Says of snapshots that they are newer than they are.
class boastful_storage final : public proxy<boastful_storage, storage::actor> {
public:
  using proxy::proxy;
  using proxy::take;
  void take(storage::snapshot_begin& m) {
    m.zxid = m.zxid.next();
    forward(m);
  }
};

/// Between the tree and a gateway.
class lane_filter final : public sdk::pinned_actor {
public:
  using filter = std::function<void(tree::output&)>;
  lane_filter(caf::actor_config& config, sdk::reactor_unit& home, tree::lane lane, filter spoil)
      : sdk::pinned_actor(config, home, 0, {}), lane_(std::move(lane)), spoil_(std::move(spoil)) {}

  caf::behavior make_behavior() override {
    return handlers<tree::lane>(
        [this](tree::output& m) {
          spoil_(m);
          lane_.send(std::move(m));
        },
        [this](tree::inspection& m) { lane_.send(std::move(m)); });
  }
  void on_exit() override { lane_.reset(); }

private:
  tree::lane lane_;
  const filter spoil_;
};

/// Spoils what the tree tells its gateways.
class spoilt_tree final : public proxy<spoilt_tree, tree::actor> {
public:
  spoilt_tree(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
              caf::strong_actor_ptr inner, lane_filter::filter spoil)
      : proxy(config, home, context, std::move(inner)), spoil_(std::move(spoil)) {}
  using proxy::take;
  void take(tree::attach_lane& m) {
    auto between = sdk::spawn_pinned<lane_filter>(home(), m.lane, spoil_);
    m.lane = tree::lane{between};
    keep(std::move(between));
    forward(m);
  }

private:
  const lane_filter::filter spoil_;
};

bool is_event(const tree::output_item& item) {
  return std::holds_alternative<tree::watch_event>(item);
}

/// Events after the replies of the same batch.
void late_events(tree::output& m) {
  std::stable_partition(m.items.begin(), m.items.end(),
                        [](const auto& item) { return !is_event(item); });
}

void no_data_events(tree::output& m) {
  std::erase_if(m.items, [](const auto& item) {
    const auto* event = std::get_if<tree::watch_event>(&item);
    return event && event->kind == event_kind::node_data_changed;
  });
}

/// Reads claim to show a state that is one transaction newer than what they show.
void boastful_reads(tree::output& m) {
  for (auto& item : m.items) {
    if (auto* read = std::get_if<tree::read_reply>(&item)) read->zxid = read->zxid.next();
  }
}

/// Hears only the first of ten signs of life.
class deaf_sessions final : public proxy<deaf_sessions, role::session::actor> {
public:
  using proxy::proxy;
  using proxy::take;
  void take(role::session::touch& m) {
    if (count_++ % 10 == 0) forward(m);
  }

private:
  std::uint64_t count_ = 0;
};

/// Never lets a session expire.
class kind_broadcast final : public proxy<kind_broadcast, role::broadcast::actor> {
public:
  using proxy::proxy;
  using proxy::take;
  void take(role::broadcast::submit& m) {
    std::erase_if(m.requests, [](const tree::request& one) {
      const auto* close = std::get_if<close_session_op>(&one.op);
      return close && close->cause == close_cause::expired;
    });
    forward(m);
  }
};

/// Takes no more writes after a while.
class forgetful_broadcast final : public proxy<forgetful_broadcast, role::broadcast::actor> {
public:
  using proxy::proxy;
  using proxy::take;
  void take(role::broadcast::submit& m) {
    if (++count_ < 12) forward(m);
  }

private:
  std::uint64_t count_ = 0;
};

/// A component whose disk lies. Ports and disk live as long as the program, like the component.
sdk::component_instance on_lying_disk(sdk::component_context& context,
                                      const sdk::component_factory& real, lie about) {
  struct borrowed {
    lying_disk disk;
    sdk::ports ports;
    borrowed(sdk::ports& from, lie what)
        : disk(from.disk, what), ports{from.clock, from.entropy, from.timers,  from.workers,
                                       disk,       from.network, from.kj_timer} {}
  };
  static std::deque<borrowed> all;
  auto& mine = all.emplace_back(context.ports, about);
  sdk::component_context changed{context.name,       context.number, context.options,
                                 mine.ports,         context.unit,   context.supervisor,
                                 context.deployment, context.wires};
  return real(changed);
}

template <class Proxy, class... Args>
auto behind(Args... args) {
  return [args...](sdk::component_context& context, const sdk::component_factory& real) {
    auto inner = real(context).actor;
    return sdk::component_instance{
        sdk::spawn_pinned<Proxy>(context.unit, context, std::move(inner), args...)};
  };
}

auto with_disk(lie about) {
  return [about](sdk::component_context& context, const sdk::component_factory& real) {
    return on_lying_disk(context, real, about);
  };
}

}  // namespace

const std::vector<planted_bug>& planted_bugs() {
  static const std::vector<planted_bug> all{
      {"lying_sync", "storage.wal", "damage", with_disk(lie::sync)},
      {"lying_directory_sync", "storage.wal", "nobody removed it", with_disk(lie::sync_directory)},
      {"ack_before_sync", "storage.wal", "is lost", behind<hasty_storage>()},
      {"snapshot_too_new", "storage.wal", "does not come back", behind<boastful_storage>()},
      {"events_after_data", "tree.znode", "came before the event",
       behind<spoilt_tree>(lane_filter::filter{late_events})},
      {"lost_events", "tree.znode", "came before the event",
       behind<spoilt_tree>(lane_filter::filter{no_data_events})},
      {"zxid_too_high", "tree.znode", "went back",
       behind<spoilt_tree>(lane_filter::filter{boastful_reads})},
      {"early_expiry", "session.replicated", "session expired", behind<deaf_sessions>()},
      {"no_expiry", "broadcast.local", "outlived its session", behind<kind_broadcast>()},
      {"lost_requests", "broadcast.local", "no progress", behind<forgetful_broadcast>()}};
  return all;
}

sdk::catalog catalog_with(const planted_bug& bug) { return catalog_with(bug, builtin_catalog()); }

sdk::catalog catalog_with(const planted_bug& bug, const sdk::catalog& from) {
  sdk::catalog types;
  for (const auto* one : from.all()) {
    auto copy = *one;
    if (copy.name == bug.type) {
      copy.factory = [make = bug.make, real = one->factory](sdk::component_context& context) {
        return make(context, real);
      };
    }
    types.add(std::move(copy));
  }
  return types;
}

}  // namespace troupe::test
