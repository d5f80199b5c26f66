/// Role `overview`: all components of a deployment at a glance, for those who show them to people
/// and to monitoring. Given by whoever watches over the components, not by a component.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/time.hpp>
#include <troupe/roles/handle.hpp>

namespace troupe::role::overview {

/// Names and values as text, in the order in which they are shown.
using values = std::vector<std::pair<std::string, std::string>>;

struct component {
  std::string name;
  std::string type;
  std::string plugin;  ///< empty if the type is built in
  std::string role;
  std::string on_failure;  ///< the policy, as `troupe describe` names it
  std::size_t reactor = 0;
  bool ready = false;
  bool answered = false;  ///< in time; if not, `facts` is empty
  bool needed = true;     ///< the deployment is not ready without it
  std::uint32_t restarts = 0;
  values facts;    ///< its status report
  values options;  ///< as used, defaults included, secrets left out
  values wires;    ///< wire and component
};

struct report {
  std::uint64_t token = 0;
  server_id server;
  std::string source;  ///< the deployment file
  std::string data_dir;
  std::size_t reactors = 1;
  bool ready = false;  ///< every needed component was ready once
  bool stopping = false;
  milliseconds uptime{0};
  values versions;
  values plugins;  ///< names and versions
  std::vector<overview::component> components;
  std::string metrics;  ///< Prometheus's text format, if asked for
};
using asker = handle<report>;

/// Asks every component for its status and answers with a `report` when all have answered, or after
/// a deadline with what there is.
struct request {
  overview::asker to;
  std::uint64_t token = 0;
  bool metrics = false;
};

/// Who gives the overview.
using actor = handle<request>;

}  // namespace troupe::role::overview

TROUPE_MESSAGE(troupe::role::overview::report)
TROUPE_MESSAGE(troupe::role::overview::request)
