#include "runtime/cli/shell/verbs.hpp"

#include <algorithm>
#include <ostream>
#include <utility>
#include <vector>

#include "runtime/cli/commands.hpp"

namespace troupe::cli {
namespace {

/// What an error means to a person, or nothing if its name says it.
const char* meaning(error_code error) noexcept {
  switch (error) {
  case error_code::no_node:
    return "there is no such node";
  case error_code::node_exists:
    return "it exists already";
  case error_code::bad_version:
    return "it has another version";
  case error_code::not_empty:
    return "it has children";
  case error_code::no_auth:
    return "this is not allowed; see `addauth` and `acl`";
  case error_code::auth_failed:
    return "the server does not accept this identity";
  case error_code::no_children_for_ephemerals:
    return "an ephemeral node has no children";
  case error_code::invalid_acl:
    return "the access control list is empty or not valid";
  case error_code::bad_arguments:
    return "the path or another argument is not valid";
  case error_code::quota_exceeded:
    return "a quota is used up";
  case error_code::not_read_only:
    return "the server has no space for writes";
  case error_code::session_expired:
    return "the session has expired";
  case error_code::throttled:
    return "the server has too much to do";
  default:
    return "the server refuses";
  }
}

}  // namespace

int refused(workplace& at, const std::string& path, error_code error) {
  at.err << "troupe: " << path << (path.empty() ? "" : ": ") << meaning(error) << " ("
         << to_string(error) << ")\n";
  return exit_refused;
}

std::string child_path(const std::string& parent, const std::string& name) {
  return parent == "/" ? "/" + name : parent + "/" + name;
}

int walk(workplace& at, const std::string& path,
         const std::function<int(const std::string&, std::size_t)>& visit) {
  std::vector<std::pair<std::string, std::size_t>> ahead{{path, 0}};
  while (!ahead.empty()) {
    const auto [here, level] = std::move(ahead.back());
    ahead.pop_back();
    const auto answer = at.with.read(get_children_op{here});
    // What was deleted meanwhile is not there.
    if (answer.error == error_code::no_node && level > 0) continue;
    if (answer.error != error_code::ok) return refused(at, here, answer.error);
    if (const int code = visit(here, level)) return code;
    auto names = answer.names.to_vector();
    std::sort(names.rbegin(), names.rend());
    for (const auto& name : names)
      ahead.emplace_back(child_path(here, name), level + 1);
  }
  return exit_ok;
}

void add_verbs(CLI::App& app, const take_job& take) {
  add_reading_verbs(app, take);
  add_writing_verbs(app, take);
  add_quota_verbs(app, take);
  add_session_verbs(app, take);
}

}  // namespace troupe::cli
