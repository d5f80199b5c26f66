/// The commands of ZooKeeper's AdminServer: names and JSON documents (protocol section 13.4).
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>

#include "actors/gateway/zookeeper/words/reports.hpp"

namespace troupe::zk {

/// What must be known to answer a command.
enum admin_need : std::uint8_t {
  need_serving = 1,  ///< otherwise it only says that this server does not serve
  need_tree = 2,     ///< numbers of the tree
  need_lists = 4,    ///< and its sessions or watches
  need_sessions = 8,
  need_size = 16,      ///< bytes of the data directory
  need_ensemble = 32,  ///< what the broadcast knows of the other servers
};

/// A command's own name, the shorter ones, and its needs.
struct admin_command {
  std::string_view name;
  std::array<std::string_view, 2> aliases;
  int needs = need_serving;

  [[nodiscard]] bool wants(admin_need one) const noexcept { return (needs & one) != 0; }
};

/// All commands, sorted by name.
extern const std::vector<admin_command> admin_commands;

/// The command of this name or alias, or null.
const admin_command* find_admin_command(std::string_view name) noexcept;

/// The page that lists all commands.
std::string admin_index();

/// JSON whose members stand in the order in which they were added.
using document = nlohmann::ordered_json;

/// A list or object in the making that takes no more than so many entries, and says so.
class bounded {
public:
  explicit bounded(std::size_t most) noexcept : left_(most) {}
  /// Whether one more may be added.
  [[nodiscard]] bool take() noexcept {
    if (left_ == 0) truncated_ = true;
    return left_ != 0 && left_-- != 0;
  }
  void cut() noexcept { truncated_ = true; }
  [[nodiscard]] bool truncated() const noexcept { return truncated_; }

private:
  std::size_t left_;
  bool truncated_ = false;
};

/// The document's text: `fields`, then the name of the command and its error, if any. Bytes that
/// are not UTF-8 are replaced.
std::string admin_text(document fields, std::string_view command, std::string_view error = {});

document admin_configuration(const named_values& values);
document admin_connections(const std::vector<connection_facts>& list, bounded& room);
document admin_monitor(const server_facts& server);
document admin_server_stats(const server_facts& server, std::uint64_t directory_bytes);
/// As above with the connections in short form.
document admin_stats(const server_facts& server, std::uint64_t directory_bytes,
                     const std::vector<connection_facts>& list, bounded& room);
document admin_environment(const named_values& values);
document admin_dump(const std::vector<std::pair<wall_time, session_id>>& sessions,
                    const paths_by_session& ephemerals, bounded& room);
document admin_watches(const paths_by_session& watches, bounded& room);
document admin_watches_by_path(const paths_by_session& watches, bounded& room);
document admin_leader(const role::broadcast::inspection& ensemble);
document admin_observers(const role::broadcast::inspection& ensemble, bounded& room);
document admin_voting_view(const role::broadcast::inspection& ensemble);
/// A leader's, as server_stats shows them.
document proposal_stats(const role::broadcast::inspection& ensemble);
document admin_zab_state(const role::broadcast::inspection& ensemble);
document admin_last_snapshot(const role::tree::inspection& tree);

}  // namespace troupe::zk
