#include "actors/gateway/http/pages.hpp"

#include <algorithm>
#include <string_view>

#include <nlohmann/json.hpp>

namespace troupe::http {
namespace {

using document = nlohmann::ordered_json;

page json_page(unsigned status, const document& from) {
  return {status, "application/json",
          from.dump(2, ' ', false, document::error_handler_t::replace) + "\n"};
}

document object_of(const role::overview::values& from) {
  auto made = document::object();
  for (const auto& [name, value] : from)
    made[name] = value;
  return made;
}

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

/// A fact of the first component with this role; empty if there is none.
std::string fact_of(const role::overview::report& all, std::string_view role,
                    std::string_view name) {
  for (const auto& one : all.components) {
    if (one.role != role) continue;
    for (const auto& [key, value] : one.facts)
      if (key == name) return value;
  }
  return {};
}

const char* state_of(const role::overview::component& one) {
  if (!one.ready) return one.restarts > 0 ? "restarting" : "starting";
  return one.answered ? "ready" : "unresponsive";
}

document component_document(const role::overview::component& one) {
  document shown;
  shown["name"] = one.name;
  shown["type"] = one.type;
  if (!one.plugin.empty()) shown["plugin"] = one.plugin;
  shown["role"] = one.role;
  shown["state"] = state_of(one);
  shown["needed"] = one.needed;
  shown["restarts"] = one.restarts;
  shown["reactor"] = one.reactor;
  shown["on_failure"] = one.on_failure;
  shown["wires"] = object_of(one.wires);
  shown["options"] = object_of(one.options);
  shown["facts"] = object_of(one.facts);
  return shown;
}

/// State and reason in one word and one sentence; the state is "serving" if all is well.
std::pair<std::string, std::string> judge(const role::overview::report& all,
                                          const health_facts& facts) {
  if (facts.stopping || all.stopping) return {"stopping", "the server stops"};
  for (const auto& one : all.components) {
    if (!one.needed || one.ready) continue;
    return {one.restarts > 0 ? "degraded" : "starting",
            "component '" + one.name + "' (" + one.type + ") is not ready; the log says why"};
  }
  for (const auto& one : all.components) {
    if (!one.needed || one.answered) continue;
    return {"unresponsive", "component '" + one.name + "' (" + one.type + ") does not answer"};
  }
  if (facts.has_broadcast && !facts.serving.serving) {
    return {"starting", "the state is being recovered, or nobody leads yet"};
  }
  if (facts.has_broadcast && !facts.serving.writable) {
    return {"read_only", "no space for the log in " + all.data_dir +
                             ": reads are served, writes are refused until there is space; the "
                             "event no_space in the log says what is missing"};
  }
  return {"serving", ""};
}

}  // namespace

const char* reason_phrase(unsigned status) noexcept {
  switch (status) {
  case 200:
    return "OK";
  case 400:
    return "Bad Request";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 431:
    return "Request Header Fields Too Large";
  case 501:
    return "Not Implemented";
  case 503:
    return "Service Unavailable";
  case 504:
    return "Gateway Timeout";
  default:
    return "Internal Server Error";
  }
}

page error_page(unsigned status, const std::string& text) {
  return json_page(status, {{"error", text}});
}

page index_page() {
  return json_page(200, {{"/metrics", "numbers in Prometheus's text format"},
                         {"/health", "200 if reads and writes are served, else 503 and why"},
                         {"/health/live", "200 as long as the process answers"},
                         {"/health/ready", "the same as /health"},
                         {"/status", "composition, components, versions"},
                         {"/commands", "the commands of ZooKeeper's AdminServer"}});
}

page metrics_page(std::string text) {
  return {200, "text/plain; version=0.0.4; charset=utf-8", std::move(text)};
}

page status_page(const role::overview::report& all) {
  document shown;
  shown["server"] = all.server.value;
  shown["mode"] = fact_of(all, role::broadcast::name, "mode");
  for (const char* const name : {"phase", "leader", "leader_for_ms", "epoch", "learners"}) {
    const auto fact = fact_of(all, role::broadcast::name, name);
    if (!fact.empty()) shown[name] = fact;
  }
  shown["zxid"] = fact_of(all, role::tree::name, "applied_zxid");
  shown["ready"] = all.ready;
  shown["stopping"] = all.stopping;
  shown["uptime_ms"] = all.uptime.count();
  shown["deployment"] = all.source;
  shown["data_dir"] = all.data_dir;
  shown["reactors"] = all.reactors;
  shown["versions"] = object_of(all.versions);
  shown["plugins"] = object_of(all.plugins);
  auto components = document::array();
  for (const auto& one : all.components)
    components.push_back(component_document(one));
  shown["components"] = std::move(components);
  return json_page(200, shown);
}

page health_page(const role::overview::report& all, const health_facts& facts) {
  const auto [state, reason] = judge(all, facts);
  const bool well = state == "serving";
  document shown;
  shown["status"] = state;
  shown["reason"] = well ? document{} : document(reason);
  if (facts.has_broadcast) shown["mode"] = mode_name(facts.serving.mode);
  auto components = document::object();
  for (const auto& one : all.components)
    components[one.name] = state_of(one);
  shown["components"] = std::move(components);
  return json_page(well ? 200 : 503, shown);
}

page live_page() { return json_page(200, {{"status", "alive"}}); }

}  // namespace troupe::http
