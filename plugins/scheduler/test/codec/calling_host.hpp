/// Calls a mounted scheduler, as a gateway does.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <troupe/roles/recipe.hpp>
#include <troupe/sdk/component_type.hpp>

#include "core/job.hpp"

namespace scheduler_tests {

/// What the hosts of all simulated servers have asked and heard.
struct call_notes {
  struct host {
    troupe::role::recipe::actor recipe;
    troupe::role::recipe::caller self;
  };
  std::map<std::string, host> hosts;  ///< by server
  std::map<std::uint64_t, std::string> open;
  std::map<std::uint64_t, troupe::role::recipe::answered> answers;
  std::uint64_t last = 0;

  /// The call's number; 0 if the server has no scheduler now. A call without an answer that is not
  /// open was lost with its server.
  std::uint64_t define(const std::string& server, const scheduler::job_definition& job);
  std::uint64_t start(const std::string& server, const std::string& job, const std::string& key);
  std::uint64_t enlist(const std::string& server, troupe::session_id session,
                       const std::string& worker, const std::string& record);
  std::uint64_t poll(const std::string& server, troupe::session_id session,
                     const std::string& worker, std::int64_t timeout_ms);
  std::uint64_t report(const std::string& server, troupe::session_id session,
                       const std::string& worker, const std::string& name, const std::string& text);
  std::uint64_t garbage(const std::string& server, std::uint16_t method);

  /// What `poll` gave: names and texts.
  std::map<std::string, std::string> polled(std::uint64_t call);

private:
  std::uint64_t send(const std::string& server, std::uint16_t method, troupe::blob params,
                     troupe::session_id session = {1});
};

/// Their type, for the catalog.
troupe::sdk::component_type host_type(call_notes& notes);

}  // namespace scheduler_tests
