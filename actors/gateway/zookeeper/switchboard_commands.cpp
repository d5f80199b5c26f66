// Four-letter words: what must be asked of whom, and the answers put together.
#include <algorithm>
#include <limits>
#include <set>
#include <tuple>

#include "actors/gateway/zookeeper/codec/jute.hpp"
#include "actors/gateway/zookeeper/switchboard.hpp"

namespace troupe::zk {
namespace {

constexpr std::string_view not_serving =
    "This ZooKeeper instance is not currently serving requests\n";

std::string_view mode_name(role::broadcast::server_mode mode) {
  using role::broadcast::server_mode;
  switch (mode) {
  case server_mode::standalone:
    return "standalone";
  case server_mode::leader:
    return "leader";
  case server_mode::follower:
    return "follower";
  case server_mode::observer:
    return "observer";
  case server_mode::starting:
    break;
  }
  return "starting";
}

bool is_one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Puts (moment, member) pairs into sets of equal moments, rounded up to `tick`.
std::vector<expiry_set> sets_of(std::vector<std::pair<wall_time, std::string>> members,
                                milliseconds tick) {
  std::map<wall_time, std::vector<std::string>> sets;
  const auto step = std::max<std::int64_t>(tick.count(), 1);
  for (auto& [at, member] : members) {
    sets[wall_time{(at.ms + step - 1) / step * step}].push_back(std::move(member));
  }
  std::vector<expiry_set> result;
  for (auto& [at, names] : sets)
    result.push_back({at, std::move(names)});
  return result;
}

/// The word wchs is open to everybody, so it must stay cheap: over so many watches those of both
/// tables are counted.
constexpr std::size_t most_counted_watches = 10'000;

/// Only data watches count, as in ZooKeeper, as long as they can be counted quickly.
std::string watch_summary(const role::tree::inspection& tree) {
  if (tree.truncated) {
    return render_wchs(tree.watching_connections, tree.watched_paths, tree.watch_count);
  }
  std::set<std::string_view> paths;
  std::uint64_t total = 0;
  for (const auto& [watcher, watched] : tree.watches) {
    paths.insert(watched.begin(), watched.end());
    total += watched.size();
  }
  return render_wchs(tree.watches.size(), paths.size(), total);
}

}  // namespace

void switchboard::command(connection& from, std::string_view word, std::string_view argument) {
  if (!words_.allows(word)) {
    return from.report(std::string{word} +
                       " is not executed because it is not in the whitelist.\n");
  }
  if (const auto text = answer_at_once(word, argument)) return from.report(*text);
  if (!serving_.serving) return from.report(not_serving);
  ask(from, word);
}

/// Words that say something also while the server does not serve, or that ask nobody else.
std::optional<std::string> switchboard::answer_at_once(std::string_view word,
                                                       std::string_view argument) {
  if (word == "ruok") return "imok";
  if (word == "isro") return serving_.serving ? "rw" : "null";
  if (word == "stmk") {
    jute_reader mask{argument};
    trace_mask_ = static_cast<std::uint64_t>(mask.int64());
  }
  if (word == "gtmk" || word == "stmk") return std::to_string(trace_mask_);
  if (word == "envi") return "Environment:\n" + render_values(settings_.environment());
  if (!serving_.serving) return std::nullopt;
  if (word == "cons") return render_cons(connection_list());
  if (word == "crst") {
    for (const auto& [number, one] : connections_)
      one->reset_statistics();
    return "Connection stats reset.\n";
  }
  if (word == "srst") {
    reset_statistics();
    return "Server stats reset.\n";
  }
  return std::nullopt;
}

void switchboard::reset_statistics() noexcept {
  counters_.before_reset.packets_received += counters_.all.packets_received;
  counters_.before_reset.packets_sent += counters_.all.packets_sent;
  counters_.before_reset.bytes_received += counters_.bytes_received;
  counters_.all = {};
  counters_.bytes_received = 0;
}

void switchboard::ask(connection& from, std::string_view word) {
  const auto token = next_number_++;
  question asked;
  asked.connection = from.number();
  asked.word = word;
  asked.needs_size = is_one_of(word, {"conf", "dirs"});
  asked.needs_sessions = is_one_of(word, {"conf", "dump"});
  asked.needs_tree = !is_one_of(word, {"conf", "dirs"});
  asked.needs_ensemble = is_one_of(word, {"mntr", "srvr", "stat"});
  if (asked.needs_tree) {
    turn_.tree_questions.push_back(
        {settings_.lane, token, is_one_of(word, {"dump", "wchc", "wchp", "wchs"}),
         word == "wchs" ? most_counted_watches : std::numeric_limits<std::size_t>::max()});
  }
  if (asked.needs_sessions) turn_.session_questions.push_back({settings_.lane, token});
  if (asked.needs_size) turn_.size_questions.push_back(token);
  if (asked.needs_ensemble) turn_.ensemble_questions.push_back(token);
  questions_.emplace(token, std::move(asked));
  turn_pending_ = true;
}

void switchboard::on(role::tree::inspection& message) {
  const auto found = questions_.find(message.token);
  if (found == questions_.end()) return;
  found->second.needs_tree = false;
  found->second.tree = std::move(message);
  answer_if_complete(found->first);
}

void switchboard::on(role::session::inspection& message) {
  const auto found = questions_.find(message.token);
  if (found == questions_.end()) return;
  found->second.needs_sessions = false;
  found->second.sessions = std::move(message);
  answer_if_complete(found->first);
}

void switchboard::on(role::broadcast::inspection& message) {
  const auto found = questions_.find(message.token);
  if (found == questions_.end()) return;
  found->second.needs_ensemble = false;
  found->second.ensemble = std::move(message);
  answer_if_complete(found->first);
}

void switchboard::on_size(std::uint64_t token, std::uint64_t bytes) {
  const auto found = questions_.find(token);
  if (found == questions_.end()) return;
  found->second.needs_size = false;
  found->second.directory_bytes = bytes;
  answer_if_complete(token);
}

void switchboard::answer_if_complete(std::uint64_t token) {
  const auto found = questions_.find(token);
  const auto& asked = found->second;
  if (asked.needs_tree || asked.needs_sessions || asked.needs_size || asked.needs_ensemble) return;
  if (asked.kind) {
    bounded room{asked.command.most_entries};
    auto fields = admin_answer(asked, room);
    if (room.truncated()) fields["truncated"] = true;
    // As ZooKeeper's standalone server says.
    const bool nobody = asked.kind->name == "leader" && !asked.ensemble.ensemble;
    reply(
        asked.command, "application/json",
        admin_text(std::move(fields), asked.kind->name, nobody ? "server is not initialized" : ""));
    --commands_waiting_;
  } else if (auto* to = find(asked.connection)) {
    to->report(answer(asked));
    mark(*to);
  }
  questions_.erase(found);
}

std::string switchboard::answer(const question& asked) const {
  const auto word = asked.word;
  const auto& tree = asked.tree;
  if (word == "srvr") return render_srvr(server(asked));
  if (word == "stat") return render_stat(server(asked), connection_list());
  if (word == "mntr") return render_mntr(server(asked));
  if (word == "conf") return render_values(configuration(asked));
  if (word == "dirs") return render_dirs(asked.directory_bytes);
  if (word == "hash") return render_hash(tree.applied, tree.digest);
  if (word == "dump") return dump(asked);
  if (word == "wchc") return render_wchc(watches(tree));
  if (word == "wchp") return render_wchp(watches(tree));
  return watch_summary(tree);
}

server_facts switchboard::server(const question& asked) const {
  const auto& tree = asked.tree;
  server_facts facts;
  facts.version = settings_.version;
  facts.mode = mode_name(serving_.mode);
  facts.counters = counters_;
  facts.connections = connections_.size();
  facts.sessions = tree.session_count;
  facts.applied = tree.applied;
  facts.node_count = tree.node_count;
  facts.ephemeral_count = tree.ephemeral_count;
  facts.watch_count = tree.watch_count;
  facts.data_bytes = tree.approximate_data_bytes;
  std::tie(facts.open_files, facts.most_files) = settings_.open_and_most_files();
  facts.uptime = std::chrono::duration_cast<milliseconds>(now_ - started_);
  facts.ensemble = asked.ensemble;
  return facts;
}

std::vector<connection_facts> switchboard::connection_list(std::size_t most) const {
  const auto wall_of = [this](monotonic_time then) {
    return wall_time{wall_.ms - std::chrono::duration_cast<milliseconds>(now_ - then).count()};
  };
  std::vector<connection_facts> list;
  for (const auto& [number, one] : connections_) {
    if (list.size() == most) break;
    list.push_back({one->peer(), one->state() == connection::phase::reporting, one->has_output(),
                    one->outstanding(), one->session(), one->timeout(), one->past(),
                    wall_of(one->past().accepted), wall_of(one->past().last_reply)});
  }
  return list;
}

paths_by_session switchboard::watches(const role::tree::inspection& tree) const {
  paths_by_session result;
  for (const auto& [watcher, paths] : tree.watches) {
    const auto found = connections_.find(watcher.connection);
    // Watchers of other gateways have no session that a client of this one could know.
    if (watcher.lane != settings_.lane || found == connections_.end()) continue;
    result.emplace_back(found->second->session(), paths);
  }
  return result;
}

std::string switchboard::dump(const question& asked) const {
  std::vector<std::pair<wall_time, std::string>> sessions;
  for (const auto& [session, left] : asked.sessions.deadlines) {
    sessions.emplace_back(wall_time{wall_.ms + left.count()}, hex(session.value));
  }
  std::vector<std::pair<wall_time, std::string>> holders;
  for (const auto& [number, one] : connections_) {
    if (one->state() != connection::phase::serving) continue;
    const auto left =
        std::chrono::duration_cast<milliseconds>(one->silence_deadline() - now_).count();
    holders.emplace_back(wall_time{wall_.ms + left},
                         "ip: /" + one->peer() + " sessionId: " + hex(one->session().value));
  }
  return render_dump(sets_of(std::move(sessions), asked.sessions.tick), asked.tree.ephemerals,
                     sets_of(std::move(holders), asked.sessions.tick));
}

named_values switchboard::configuration(const question& asked) const {
  auto values = settings_.configuration();
  const auto put = [&](std::string_view key, std::int64_t value) {
    for (auto& [name, text] : values) {
      if (name == key) text = std::to_string(value);
    }
  };
  put("dataDirSize", static_cast<std::int64_t>(asked.directory_bytes));
  put("tickTime", asked.sessions.tick.count());
  put("minSessionTimeout", asked.sessions.shortest_timeout.count());
  put("maxSessionTimeout", asked.sessions.longest_timeout.count());
  return values;
}

}  // namespace troupe::zk
