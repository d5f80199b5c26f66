#include <algorithm>
#include <ostream>
#include <utility>

#include "runtime/cli/commands.hpp"

namespace troupe::cli {
namespace {

constexpr const char* default_server = "127.0.0.1:2190";

/// What stands between commas.
std::vector<std::string> pieces_of(const std::string& words) {
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin <= words.size();) {
    const auto end = std::min(words.find(',', begin), words.size());
    if (end > begin) pieces.push_back(words.substr(begin, end - begin));
    begin = end + 1;
  }
  return pieces;
}

connect_request connection_of(const tree_request& request, const surroundings& around) {
  connect_request wish;
  auto servers = request.servers;
  if (servers.empty()) servers = around.variables("TROUPE_SERVER").value_or(default_server);
  wish.servers = pieces_of(servers);
  wish.timeout = milliseconds{static_cast<std::int64_t>(request.timeout_s * 1000)};
  for (const auto& one : request.identities) {
    const auto colon = std::min(one.find(':'), one.size());
    wish.identities.emplace_back(one.substr(0, colon), one.substr(std::min(colon + 1, one.size())));
  }
  return wish;
}

}  // namespace

int work_on_tree(const tree_request& request, const job& wanted, const surroundings& around) {
  text_printer text{around.out};
  json_printer json{around.out};
  printer& show = request.json ? static_cast<printer&>(json) : text;
  try {
    const auto with = around.connect(connection_of(request, around));
    workplace here{*with, show, around.err};
    if (wanted) return wanted(here);
    const auto ask = around.lines ? around.lines(*with) : ask_line{};
    return ask ? run_shell(*with, show, ask, around.out, around.err) : exit_ok;
  } catch (const not_connected& problem) {
    around.err << "troupe: " << problem.what() << '\n';
    return exit_unreachable;
  }
}

}  // namespace troupe::cli
