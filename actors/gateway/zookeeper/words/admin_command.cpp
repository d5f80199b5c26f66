#include "actors/gateway/zookeeper/words/admin_command.hpp"

#include <algorithm>

namespace troupe::zk {

const std::vector<admin_command> admin_commands = {
    {"configuration", {"conf", "config"}, need_serving | need_sessions},
    {"connection_stat_reset", {"crst"}},
    {"connections", {"cons"}},
    {"dirs", {}, need_serving | need_size},
    {"dump", {}, need_serving | need_tree | need_lists | need_sessions},
    {"environment", {"env", "envi"}, 0},
    {"get_trace_mask", {"gtmk"}, 0},
    {"hash", {}, need_serving | need_tree},
    {"initial_configuration", {"icfg"}},
    {"is_read_only", {"isro"}},
    {"last_snapshot", {"lsnp"}, need_serving | need_tree},
    {"leader", {"lead"}, need_serving | need_ensemble},
    {"monitor", {"mntr"}, need_serving | need_tree | need_ensemble},
    {"observer_connection_stat_reset", {"orst"}},
    {"observers", {"obsr"}, need_serving | need_ensemble},
    {"ruok", {}},
    {"server_stats", {"srvr"}, need_serving | need_tree | need_size | need_ensemble},
    {"set_trace_mask", {"stmk"}, 0},
    {"stat_reset", {"srst"}},
    {"stats", {"stat"}, need_serving | need_tree | need_size | need_ensemble},
    {"system_properties", {"sysp"}, 0},
    {"voting_view", {}, need_serving | need_ensemble},
    {"watch_summary", {"wchs"}, need_serving | need_tree | need_lists},
    {"watches", {"wchc"}, need_serving | need_tree | need_lists},
    {"watches_by_path", {"wchp"}, need_serving | need_tree | need_lists},
    {"zabstate", {}, need_serving | need_ensemble},
};

const admin_command* find_admin_command(std::string_view name) noexcept {
  const auto found =
      std::find_if(admin_commands.begin(), admin_commands.end(), [&](const admin_command& one) {
        return one.name == name ||
               std::find(one.aliases.begin(), one.aliases.end(), name) != one.aliases.end();
      });
  return found == admin_commands.end() || name.empty() ? nullptr : &*found;
}

std::string admin_index() {
  std::string page;
  for (const auto& one : admin_commands) {
    const std::string name{one.name};
    page += "<a href=\"/commands/" + name + "\">" + name + "</a>\n<br/>\n";
  }
  return page;
}

}  // namespace troupe::zk
