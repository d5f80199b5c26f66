#include "actors/broadcast/zab_actor.hpp"

#include <algorithm>
#include <string>

#include <caf/system_messages.hpp>

#include <troupe/sdk/log.hpp>

#include "actors/broadcast/codec/message_codec.hpp"

namespace troupe::broadcast {

namespace storage = role::storage;
namespace log = sdk::log;

namespace {

/// Some hundred transactions of usual size are worth a message and a sync of their own.
constexpr std::size_t most_gathered = 512;

zab::settings settings_of(const sdk::component_context& context) {
  zab::settings settings;
  settings.self = context.deployment.server;
  settings.init_limit = context.options.duration("init_limit");
  settings.sync_limit = context.options.duration("sync_limit");
  settings.ping_interval = context.options.duration("ping_interval");
  settings.lease = context.options.duration("lease");
  settings.most_gathered = most_gathered;
  settings.keep_bytes = context.options.bytes("keep_bytes");
  return settings;
}

}  // namespace

zab_actor::zab_actor(caf::actor_config& config, sdk::reactor_unit& home,
                     sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      storage_(context.wire<storage::actor>("storage")),
      tree_(context.wire<role::tree::actor>("tree")),
      election_(context.wire<role::election::actor>("election")),
      peers_(context.wire<role::peer::actor>("peer")), ports_(context.ports),
      server_(context.deployment.server), settings_(settings_of(context)),
      metrics_(context.metrics) {}

caf::behavior zab_actor::make_behavior() {
  set_down_handler([this](const caf::down_msg& m) {
    std::erase_if(listeners_,
                  [&](const auto& one) { return one.pointer()->address() == m.source; });
  });
  return handlers<role::component::actor, role::broadcast::actor, storage::log_client,
                  storage::history_client, role::tree::sequencer, role::peer::client,
                  role::election::client, handle<zab_tick>>(
      [this](role::peer::received& m) { received(m); },
      [this](role::broadcast::submit& m) { submit(m); },
      [this](role::tree::prepared& m) { prepared(m); },
      [this](const storage::persisted& m) {
        step([&](zab::member& core) { core.persisted(m.zxid); });
      },
      [this](const storage::epochs_written& m) {
        step([&](zab::member& core) {
          core.epochs_written(
              {m.epochs.accepted, m.epochs.current, m.epochs.member, m.epochs.shared});
        });
      },
      [this](const storage::truncated&) { truncated(); },
      [this](storage::range& m) {
        step([&](zab::member& core) {
          core.range(m.token, m.after.zxid, std::move(m.txns), m.gone);
        });
      },
      [this](const storage::located& m) { located(m); },
      [](const storage::described&) {},  // not asked for
      [this](const storage::install_progress& m) { install_progress(m); },
      [this](const storage::installed& m) { reload(m.last.zxid); },
      [this](storage::snapshot_piece& m) { snapshot_piece(m); },
      [this](const storage::space_changed& m) { space_changed(m); },
      [this](storage::recovered& m) { recovered(m); },
      [this](const role::tree::loaded& m) {
        if (!m.failure.empty()) return fail("the recovered state cannot be loaded: " + m.failure);
        if (phase_ == phase::recovering) return storage_.send(storage::recover_next{});
        if (applying_ > 0) return announce_when_applied();
        if (reloading_) storage_.send(storage::next_snapshot_chunk{reloading_->token});
      },
      [this](const role::tree::digested& m) {
        step([&](zab::member& core) { core.digested(m.zxid, m.digest); });
      },
      [this](const role::peer::membership& m) { members(m); },
      [this](const role::peer::link_up& m) { link_up(m); },
      [this](const role::peer::link_down& m) { link_down(m); },
      [this](const role::election::elected& m) {
        step([&](zab::member& core) { core.elected(m.leader); });
      },
      [this](const zab_tick&) { tick(); },
      [this](const role::broadcast::attach& m) { attach(m.listener); },
      [this](const role::broadcast::attach_touches& m) { sessions_ = m.listener; },
      [this](const role::broadcast::inspect& m) { m.to.send(look_around(m.token)); },
      [this](role::broadcast::touch& m) {
        step([&](zab::member& core) { core.tell_touched(std::move(m.sessions)); });
      },
      [this](role::broadcast::ask_leader& m) {
        step([&](zab::member& core) { core.ask_claims(std::move(m.claims)); });
      },
      [this](role::broadcast::answer_claims& m) {
        step([&](zab::member& core) { core.answer_claims(m.to, std::move(m.answers)); });
      },
      [this](const role::broadcast::tell_moved& m) {
        step([&](zab::member& core) { core.tell_moved(m.session, m.from, m.to); });
      },
      [this](const role::component::start&) { start(); },
      [this](const role::component::stop&) { stop(); },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void zab_actor::on_exit() {
  tick_timer_.reset();
  // Listeners point backwards along the wires; keeping them would keep a cycle of actors alive.
  listeners_.clear();
  sessions_.reset();
}

void zab_actor::attach(const role::broadcast::listener& listener) {
  listeners_.push_back(listener);
  monitor(caf::actor_cast<caf::actor>(listener.pointer()));
  listener.send(serving());
}

// ---------------------------------------------------------------- life

void zab_actor::start() {
  phase_ = phase::recovering;
  tree_.send(role::tree::attach_sequencer{self<role::tree::sequencer>()});
  storage_.send(storage::attach_log{self<storage::log_client>()});
  storage_.send(storage::attach_history{self<storage::history_client>()});
  election_.send(role::election::attach{self<role::election::client>()});
  peers_.send(role::peer::attach{role::peer::channel::broadcast, self<role::peer::client>()});
  recovering_.emplace(zxid{}, settings_.keep_bytes);
  storage_.send(storage::recover_next{});
}

void zab_actor::recovered(storage::recovered& message) {
  namespace recovery = storage::recovery;
  if (auto* end = std::get_if<recovery::end>(&message.piece)) {
    recovered_end_ = std::move(*end);
    std::vector<zxid> ends;
    for (const auto& point : recovered_end_->epoch_ends)
      ends.push_back(point.zxid);
    recovering_->know_older_ends(ends);
    tree_.send(role::tree::load_finished{server_, recovered_end_->start_number});
    return begin_if_known();
  }
  if (auto* rest = std::get_if<recovery::uncommitted>(&message.piece)) {
    // Whether they are committed, the next leader will know.
    for (auto& txn : rest->txns)
      recovering_->recovered(std::move(txn), false);
    storage_.send(storage::recover_next{});
    return;
  }
  if (const auto* begin = std::get_if<recovery::snapshot_begin>(&message.piece))
    recovering_.emplace(begin->zxid, settings_.keep_bytes);
  if (const auto* committed = std::get_if<recovery::committed>(&message.piece))
    for (const auto& txn : committed->txns)
      recovering_->recovered(txn, true);
  // The next piece is asked for when the tree has taken this one.
  std::visit(
      [this](auto& piece) {
        using piece_type = std::decay_t<decltype(piece)>;
        if constexpr (!std::is_same_v<piece_type, recovery::end> &&
                      !std::is_same_v<piece_type, recovery::uncommitted>)
          tree_.send(role::tree::load{std::move(piece)});
      },
      message.piece);
}

void zab_actor::begin_if_known() {
  if (!members_known_ || !recovered_end_ || core_) return;
  const auto& on_disk = recovered_end_->epochs;
  core_.emplace(settings_, std::move(*recovering_),
                zab::epochs{on_disk.accepted, on_disk.current, on_disk.member, on_disk.shared},
                ports_.clock.now());
  recovering_.reset();
  last_delivered_ = core_->log().committed();
  phase_ = phase::running;
  for (const auto& [peer, link] : links_)
    core_->link_up(peer);
  step([](zab::member& core) { core.start(); });
  schedule_tick();
  report_ready();
}

/// By a message: what a tick leads to may end this actor, which needs a message to end in.
void zab_actor::schedule_tick() {
  tick_timer_ = ports_.timers.after(settings_.ping_interval / 4,
                                    [me = self<handle<zab_tick>>()] { me.send(zab_tick{}); });
}

void zab_actor::tick() {
  step([](zab::member& core) { core.tick(); });
  if (phase_ == phase::running) schedule_tick();
}

/// A leader hands over first, so that another has everything that was proposed here, and leads at
/// once.
void zab_actor::stop() {
  leaving_ = true;
  if (!core_ || !core_->leads()) return leave();
  step([](zab::member& core) { core.hand_over("the server stops"); });
}

void zab_actor::leave() {
  phase_ = phase::stopping;
  tick_timer_.reset();
  if (core_) {
    core_->resign("the server stops");
    carry_out();
    if (core_->log().durable() == core_->log().last())
      // The log notes how far everything is committed, so that a clean start replays nothing twice.
      storage_.send(storage::append{{}, core_->log().committed(), false});
  }
  finish();
}

void zab_actor::space_changed(const storage::space_changed& message) {
  if (message.available) return;
  // What the log discarded may be committed already, by the others, so this history would have a
  // hole if it went on. After a start it is whole, and the leader gives what is missing.
  fail("no space for the log in " + message.path +
       ": this server leaves the ensemble, so that the others go on without it. Make room, then "
       "start it again; it catches up by itself");
}

// ---------------------------------------------------------------- peers

void zab_actor::link_up(const role::peer::link_up& message) {
  links_[message.peer] = message.link;
  step([&](zab::member& core) { core.link_up(message.peer); });
}

void zab_actor::link_down(const role::peer::link_down& message) {
  const auto known = links_.find(message.peer);
  if (known == links_.end() || known->second != message.link) return;
  links_.erase(known);
  std::erase_if(held_joins_, [&](const auto& one) { return one.from == message.peer; });
  step([&](zab::member& core) { core.link_down(message.peer); });
}

void zab_actor::received(role::peer::received& message) {
  const auto known = links_.find(message.from);
  if (known == links_.end() || known->second != message.link) return;
  for (const auto& bytes : message.messages) {
    auto said = codec::decode(bytes);
    if (!said) {
      log::warning("message_refused",
                   {{"server", message.from.value}, {"reason", said.error().message}});
      continue;
    }
    if (std::holds_alternative<zab::join>(said->body))
      join_when_prepared(message.from, std::move(*said));
    else
      step([&](zab::member& core) { core.received(message.from, std::move(*said)); });
  }
}

}  // namespace troupe::broadcast
