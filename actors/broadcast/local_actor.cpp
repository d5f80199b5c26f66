#include "actors/broadcast/local_actor.hpp"

#include <iterator>
#include <limits>
#include <utility>

#include <caf/system_messages.hpp>

#include <troupe/sdk/log.hpp>

namespace troupe::broadcast {

namespace storage = role::storage;
namespace log = sdk::log;

local_actor::local_actor(caf::actor_config& config, sdk::reactor_unit& home,
                         sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      storage_(context.wire<storage::actor>("storage")),
      tree_(context.wire<role::tree::actor>("tree")), entropy_(context.ports.entropy),
      server_(context.deployment.server),
      epoch_limit_(static_cast<std::uint32_t>(context.options.integer("epoch_transactions"))),
      in_flight_(context.metrics->gauge("troupe_broadcast_proposals_in_flight",
                                        "Proposals that are not delivered to the tree yet.")),
      leading_now_(context.metrics->gauge("troupe_broadcast_leading",
                                          "1 if this server decides about writes.")),
      writable_(context.metrics->gauge(
          "troupe_broadcast_writable",
          "1 if writes are taken; 0 at the start and while the disk has no space.")) {}

caf::behavior local_actor::make_behavior() {
  set_down_handler([this](const caf::down_msg& m) {
    std::erase_if(listeners_,
                  [&](const auto& one) { return one.pointer()->address() == m.source; });
  });
  return handlers<role::component::actor, role::broadcast::actor, storage::log_client,
                  role::tree::sequencer>(
      [](const role::tree::digested&) {},  // there is nothing to compare with
      [this](role::broadcast::submit& m) { submit(m); },
      [this](role::tree::prepared& m) { prepared(m); },
      [this](const storage::persisted& m) { persisted(m.zxid); },
      [this](storage::recovered& m) { recovered(m); },
      [this](const role::tree::loaded& m) { tree_loaded(m); },
      [this](const storage::epochs_written&) { lead(); },
      [this](const storage::space_changed& m) { space_changed(m); },
      [this](const role::broadcast::attach& m) { attach(m.listener); },
      // There is no other server that could have heard of a session, or have one.
      [](const role::broadcast::attach_touches&) {}, [](const role::broadcast::touch&) {},
      [](const role::broadcast::ask_leader&) {}, [](const role::broadcast::answer_claims&) {},
      [](const role::broadcast::tell_moved&) {},
      [this](const role::broadcast::inspect& m) { inspect(m); },
      [this](const role::component::start&) { start(); },
      [this](const role::component::stop&) {
        phase_ = phase::stopping;
        for (const auto& one : listeners_)
          one.send(serving());
        finish_if_drained();
      },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void local_actor::on_exit() {
  // Listeners point backwards along the wires; keeping them would keep a cycle of actors alive.
  listeners_.clear();
}

void local_actor::attach(const role::broadcast::listener& listener) {
  listeners_.push_back(listener);
  // One that ends, such as a gateway before its restart, must not be kept in memory by this handle.
  monitor(caf::actor_cast<caf::actor>(listener.pointer()));
  listener.send(serving());
}

// ---------------------------------------------------------------- recovery

void local_actor::start() {
  phase_ = phase::recovering;
  tree_.send(role::tree::attach_sequencer{self<role::tree::sequencer>()});
  storage_.send(storage::attach_log{self<storage::log_client>()});
  storage_.send(storage::recover_next{});
}

void local_actor::recovered(storage::recovered& message) {
  std::visit(
      [this](auto& piece) {
        using piece_type = std::decay_t<decltype(piece)>;
        if constexpr (std::is_same_v<piece_type, storage::recovery::end>) {
          take_piece(piece);
        } else if constexpr (std::is_same_v<piece_type, storage::recovery::uncommitted>) {
          rest_.insert(rest_.end(), std::make_move_iterator(piece.txns.begin()),
                       std::make_move_iterator(piece.txns.end()));
          storage_.send(storage::recover_next{});
        } else {
          // The next piece is asked for when the tree has taken this one.
          tree_.send(role::tree::load{std::move(piece)});
        }
      },
      message.piece);
}

void local_actor::tree_loaded(const role::tree::loaded& message) {
  if (!message.failure.empty()) {
    fail("the recovered state cannot be loaded: " + message.failure);
    return;
  }
  if (phase_ == phase::recovering) {
    storage_.send(storage::recover_next{});
  } else {
    history_complete();
  }
}

void local_actor::history_complete() {
  order_.start_after(recovered_end_.last);
  tree_.send(role::tree::load_finished{server_, recovered_end_.start_number});
  take_epoch();
}

void local_actor::take_piece(storage::recovery::end& end) {
  if (end.blank && end.epochs.current != 0) {
    fail("the history of this server was damaged and put aside while it was a member of an "
         "ensemble, "
         "and it cannot go on alone with nothing: start it as a member again, or restore a backup");
    return;
  }
  recovered_end_ = end;
  history_known_ = true;
  // A quorum of one: what is durable here is committed, known to be or not.
  phase_ = phase::committing_rest;
  if (rest_.empty()) {
    history_complete();
  } else {
    tree_.send(role::tree::load{storage::recovery::committed{std::move(rest_)}});
  }
}

void local_actor::take_epoch() {
  const auto newest =
      std::max({recovered_end_.epochs.accepted, epochs_.accepted, order_.last_proposed().epoch()});
  if (newest == std::numeric_limits<std::uint32_t>::max()) {
    fail("the epochs are used up: no later epoch than 0xffffffff exists");
    return;
  }
  phase_ = phase::taking_epoch;
  epochs_ = {newest + 1, newest + 1};
  // Durable before the first zxid of the epoch exists, so that no two starts share one.
  storage_.send(storage::write_epochs{epochs_});
}

void local_actor::lead() {
  if (phase_ != phase::taking_epoch) return;  // it is stopping
  phase_ = phase::serving;
  if (!space_) return settle_space();
  leading_ = true;
  tree_.send(role::tree::lead{epochs_.current, entropy_.secret(32)});
  log::info("leading",
            {{"epoch", epochs_.current}, {"last_zxid", to_string(order_.last_proposed())}});
  for (const auto& one : listeners_)
    one.send(serving());
  if (!early_.empty()) {
    ++preparing_;
    tree_.send(role::tree::prepare{std::exchange(early_, {})});
  }
  report_ready();
}

// ------------------------------------------------------------------ writes

void local_actor::submit(role::broadcast::submit& message) {
  if (message.requests.empty()) return;
  if (phase_ < phase::serving || epoch_is_full() || withdrawing_) {
    early_.insert(early_.end(), std::make_move_iterator(message.requests.begin()),
                  std::make_move_iterator(message.requests.end()));
    if (phase_ == phase::serving) next_epoch_if_drained();
    return;
  }
  if (!space_) {
    refuse(message.requests);
    return;
  }
  disk_bound_ = message.disk_bound;
  ++preparing_;
  tree_.send(role::tree::prepare{std::move(message.requests)});
}

void local_actor::space_changed(const storage::space_changed& message) {
  if (message.available == space_) return;
  space_ = message.available;
  if (phase_ == phase::stopping) return finish_if_drained();
  if (space_) {
    log::info("writes_accepted_again", {{"path", message.path}});
  } else {
    log::error("writes_refused",
               {{"reason", "no space for the log; reads go on"},
                {"path", message.path},
                {"do", "give it what the event no_space says that it lacks; writes are taken again "
                       "by themselves"}});
    // The log has discarded what it had no room for. Nobody was told that it is true, so it can be
    // taken back; but only together with what the tree is still preparing on top of it.
    withdrawing_ = leading_;
    for (const auto& one : listeners_)
      one.send(serving());
  }
  settle_space();
}

void local_actor::settle_space() {
  if (withdrawing_ && preparing_ > 0) return;
  if (std::exchange(withdrawing_, false)) {
    leading_ = false;
    tree_.send(role::tree::stop_leading{order_.withdraw()});
  }
  if (phase_ == phase::stopping) return finish_if_drained();
  if (leading_ || phase_ != phase::serving) return;
  if (space_) {
    take_epoch();
  } else if (!early_.empty()) {
    auto refused = std::exchange(early_, {});
    refuse(refused);
  }
}

void local_actor::refuse(std::vector<role::tree::request>& requests) {
  std::vector<local_order::proposal> verdicts;
  for (const auto& one : requests) {
    std::vector<write_result> results(results_of(one.op), {error_code::not_read_only, {}, {}});
    // A sync writes nothing, and everything committed is applied here.
    if (const auto* sync = std::get_if<sync_op>(&one.op)) {
      results.front() = {error_code::ok, sync->path, {}};
    }
    verdicts.push_back(verdict{one.origin, one.session, order_.last_proposed(), std::move(results),
                               kind_of(one.op)});
  }
  order_.proposed(std::move(verdicts));
  advance();
}

void local_actor::prepared(role::tree::prepared& message) {
  if (message.epoch != epochs_.current || !leading_) return;  // of a time when it still led
  if (!message.unasked) --preparing_;
  order_.proposed(std::move(message.proposals));
  if (withdrawing_) return settle_space();
  advance();
}

void local_actor::persisted(zxid through) {
  order_.persisted(through);
  advance();
}

void local_actor::advance() {
  // New sessions come by a longer way than the writes of the same turn. One sync will do for both.
  held_ = disk_bound_ && preparing_ > 0 && !held_;
  if (!held_) {
    if (auto txns = order_.take_appends(); !txns.empty())
      storage_.send(storage::append{std::move(txns), order_.committed(), disk_bound_});
  }
  if (auto committed = order_.take_deliveries(); !committed.empty()) {
    tree_.send(role::tree::deliver{std::move(committed)});
  }
  if (phase_ == phase::stopping) finish_if_drained();
  if (phase_ == phase::serving && !early_.empty()) next_epoch_if_drained();
}

bool local_actor::epoch_is_full() const {
  // Right after an epoch was taken the newest transaction is still one of the epoch before.
  return order_.last_proposed().epoch() == epochs_.current &&
         order_.last_proposed().counter() >= epoch_limit_;
}

void local_actor::next_epoch_if_drained() {
  // The counter must not overflow into the epoch (ZOOKEEPER-1277). A tree that leads anew has an
  // empty overlay, so everything in flight is delivered first.
  if (leading_ && preparing_ == 0 && order_.in_flight() == 0) take_epoch();
}

void local_actor::finish_if_drained() {
  // Without space for the log what is in flight stays where it is: unacknowledged, so not lost.
  if (preparing_ > 0 || (order_.in_flight() > 0 && space_)) return;
  // Storage takes nothing before it has given out all that it recovered.
  if (!history_known_) return finish();
  // The log notes how far everything is committed, so that a clean start replays nothing twice.
  storage_.send(storage::append{{}, order_.committed(), false});
  finish();
}

// ------------------------------------------------------------------ status

role::broadcast::serving_changed local_actor::serving() const {
  using role::broadcast::server_mode;
  const bool serves = phase_ == phase::serving;
  return {serves,          serves ? server_mode::standalone : server_mode::starting,
          serves,          order_.committed(),
          server_,         recovered_end_.start_number,
          serves && space_};
}

void local_actor::inspect(const role::broadcast::inspect& message) const {
  role::broadcast::inspection all;
  all.token = message.token;
  all.self = server_;
  all.mode = serving().mode;
  message.to.send(std::move(all));
}

void local_actor::report_status(std::uint64_t token) {
  in_flight_.set(std::uint64_t{order_.in_flight()});
  leading_now_.set(leading_ ? 1.0 : 0.0);
  writable_.set(serving().writable ? 1.0 : 0.0);
  supervisor_.send(role::component::status_report{
      token,
      number_,
      {{"mode", phase_ == phase::serving ? "standalone" : "starting"},
       {"epoch", std::to_string(epochs_.current)},
       {"last_proposed_zxid", to_string(order_.last_proposed())},
       {"committed_zxid", to_string(order_.committed())},
       {"in_flight", std::to_string(order_.in_flight())},
       {"space_available", space_ ? "true" : "false"}}});
}

}  // namespace troupe::broadcast
