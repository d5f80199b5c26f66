#include "test/simulation/watched_tree.hpp"

#include <utility>
#include <variant>

#include "test/simulation/proxy.hpp"

namespace troupe::test {
namespace {

namespace tree = role::tree;

class watched_tree final : public proxy<watched_tree, tree::actor> {
public:
  watched_tree(caf::actor_config& config, sdk::reactor_unit& home, sdk::component_context& context,
               caf::strong_actor_ptr inner, ensemble_watch& watch)
      : proxy(config, home, context, std::move(inner)), server_(context.deployment.server),
        watch_(watch) {}

  caf::behavior make_behavior() override {
    watch_.begins(server_, self<ensemble_watch::tree_handle>());
    return proxy::make_behavior();
  }
  caf::message_handler more() override {
    return caf::message_handler{[](tree::output&) {},
                                [this](tree::inspection& m) { watch_.inspected(server_, m); }};
  }
  void on_exit() override {
    watch_.ends(server_);
    proxy::on_exit();
  }

  using proxy::take;
  void take(tree::load& m) {
    namespace recovery = role::storage::recovery;
    if (const auto* begin = std::get_if<recovery::snapshot_begin>(&m.piece)) {
      watch_.restored(server_, begin->zxid);
    } else if (const auto* some = std::get_if<recovery::committed>(&m.piece)) {
      for (const auto& txn : some->txns)
        watch_.applied(server_, txn);
    }
    forward(m);
  }
  void take(tree::deliver& m) {
    for (const auto& one : m.committed) {
      if (const auto* txn = std::get_if<encoded_txn>(&one)) watch_.applied(server_, *txn);
    }
    forward(m);
  }
  void take(tree::lead& m) {
    watch_.leads(server_, m.epoch);
    forward(m);
  }
  void take(tree::stop_leading& m) {
    watch_.leads_no_more(server_);
    forward(m);
  }
  void take(tree::prepare& m) {
    for (const auto& one : m.requests) {
      const auto* close = std::get_if<close_session_op>(&one.op);
      if (close && close->cause == close_cause::expired) watch_.expires(one.session, server_);
    }
    forward(m);
  }
  void take(tree::inspect& m) {
    if (m.lane == ensemble_watch::lane && !std::exchange(attached_, true)) {
      tree::attach_lane mine{ensemble_watch::lane, self<tree::lane>()};
      forward(mine);
    }
    forward(m);
  }

private:
  const server_id server_;
  ensemble_watch& watch_;
  bool attached_ = false;
};

}  // namespace

sdk::catalog watched_types(const sdk::catalog& types, ensemble_watch& watch) {
  sdk::catalog all;
  for (const auto* one : types.all()) {
    auto copy = *one;
    if (copy.name == "tree.znode") {
      copy.factory = [real = one->factory, &watch](sdk::component_context& context) {
        auto inner = real(context).actor;
        return sdk::component_instance{
            sdk::spawn_pinned<watched_tree>(context.unit, context, std::move(inner), watch)};
      };
    }
    all.add(std::move(copy));
  }
  return all;
}

}  // namespace troupe::test
