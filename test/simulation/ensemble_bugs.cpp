#include "test/simulation/ensemble_bugs.hpp"

#include <map>
#include <memory>
#include <utility>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/storage.hpp>
#include <troupe/roles/tree.hpp>

#include "actors/broadcast/codec/txn_origin.hpp"
#include "test/simulation/hasty_storage.hpp"
#include "test/simulation/proxy.hpp"

namespace troupe::test {
namespace {

namespace broadcast = role::broadcast;
namespace storage = role::storage;
namespace tree = role::tree;

/// Between two components: changes messages of one direction, which may also be dropped.
template <class Handle>
class filter;
template <class... Ms>
class filter<handle<Ms...>> final : public sdk::pinned_actor {
public:
  template <class M>
  using change = std::function<bool(M&)>;
  using changes = std::tuple<change<Ms>...>;
  filter(caf::actor_config& config, sdk::reactor_unit& home, handle<Ms...> to, changes what)
      : sdk::pinned_actor(config, home, 0, {}), to_(std::move(to)), what_(std::move(what)) {}
  caf::behavior make_behavior() override {
    return caf::behavior{[this](Ms& m) {
      const auto& spoil = std::get<change<Ms>>(what_);
      if (!spoil || spoil(m)) to_.send(std::move(m));
    }...};
  }
  void on_exit() override { to_.reset(); }

private:
  handle<Ms...> to_;
  const changes what_;
};

using log_filter = filter<storage::log_client>;
using listener_filter = filter<broadcast::listener>;

// ---------------------------------------------------------------- storage

/// A storage whose answers to the log's client are spoilt.
class spoilt_storage : public proxy<spoilt_storage, storage::actor> {
public:
  spoilt_storage(caf::actor_config& config, sdk::reactor_unit& home,
                 sdk::component_context& context, caf::strong_actor_ptr inner,
                 log_filter::changes changes)
      : proxy(config, home, context, std::move(inner)), changes_(std::move(changes)) {}
  using proxy::take;
  void take(storage::attach_log& m) {
    auto between = sdk::spawn_pinned<log_filter>(home(), m.client, changes_);
    m.client = storage::log_client{between};
    keep(std::move(between));
    forward(m);
  }

private:
  const log_filter::changes changes_;
};

/// Says that epochs are written, and writes them with the next transaction.
class forgetful_storage final : public proxy<forgetful_storage, storage::actor> {
public:
  using proxy::proxy;
  using proxy::take;
  void take(storage::attach_log& m) {
    client_ = m.client;
    forward(m);
  }
  void take(storage::write_epochs& m) {
    client_.send(storage::epochs_written{m.epochs});
    held_ = m;
  }
  void take(storage::append& m) {
    if (held_) forward(*held_);
    held_.reset();
    forward(m);
  }
  void on_exit() override {
    client_.reset();
    proxy::on_exit();
  }

private:
  storage::log_client client_;
  std::optional<storage::write_epochs> held_;
};

/// What is not known to be committed is handed out as if it were.
bool all_is_committed(storage::recovered& m) {
  if (auto* rest = std::get_if<storage::recovery::uncommitted>(&m.piece))
    m.piece = storage::recovery::committed{std::move(rest->txns)};
  return true;
}

/// A byte of the transaction's data is another one.
void alter(encoded_txn& one) {
  std::string bytes{one.body.view()};
  const auto of_data = bytes.rfind("xx");
  if (of_data == std::string::npos) return;
  bytes[of_data] = 'y';
  one.body = blob{bytes};
}

/// The last record at the log's end has bytes of what a recycled file had there before.
bool stale_end(storage::recovered& m) {
  auto* const rest = std::get_if<storage::recovery::uncommitted>(&m.piece);
  if (rest && !rest->txns.empty()) alter(rest->txns.back());
  return true;
}

// ---------------------------------------------------------------- broadcast

/// A broadcast that drops some of what the sessions say, and tells its listeners something else.
class spoilt_broadcast final : public proxy<spoilt_broadcast, broadcast::actor> {
public:
  using announce = std::function<void(broadcast::serving_changed&)>;
  spoilt_broadcast(caf::actor_config& config, sdk::reactor_unit& home,
                   sdk::component_context& context, caf::strong_actor_ptr inner, announce announced,
                   bool touches)
      : proxy(config, home, context, std::move(inner)), announced_(std::move(announced)),
        touches_(touches) {}
  using proxy::take;
  void take(broadcast::attach& m) {
    if (announced_) {
      auto between = sdk::spawn_pinned<listener_filter>(
          home(), m.listener, listener_filter::changes{[this](broadcast::serving_changed& said) {
            announced_(said);
            return true;
          }});
      m.listener = broadcast::listener{between};
      keep(std::move(between));
    }
    forward(m);
  }
  void take(broadcast::touch& m) {
    if (touches_) forward(m);
  }

private:
  const announce announced_;
  const bool touches_;
};

void serves_always(broadcast::serving_changed& said) {
  if (said.start == 0 || said.serving) return;
  said.serving = said.writable = true;
  said.mode = broadcast::server_mode::follower;
}

void everybody_expires(broadcast::serving_changed& said) { said.leading = said.serving; }

// ---------------------------------------------------------------- broadcast and tree together

/// Writes of a server that are under way, by lane. Outcomes leave in the order of the requests, so
/// a wrong one can only be slipped in when nothing is before it.
struct under_way {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t> by_start_and_lane;
};
using all_under_way = std::map<server_id, under_way>;

/// Answers some requests by itself, as if they had been done.
class inventive_broadcast final : public proxy<inventive_broadcast, broadcast::actor> {
public:
  using choice = std::function<bool(const tree::request&)>;
  inventive_broadcast(caf::actor_config& config, sdk::reactor_unit& home,
                      sdk::component_context& context, caf::strong_actor_ptr inner,
                      std::shared_ptr<all_under_way> all, choice invents)
      : proxy(config, home, context, std::move(inner)), all_(std::move(all)),
        mine_((*all_)[context.deployment.server]), tree_(context.wire<tree::actor>("tree")),
        invents_(std::move(invents)) {
    mine_ = {};
  }
  using proxy::take;
  void take(broadcast::submit& m) {
    std::erase_if(m.requests, [this](const tree::request& one) {
      if (one.origin == origin{}) return false;
      auto& before = mine_.by_start_and_lane[{one.origin.start, one.origin.lane}];
      // What is invented passes the tree's counting as well.
      if (before++ > 0 || !invents_(one)) return false;
      const auto* sync = std::get_if<sync_op>(&one.op);
      verdict invented{one.origin,
                       one.session,
                       {},
                       {{error_code::ok, sync ? sync->path : "", {}}},
                       kind_of(one.op)};
      tree_.send(tree::deliver{{std::move(invented)}});
      return true;
    });
    forward(m);
  }

private:
  const std::shared_ptr<all_under_way> all_;
  under_way& mine_;
  const tree::actor tree_;
  const choice invents_;
};

class counting_tree final : public proxy<counting_tree, tree::actor> {
public:
  counting_tree(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
                caf::strong_actor_ptr inner, std::shared_ptr<all_under_way> all)
      : proxy(config, home, context, std::move(inner)), all_(std::move(all)),
        server_(context.deployment.server) {}
  using proxy::take;
  void take(tree::deliver& m) {
    for (const auto& one : m.committed) {
      const auto* refused = std::get_if<verdict>(&one);
      const auto whose = refused
                             ? refused->origin
                             : troupe::broadcast::codec::origin_of(std::get<encoded_txn>(one).body);
      if (whose.server != server_) continue;
      auto& left = (*all_)[server_].by_start_and_lane[{whose.start, whose.lane}];
      if (left > 0) --left;
    }
    forward(m);
  }

private:
  const std::shared_ptr<all_under_way> all_;
  const server_id server_;
};

// ---------------------------------------------------------------- tree

/// Applies something else than the others, now and then, on one of the servers.
class different_tree final : public proxy<different_tree, tree::actor> {
public:
  different_tree(caf::actor_config& config, sdk::reactor_unit& home,
                 sdk::component_context& context, caf::strong_actor_ptr inner)
      : proxy(config, home, context, std::move(inner)), server_(context.deployment.server) {}
  using proxy::take;
  void take(tree::deliver& m) {
    for (auto& one : m.committed) {
      auto* const txn = std::get_if<encoded_txn>(&one);
      if (txn && server_.value == 2 && ++count_ % 50 == 0) alter(*txn);
    }
    forward(m);
  }

private:
  const server_id server_;
  std::uint64_t count_ = 0;
};

/// Applies, and answers, what the leader has only proposed.
class eager_tree final : public proxy<eager_tree, tree::actor> {
public:
  using proxy::proxy;
  using proxy::take;
  void take(tree::attach_sequencer& m) {
    auto between = sdk::spawn_pinned<filter<tree::sequencer>>(
        home(), m.broadcast,
        filter<tree::sequencer>::changes{[this](tree::prepared& made) {
                                           tree::deliver at_once{made.proposals};
                                           done_ += made.proposals.size();
                                           forward(at_once);
                                           return true;
                                         },
                                         {},
                                         {}});
    m.broadcast = tree::sequencer{between};
    keep(std::move(between));
    forward(m);
  }
  void take(tree::deliver& m) {
    std::erase_if(m.committed, [this](const tree::proposal&) { return done_ > 0 && done_-- > 0; });
    forward(m);
  }

private:
  std::size_t done_ = 0;
};

template <class Proxy, class... Args>
auto behind(Args... args) {
  return [args...](sdk::component_context& context, const sdk::component_factory& real) {
    auto inner = real(context).actor;
    return sdk::component_instance{
        sdk::spawn_pinned<Proxy>(context.unit, context, std::move(inner), args...)};
  };
}

template <class Make>
auto only(const char* type, Make make) {
  return [type, make] { return std::vector<planted_bug>{{"", type, "", make}}; };
}

auto inventing(inventive_broadcast::choice invents) {
  return [invents] {
    auto all = std::make_shared<all_under_way>();
    return std::vector<planted_bug>{
        {"", "broadcast.zab", "", behind<inventive_broadcast>(all, invents)},
        {"", "tree.znode", "", behind<counting_tree>(all)}};
  };
}

bool is_sync(const tree::request& one) { return std::holds_alternative<sync_op>(one.op); }
bool is_some_set(const tree::request& one) {
  return std::holds_alternative<set_data_op>(one.op) && one.origin.sequence % 4 == 0;
}

}  // namespace

const std::vector<ensemble_bug>& ensemble_bugs() {
  static const std::vector<ensemble_bug> all{
      {"ack_before_sync",
       {"is lost", "two histories", "contradicts", "left out"},
       only("storage.wal", behind<hasty_storage>())},
      {"reply_before_commit",
       {"is lost", "are different", "not linearizable"},
       only("tree.znode", behind<eager_tree>())},
      {"serves_before_synchronised",
       {"older than what was known"},
       only("broadcast.zab",
            behind<spoilt_broadcast>(spoilt_broadcast::announce{serves_always}, true))},
      {"sync_answered_locally",
       {"not linearizable", "older than what somebody"},
       inventing(is_sync)},
      {"lost_write_answered", {"is lost", "not linearizable"}, inventing(is_some_set)},
      {"expiry_by_a_follower",
       {"session expired"},
       only("broadcast.zab",
            behind<spoilt_broadcast>(spoilt_broadcast::announce{everybody_expires}, true))},
      {"touches_not_forwarded",
       {"session expired"},
       only("broadcast.zab", behind<spoilt_broadcast>(spoilt_broadcast::announce{}, false))},
      {"promise_not_written",
       {"which no quorum has promised"},
       only("storage.wal", behind<forgetful_storage>())},
      {"uncommitted_applied",
       {"two histories", "contradicts", "are different", "left out", "stopped by itself"},
       only("storage.wal",
            behind<spoilt_storage>(log_filter::changes{all_is_committed, {}, {}, {}}))},
      {"stale_record_accepted",
       {"two histories", "contradicts", "are different", "stopped by itself"},
       only("storage.wal", behind<spoilt_storage>(log_filter::changes{stale_end, {}, {}, {}}))},
      {"different_tree",
       {"are different", "data changed", "nobody wrote"},
       only("tree.znode", behind<different_tree>())}};
  return all;
}

}  // namespace troupe::test
