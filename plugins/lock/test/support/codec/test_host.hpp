/// A host of recipes for the simulator: calls the interface Locks of its own server.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <troupe/roles/recipe.hpp>
#include <troupe/sdk/component_context.hpp>
#include <troupe/sdk/component_type.hpp>

namespace locks::test {

/// What the hosts of all servers have in common, and what calls came to. Outlives them.
struct call_notes {
  struct held {
    std::string path;
    std::uint64_t token = 0;
    std::string node;
  };
  struct answer {
    troupe::error_code error = troupe::error_code::ok;
    bool granted = false;
    std::string refusal;  ///< empty: none
    std::vector<held> locks;
    std::uint64_t lease = 0;
  };
  struct host {
    troupe::role::recipe::actor recipe;
    troupe::role::recipe::caller self;
  };

  std::map<std::string, host> hosts;        ///< by server; those that run
  std::map<std::uint64_t, answer> answers;  ///< by call
  std::map<std::uint64_t, std::string>
      open;                          ///< calls without an answer, and the server they are at
  std::set<std::uint64_t> releases;  ///< calls that are none of acquire
  std::uint64_t last_call = 0;

  /// Both give the number of the call; zero if that server has no recipe now.
  std::uint64_t acquire(const std::string& server, troupe::session_id session,
                        const std::string& owner, std::vector<std::string> paths,
                        std::uint64_t request, std::int64_t timeout_ms);
  std::uint64_t release(const std::string& server, troupe::session_id session,
                        const std::string& path, std::uint64_t token);
  /// The client drops what it got.
  void drop(const std::string& server, std::uint64_t lease);
  /// Whether the call will never be answered, because its server has ended.
  [[nodiscard]] bool lost(std::uint64_t call) const;

private:
  std::uint64_t send(const std::string& server, std::uint16_t method, troupe::session_id session,
                     troupe::blob params);
};

/// The type of the host at `server`.
troupe::sdk::component_type host_type(call_notes& notes);

}  // namespace locks::test
