#include "actors/broadcast/local_actor.hpp"

#include <iterator>
#include <limits>
#include <utility>

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
      epoch_limit_(static_cast<std::uint32_t>(context.options.integer("epoch_transactions"))) {}

caf::behavior local_actor::make_behavior() {
  return handlers<role::component::actor, role::broadcast::actor, storage::log_client,
                  role::tree::sequencer>(
      [this](role::broadcast::submit& m) { submit(m); },
      [this](role::tree::prepared& m) { prepared(m); },
      [this](const storage::persisted& m) { persisted(m.zxid); },
      [this](storage::recovered& m) { recovered(m); },
      [this](const role::tree::loaded& m) { tree_loaded(m); },
      [this](const storage::epochs_written&) { lead(); },
      [this](const storage::space_changed& m) { space_changed(m); },
      [this](const role::broadcast::attach& m) {
        listeners_.push_back(m.listener);
        m.listener.send(serving());
      },
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
  recovered_end_ = end;
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
  phase_ = phase::serving;
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
  if (phase_ < phase::serving || epoch_is_full()) {
    early_.insert(early_.end(), std::make_move_iterator(message.requests.begin()),
                  std::make_move_iterator(message.requests.end()));
    if (phase_ == phase::serving) next_epoch_if_drained();
    return;
  }
  if (!space_) {
    refuse(message.requests);
    return;
  }
  ++preparing_;
  tree_.send(role::tree::prepare{std::move(message.requests)});
}

void local_actor::space_changed(const storage::space_changed& message) {
  if (message.available == space_) return;
  space_ = message.available;
  if (space_) {
    log::info("writes_accepted_again", {{"path", message.path}});
  } else {
    log::error("writes_refused",
               {{"reason", "no space for the log; reads go on"},
                {"path", message.path},
                {"do", "free space there; writes are taken again by themselves"}});
  }
}

void local_actor::refuse(std::vector<role::tree::request>& requests) {
  std::vector<local_order::proposal> verdicts;
  for (const auto& one : requests) {
    const auto* multi = std::get_if<multi_op>(&one.op);
    const auto count = multi ? std::max<std::size_t>(multi->items.size(), 1) : 1;
    verdicts.push_back(verdict{
        one.origin, one.session, order_.last_proposed(),
        std::vector<write_result>(count, {error_code::not_read_only, {}, {}}), kind_of(one.op)});
  }
  order_.proposed(std::move(verdicts));
  advance();
}

void local_actor::prepared(role::tree::prepared& message) {
  if (message.epoch != epochs_.current) return;
  if (!message.unasked) --preparing_;
  order_.proposed(std::move(message.proposals));
  advance();
}

void local_actor::persisted(zxid through) {
  order_.persisted(through);
  advance();
}

void local_actor::advance() {
  if (auto txns = order_.take_appends(); !txns.empty()) {
    storage_.send(storage::append{std::move(txns), order_.committed()});
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
  if (preparing_ == 0 && order_.in_flight() == 0) take_epoch();
}

void local_actor::finish_if_drained() {
  if (preparing_ > 0 || order_.in_flight() > 0) return;
  // The log notes how far everything is committed, so that a clean start replays nothing twice.
  storage_.send(storage::append{{}, order_.committed()});
  finish();
}

// ------------------------------------------------------------------ status

role::broadcast::serving_changed local_actor::serving() const {
  using role::broadcast::server_mode;
  const bool serves = phase_ == phase::serving;
  return {serves,  serves ? server_mode::standalone : server_mode::starting,
          serves,  order_.committed(),
          server_, recovered_end_.start_number};
}

void local_actor::report_status(std::uint64_t token) {
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
