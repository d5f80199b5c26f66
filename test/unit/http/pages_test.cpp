#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "actors/gateway/http/pages.hpp"

using namespace troupe;
using nlohmann::json;

namespace {

role::overview::component component(const std::string& name) {
  role::overview::component one;
  one.name = name;
  one.type = "toy." + name;
  one.ready = one.answered = true;
  return one;
}

/// A healthy server with two components, one of which nobody needs.
struct server {
  server() {
    all.ready = true;
    all.data_dir = "/data";
    all.components = {component("tree"), component("http")};
    all.components[1].needed = false;
    facts.has_broadcast = true;
    facts.serving.serving = facts.serving.writable = true;
    facts.serving.mode = role::broadcast::server_mode::standalone;
  }
  /// Status code and state of its health.
  [[nodiscard]] std::pair<unsigned, std::string> health() const {
    const auto page = http::health_page(all, facts);
    const auto body = json::parse(page.body);
    CHECK(body["reason"].is_null() == (page.status == 200));
    return {page.status, body["status"]};
  }
  role::overview::report all;
  http::health_facts facts;
};

using health = std::pair<unsigned, std::string>;

}  // namespace

TEST_CASE("http health: 200 only if reads and writes are served") {
  server one;
  CHECK(one.health() == health{200, "serving"});
  SECTION("no space") {
    one.facts.serving.writable = false;
    CHECK(one.health() == health{503, "read_only"});
  }
  SECTION("nobody leads") {
    one.facts.serving.serving = false;
    CHECK(one.health() == health{503, "starting"});
  }
  SECTION("a component starts, or starts again") {
    one.all.components[0].ready = false;
    CHECK(one.health() == health{503, "starting"});
    one.all.components[0].restarts = 1;
    CHECK(one.health() == health{503, "degraded"});
  }
  SECTION("a component is stuck") {
    one.all.components[0].answered = false;
    CHECK(one.health() == health{503, "unresponsive"});
  }
  SECTION("one that nobody needs does not count") {
    one.all.components[1].ready = one.all.components[1].answered = false;
    CHECK(one.health() == health{200, "serving"});
  }
  SECTION("it stops") {
    one.facts.stopping = true;
    CHECK(one.health() == health{503, "stopping"});
  }
  SECTION("without a broadcast only the components count") {
    one.facts = {};
    CHECK(one.health() == health{200, "serving"});
  }
}

TEST_CASE("http status: plugins are named, bytes that are no UTF-8 do no harm") {
  server one;
  one.all.components[0].plugin = "example";
  one.all.components[0].facts = {{"odd", "\xff\xfe"}};
  const auto body = json::parse(http::status_page(one.all).body);
  CHECK(body["components"][0]["plugin"] == "example");
  CHECK_FALSE(body["components"][1].contains("plugin"));
  CHECK(body["components"][0]["facts"]["odd"] == "\xef\xbf\xbd\xef\xbf\xbd");
}
