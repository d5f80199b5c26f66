#include "actors/tree/tree_actor.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>
#include <variant>
#include <vector>

#include <troupe/sdk/log.hpp>

#include "actors/tree/codec/txn_codec.hpp"

namespace troupe::tree {

namespace storage = role::storage;
namespace log = sdk::log;

namespace {

tree_options options_of(const sdk::option_values& values) {
  const auto& schemes = values.list("acl_schemes");
  const auto allows = [&](const char* scheme) {
    return std::find(schemes.begin(), schemes.end(), scheme) != schemes.end();
  };
  tree_options options;
  options.extended_types = values.boolean("extended_types");
  options.enforce_quota = values.boolean("enforce_quota");
  options.schemes = {allows("digest"), allows("ip"), allows("x509"), allows("sasl")};
  options.decision_accesses = static_cast<std::size_t>(values.integer("decision_accesses"));
  options.container_never_used = values.milliseconds("container_never_used");
  return options;
}

/// How many nodes one round of reaping may remove.
std::size_t reap_limit(const sdk::option_values& values) {
  const auto interval = values.duration("reap_interval");
  const auto per_minute = values.integer("reap_max_per_minute");
  const double share = std::chrono::duration<double>(interval) / std::chrono::minutes{1};
  return std::max<std::size_t>(
      1, static_cast<std::size_t>(static_cast<double>(per_minute) * std::min(share, 1.0)));
}

/// Nothing else can stop a decision that hangs, and as long as it does, this server is a leader
/// that answers nobody.
void end_process(const std::string& decision) {
  log::error("decision_hangs",
             {{"decision", decision},
              {"effect", "the process ends, so that another server leads"},
              {"do", "repair or remove the plugin that this decision belongs to; if it was only "
                     "slow, raise decision_watchdog of tree.znode"}});
  std::abort();
}

}  // namespace

tree_actor::tree_actor(caf::actor_config& config, sdk::reactor_unit& home,
                       sdk::component_context& context)
    : sdk::pinned_actor(config, home, context.number, context.supervisor),
      storage_(context.wire<storage::actor>("storage")), clock_(context.ports.clock),
      timers_(context.ports.timers), reap_interval_(context.options.duration("reap_interval")),
      reap_limit_(reap_limit(context.options)), tree_(options_of(context.options)),
      ring_(context.options.bytes("change_window")),
      watchdog_(context.options.duration("decision_watchdog"), end_process),
      all_metrics_(context.metrics), metrics_(*all_metrics_) {}

caf::behavior tree_actor::make_behavior() {
  return handlers<role::tree::actor, role::component::actor, storage::snapshot_client,
                  handle<reap_tick, snapshot_step, list_step>>(
      [this](role::tree::read& m) { read(m); }, [this](role::tree::prepare& m) { prepare(m); },
      [this](role::tree::deliver& m) { deliver(m); },
      [this](role::tree::watcher_identities& m) {
        tree_.watcher_identities(m.watcher, std::move(m.who));
      },
      [this](const role::tree::watchers_gone& m) {
        for (const auto one : m.watchers)
          tree_.watcher_gone(one);
      },
      [this](const storage::snapshot_progress& m) { snapshot_progress(m); },
      [this](const storage::snapshot_wanted&) {
        snapshot_wanted_ = true;
        begin_snapshot_if_wanted();
      },
      [this](const reap_tick&) { reap(); }, [this](const list_step&) { advance_lists(); },
      [this](const snapshot_step& m) {
        if (snapshot_ && m.number == snapshots_begun_) write_snapshot();
      },
      [this](role::tree::load& m) { load(m); },
      [this](const role::tree::load_finished& m) { load_finished(m); },
      [this](role::tree::lead& m) { lead(m); },
      [this](role::tree::stop_leading& m) { stop_leading(m); },
      [this](const role::tree::session_owned& m) { tree_.preparing().own(m.session, m.server); },
      [this](const role::tree::attach_sequencer& m) { sequencer_ = m.broadcast; },
      [this](const role::tree::attach_sessions& m) {
        sessions_ = m.listener;
        if (ready_) tell_everything();
      },
      [this](const role::tree::attach_lane& m) {
        tree_.lane_began(m.number);
        lanes_[m.number] = m.lane;
        if (ready_) m.lane.send(role::tree::output{tree_.committed().applied(), {}});
      },
      [this](const role::tree::inspect& m) { inspect(m); },
      [this](const role::tree::read_changes& m) { tell_changes(m); },
      [this](role::tree::guard_mount& m) {
        tree_.preparing().guards().set(std::move(m.mount), std::move(m.guard));
      },
      [this](const role::component::start&) {
        storage_.send(storage::attach_snapshots{self<storage::snapshot_client>()});
      },
      [this](const role::component::stop&) { finish(); },
      [this](const role::component::report_status& m) { report_status(m.token); });
}

void tree_actor::on_exit() {
  reap_timer_.reset();
  list_timer_.reset();
  snapshot_.reset();
  // Backward handles; keeping them would keep a cycle of actors alive.
  sequencer_.reset();
  sessions_.reset();
  lanes_.clear();
}

// ---------------------------------------------------------------- recovery

void tree_actor::load(role::tree::load& message) {
  auto failure = std::visit([this](const auto& piece) { return load_piece(piece); }, message.piece);
  sequencer_.send(role::tree::loaded{std::move(failure)});
}

std::string tree_actor::load_piece(const storage::recovery::snapshot_begin& piece) {
  if (snapshot_) snapshot_forgotten_ = true;
  snapshot_.reset();
  if (tree_.unfinished_lists() > 0) {
    tree_.give_up_lists();
    flush();
  }
  own_.clear();
  // While it serves, a leader's snapshot takes the place of the tree. Whoever watched or waited
  // here is told by the gateways to begin anew.
  for (const auto& [number, lane] : lanes_)
    tree_.lane_began(number);
  tree_.preparing().replies().clear();
  ring_.begin_after(piece.zxid);
  loader_.emplace(tree_.committed(), piece.zxid, piece.tree_digest);
  decoder_.emplace([this](const snapshot::record& record) { return loader_->add(record); });
  last_snapshot_ = piece.zxid;
  return {};
}

std::string tree_actor::load_piece(const storage::recovery::snapshot_chunk& piece) {
  if (!decoder_) return "a piece of a snapshot came before its beginning";
  return decoder_->feed(piece.bytes.view());
}

std::string tree_actor::load_piece(const storage::recovery::committed& piece) {
  if (loader_ && !loader_->complete()) return "the snapshot ends too early";
  loader_.reset();
  decoder_.reset();
  for (const auto& one : piece.txns) {
    const auto decided = codec::decode(one.body);
    if (!decided) return decided.error().message;
    if (decided->zxid != one.zxid) return "a transaction was logged under another zxid";
    if (auto wrong = tree_.replay(*decided); !wrong.empty())
      return "transaction " + to_string(one.zxid) + " does not fit: " + wrong;
    ring_.add(one, tree_.take_hidden());
  }
  return {};
}

void tree_actor::load_finished(const role::tree::load_finished& message) {
  if (loader_ && !loader_->complete()) {
    fail("the recovered snapshot ends too early: it was cut, or written incompletely");
    return;
  }
  loader_.reset();
  decoder_.reset();
  tree_.set_server(message.server, message.start);
  const bool again = std::exchange(ready_, true);
  tell_everything();
  flush();
  begin_snapshot_if_wanted();
  if (!again) report_ready();
}

// ----------------------------------------------------------------- prepare

void tree_actor::lead(role::tree::lead& message) {
  own_.clear();
  told_exhausted_ = false;
  tree_.lead(message.epoch, std::move(message.secret), message.ensemble);
  schedule_reap();
}

void tree_actor::stop_leading(role::tree::stop_leading& message) {
  reap_timer_.reset();
  tree_.message_begins();
  tree_.stop_leading();
  for (auto& one : message.withdrawn) {
    if (auto* refusal = std::get_if<verdict>(&one)) {
      // It was given against a state that will never be.
      for (auto& result : refusal->results)
        result.error = error_code::not_read_only;
      refusal->after = tree_.committed().applied();
      tree_.deliver(std::move(*refusal));
    } else if (auto refused = withdrawn(std::get<encoded_txn>(one))) {
      tree_.deliver(*std::move(refused));
    }
  }
  own_.clear();
  flush();
}

std::optional<verdict> tree_actor::withdrawn(const encoded_txn& proposed) {
  while (!own_.empty() && own_.front().decided.zxid < proposed.zxid)
    own_.pop_front();
  if (own_.empty() || own_.front().body != proposed.body) return std::nullopt;
  const auto& decided = own_.front().decided;
  return verdict{
      decided.origin, decided.session, tree_.committed().applied(),
      std::vector<write_result>(results_of(decided), {error_code::not_read_only, {}, {}}),
      decided.kind};
}

role::tree::proposal tree_actor::propose(txn decided) {
  auto encoded = codec::encode(decided);
  own_.push_back({encoded.body, std::move(decided)});
  return encoded;
}

void tree_actor::prepare(role::tree::prepare& message) {
  role::tree::prepared answer;
  // A request that was on its way when leading ended gets no proposal; epoch 0 says so.
  if (!tree_.preparing().leading()) return sequencer_.send(std::move(answer));
  const auto now = clock_.wall();
  answer.epoch = tree_.preparing().epoch();
  answer.proposals.reserve(message.requests.size());
  for (auto& one : message.requests) {
    auto outcome = prepare_one(one, now);
    if (auto* decided = std::get_if<txn>(&outcome))
      answer.proposals.push_back(propose(std::move(*decided)));
    else
      answer.proposals.emplace_back(std::move(std::get<verdict>(outcome)));
  }
  tell_complaints();
  if (tree_.preparing().exhausted() && !std::exchange(told_exhausted_, true))
    log::error("zxids_exhausted", {{"epoch", answer.epoch},
                                   {"effect", "writes are refused until a new epoch begins"}});
  sequencer_.send(std::move(answer));
}

std::variant<txn, verdict> tree_actor::prepare_one(role::tree::request& asked, wall_time now) {
  const auto* decide = std::get_if<decide_op>(&asked.op);
  const auto keep = decide ? decide->what : nullptr;
  std::optional<decision_watchdog::watched> watched;
  if (keep) watched.emplace(watchdog_, keep->name());
  return tree_.preparing().prepare({asked.origin, asked.session, std::move(asked.who),
                                    asked.request_id, std::move(asked.op), asked.since},
                                   now);
}

void tree_actor::schedule_reap() {
  reap_timer_ =
      timers_.after(reap_interval_, [me = self<handle<reap_tick>>()] { me.send(reap_tick{}); });
}

void tree_actor::reap() {
  if (!tree_.preparing().leading()) return;
  role::tree::prepared found;
  found.epoch = tree_.preparing().epoch();
  found.unasked = true;
  for (auto& decided : tree_.reap(clock_.wall(), reap_limit_))
    found.proposals.push_back(propose(std::move(decided)));
  if (!found.proposals.empty()) sequencer_.send(std::move(found));
  schedule_reap();
}

// ------------------------------------------------------------------- apply

void tree_actor::deliver(role::tree::deliver& message) {
  tree_.message_begins();
  tree_.expect_effects(message.committed.size());
  for (auto& one : message.committed) {
    if (auto* refusal = std::get_if<verdict>(&one))
      tree_.deliver(std::move(*refusal));
    else if (!deliver_one(std::get<encoded_txn>(one)))
      return;
    else
      tell_digest_if_due();
  }
  flush();
  begin_snapshot_if_wanted();
}

void tree_actor::tell_digest_if_due() {
  const auto& state = tree_.committed();
  // Seldom enough to cost nothing, and often enough that a difference is found soon.
  constexpr std::uint32_t compared_every = 512;
  if (state.applied().counter() % compared_every == 1)
    sequencer_.send(role::tree::digested{state.applied(), state.digest()});
}

bool tree_actor::deliver_one(const encoded_txn& committed) {
  while (!own_.empty() && own_.front().decided.zxid < committed.zxid)
    own_.pop_front();
  if (!own_.empty() && own_.front().body == committed.body) {
    tree_.deliver(own_.front().decided);
    own_.pop_front();
    ring_.add(committed, tree_.take_hidden());
    return true;
  }
  const auto decided = codec::decode(committed.body);
  if (!decided) {
    fail("transaction " + to_string(committed.zxid) +
         " is committed but cannot be read here: " + decided.error().message);
    return false;
  }
  tree_.deliver(*decided);
  ring_.add(committed, tree_.take_hidden());
  return true;
}

// -------------------------------------------------------------------- read

void tree_actor::read(role::tree::read& message) {
  auto outputs = new_outputs();
  auto* const to = outputs.of(message.lane);
  if (!to) return;  // its connections are gone with it
  tree_.message_begins();
  to->items.reserve(message.requests.size());
  const auto applied = tree_.committed().applied();
  for (auto& one : message.requests) {
    if (tree_.must_wait(message.lane, one.after)) {
      tree_.read(message.lane, {one.sequence, one.after, one.connection, one.session,
                                std::move(one.who), std::move(one.op)});
      continue;
    }
    auto result = tree_.run({{message.lane, one.connection}, one.session, one.who}, one.op);
    if (tree_.has_effects())
      for (auto& made_up : tree_.take_effects())
        outputs.add(std::move(made_up));
    to->items.emplace_back(
        std::in_place_type<role::tree::read_reply>,
        role::tree::read_reply{one.sequence, one.connection, applied, std::move(result)});
  }
  outputs.send(false, sessions_);
  schedule_lists();
}

/// Each step in a turn of the loop of its own: a message to itself would be handled before anybody
/// who comes by a socket.
void tree_actor::schedule_lists() {
  if (tree_.unfinished_lists() == 0 || list_timer_) return;
  list_timer_ =
      timers_.after(nanoseconds{0}, [me = self<handle<list_step>>()] { me.send(list_step{}); });
}

void tree_actor::advance_lists() {
  list_timer_.reset();
  tree_.advance_lists();
  flush();
}

// ------------------------------------------------------------------- output

lane_outputs tree_actor::new_outputs() const {
  return {tree_.committed().applied(), tree_.committed().secret(), lanes_};
}

void tree_actor::flush() {
  auto outputs = new_outputs();
  auto effects = tree_.take_effects();
  outputs.expect(effects.size());
  for (auto& effect : effects)
    outputs.add(std::move(effect));
  // Every lane learns how far the tree is, whether or not something concerns it: gateways compare
  // it with what their clients have seen elsewhere.
  const auto applied = tree_.committed().applied();
  outputs.send(std::exchange(told_applied_, applied) != applied, sessions_);
  schedule_lists();
}

void tree_actor::tell_everything() {
  role::tree::session_changes all;
  all.reset = true;
  all.secret = tree_.committed().secret();
  for (const auto& [id, session] : tree_.committed().sessions().all())
    all.changes.emplace_back(role::tree::session_changes::opened{id, session.timeout});
  sessions_.send(std::move(all));
}

}  // namespace troupe::tree
