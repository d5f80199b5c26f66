// The four-letter words that list sessions, ephemeral nodes and watches.
#include <array>
#include <ctime>

#include "actors/gateway/zookeeper/words/reports.hpp"

namespace troupe::zk {
namespace {

/// For example "Mon Aug 25 13:31:02 UTC 2025".
std::string date(wall_time at) {
  const std::time_t seconds = at.ms / 1000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text;
  const auto size = std::strftime(text.data(), text.size(), "%a %b %d %H:%M:%S UTC %Y", &parts);
  return {text.data(), size};
}

std::string expiry_sets(const std::vector<expiry_set>& sets) {
  std::size_t members = 0;
  for (const auto& set : sets)
    members += set.members.size();
  std::string text =
      " Sets (" + std::to_string(sets.size()) + ")/(" + std::to_string(members) + "):\n";
  for (const auto& set : sets) {
    text += std::to_string(set.members.size()) + " expire at " + date(set.at) + ":\n";
    for (const auto& member : set.members)
      text += "\t" + member + "\n";
  }
  return text;
}

}  // namespace

std::string render_dump(const std::vector<expiry_set>& sessions, const paths_by_session& ephemerals,
                        const std::vector<expiry_set>& connections) {
  std::string text = "SessionTracker dump:\nSession" + expiry_sets(sessions);
  text += "ephemeral nodes dump:\nSessions with Ephemerals (" + std::to_string(ephemerals.size()) +
          "):\n";
  for (const auto& [session, paths] : ephemerals) {
    text += hex(session.value) + ":\n";
    for (const auto& path : paths)
      text += "\t" + path + "\n";
  }
  return text + "Connections dump:\nConnections" + expiry_sets(connections);
}

std::string render_wchc(const paths_by_session& watches) {
  std::string text;
  for (const auto& [session, paths] : watches) {
    text += hex(session.value) + "\n";
    for (const auto& path : paths)
      text += "\t" + path + "\n";
  }
  return text + "\n";
}

std::string render_wchp(const paths_by_session& watches) {
  std::map<std::string_view, std::vector<session_id>> by_path;
  for (const auto& [session, paths] : watches) {
    for (const auto& path : paths)
      by_path[path].push_back(session);
  }
  std::string text;
  for (const auto& [path, sessions] : by_path) {
    text += std::string{path} + "\n";
    for (const auto session : sessions)
      text += "\t" + hex(session.value) + "\n";
  }
  return text + "\n";
}

}  // namespace troupe::zk
