// The commands of ZooKeeper's AdminServer: the same knowledge as the four-letter words, as JSON.
#include <charconv>
#include <set>

#include "actors/gateway/zookeeper/switchboard.hpp"

namespace troupe::zk {
namespace {

constexpr const char* json = "application/json";
constexpr std::string_view not_serving =
    "This ZooKeeper instance is not currently serving requests";
/// Commands whose answers have not come: more only pile up.
constexpr std::size_t most_waiting = 256;

std::optional<std::uint64_t> trace_mask_of(const role::admin::command& command) {
  for (const auto& [name, value] : command.arguments) {
    std::uint64_t mask = 0;
    const auto* end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, mask);
    if (name == "traceMask" && read.ec == std::errc{} && read.ptr == end) return mask;
  }
  return std::nullopt;
}

document watch_counts(const role::tree::inspection& tree) {
  std::set<std::string_view> paths;
  std::uint64_t total = 0;
  for (const auto& [watcher, watched] : tree.watches) {
    paths.insert(watched.begin(), watched.end());
    total += watched.size();
  }
  document shown;
  shown["num_connections"] = tree.truncated ? tree.watching_connections : tree.watches.size();
  shown["num_paths"] = tree.truncated ? tree.watched_paths : paths.size();
  shown["num_total_watches"] = tree.truncated ? tree.watch_count : total;
  return shown;
}

}  // namespace

void switchboard::reply(const role::admin::command& to, std::string media_type, std::string body) {
  turn_.admin_answers.emplace_back(
      to.to, role::admin::answer{to.token, std::move(media_type), std::move(body)});
  turn_pending_ = true;
}

void switchboard::on(role::admin::command& message) {
  if (message.name.empty()) return reply(message, "text/html; charset=utf-8", admin_index());
  const auto* const kind = find_admin_command(message.name);
  if (!kind) {
    return reply(message, json, admin_text({}, message.name, "Unknown command: " + message.name));
  }
  if (kind->wants(need_serving) && !serving_.serving) {
    return reply(message, json, admin_text({}, kind->name, not_serving));
  }
  if ((kind->needs & ~need_serving) == 0) {
    return reply(message, json, do_at_once(kind->name, message));
  }
  if (commands_waiting_ >= most_waiting) {
    return reply(message, json, admin_text({}, kind->name, "too many commands wait for answers"));
  }
  ask(*kind, std::move(message));
}

void switchboard::ask(const admin_command& kind, role::admin::command&& command) {
  const auto token = next_number_++;
  const auto most = command.most_entries;
  if (kind.wants(need_tree)) {
    turn_.tree_questions.push_back({settings_.lane, token, kind.wants(need_lists), most});
  }
  if (kind.wants(need_sessions)) turn_.session_questions.push_back({settings_.lane, token, most});
  if (kind.wants(need_size)) turn_.size_questions.push_back(token);
  if (kind.wants(need_ensemble)) turn_.ensemble_questions.push_back(token);
  question asked;
  asked.kind = &kind;
  asked.needs_tree = kind.wants(need_tree);
  asked.needs_sessions = kind.wants(need_sessions);
  asked.needs_size = kind.wants(need_size);
  asked.needs_ensemble = kind.wants(need_ensemble);
  asked.command = std::move(command);
  questions_.emplace(token, std::move(asked));
  ++commands_waiting_;
  turn_pending_ = true;
}

/// Commands that ask nobody else.
std::string switchboard::do_at_once(std::string_view name, const role::admin::command& command) {
  document shown = document::object();
  bounded room{command.most_entries};
  std::string_view error;
  if (name == "connections") {
    shown = admin_connections(connection_list(command.most_entries + 1), room);
  } else if (name == "connection_stat_reset") {
    for (const auto& [number, one] : connections_)
      one->reset_statistics();
  } else if (name == "stat_reset") {
    reset_statistics();
  } else if (name == "environment") {
    shown = admin_environment(settings_.environment());
  } else if (name == "system_properties") {
    shown = admin_environment(settings_.environment());
    for (const auto* other :
         {"zookeeper.version", "host.name", "os.memory.free", "os.memory.max", "os.memory.total"}) {
      shown.erase(other);
    }
  } else if (name == "set_trace_mask") {
    const auto mask = trace_mask_of(command);
    if (mask) shown["tracemask"] = trace_mask_ = *mask;
    if (!mask) error = "setTraceMask requires long traceMask argument";
  } else if (name == "get_trace_mask") {
    shown["tracemask"] = trace_mask_;
  } else if (name == "is_read_only") {
    shown["read_only"] = false;
  } else if (name == "initial_configuration") {
    error = "there is no zoo.cfg; GET /status shows the composition";
  }
  if (room.truncated()) shown["truncated"] = true;
  return admin_text(std::move(shown), name, error);
}

document switchboard::admin_answer(const question& asked, bounded& room) const {
  const auto name = asked.kind->name;
  const auto& tree = asked.tree;
  document shown = document::object();
  if (asked.kind->wants(need_lists) && (tree.truncated || asked.sessions.truncated)) room.cut();
  if (name == "configuration") return admin_configuration(configuration(asked));
  if (name == "monitor") return admin_monitor(server(asked));
  if (name == "server_stats") return admin_server_stats(server(asked), asked.directory_bytes);
  if (name == "dump") return dump_document(asked, room);
  if (name == "last_snapshot") return admin_last_snapshot(tree);
  if (name == "watches") return admin_watches(watches(tree), room);
  if (name == "watches_by_path") return admin_watches_by_path(watches(tree), room);
  if (name == "watch_summary") return watch_counts(tree);
  if (name == "stats") {
    return admin_stats(server(asked), asked.directory_bytes,
                       connection_list(asked.command.most_entries + 1), room);
  }
  if (name == "leader") return admin_leader(asked.ensemble);
  if (name == "observers") return admin_observers(asked.ensemble, room);
  if (name == "voting_view") return admin_voting_view(asked.ensemble);
  if (name == "zabstate") return admin_zab_state(asked.ensemble);
  if (name == "dirs") {
    shown["datadir_size"] = asked.directory_bytes;
    shown["logdir_size"] = 0;
  }
  if (name == "hash") {
    shown["digests"] = {{{"zxid", tree.applied.value}, {"digest", tree.digest}}};
  }
  return shown;
}

document switchboard::dump_document(const question& asked, bounded& room) const {
  std::vector<std::pair<wall_time, session_id>> sessions;
  for (const auto& [session, left] : asked.sessions.deadlines) {
    const auto tick = std::max<std::int64_t>(asked.sessions.tick.count(), 1);
    sessions.emplace_back(wall_time{(wall_.ms + left.count() + tick - 1) / tick * tick}, session);
  }
  return admin_dump(sessions, asked.tree.ephemerals, room);
}

}  // namespace troupe::zk
