#include <catch2/catch.hpp>

#include <string>
#include <vector>

#include <troupe/sdk/component_type.hpp>

#include "actors/peer/component.hpp"
#include "actors/peer/settings.hpp"
#include "runtime/compose/plan_load.hpp"

using namespace troupe;
using Catch::Matchers::Contains;

namespace {

/// What is said about a deployment with these options of peer.tcp, for server 2.
std::string said(const std::string& options, int server = 2) {
  sdk::catalog types;
  types.add(peer::tcp_type());
  const auto nothing = [](const std::string&) { return std::optional<std::string>{}; };
  const auto loaded = compose::load_text("file",
                                         "troupe: 1\nnode: { id: " + std::to_string(server) +
                                             ", data_dir: d }\ncomponents:\n  peers:\n"
                                             "    type: peer.tcp\n" +
                                             options,
                                         {}, nothing, types);
  return loaded.value ? "" : loaded.errors;
}

const std::string three = "    members: { 1: \"a:2888\", 2: \"b:2888\", 3: \"c:2888\" }\n";

}  // namespace

TEST_CASE("peer options: what is right is taken") {
  CHECK(said(three) == "");
  CHECK(said(three + "    observers: [ 3 ]\n    weights: { 1: 2 }\n    secret: s\n") == "");
  CHECK(said(three + "    groups: [ [ 1, 2 ], [ 3 ] ]\n    listen: \"10.0.0.1:2888\"\n") == "");
}

TEST_CASE("peer options: what is wrong is said with its place and what to do") {
  const auto wrong = [](const std::string& options, const std::string& place,
                        const std::string& what, const std::string& hint) {
    const auto text = said(options);
    INFO(options << text);
    CHECK_THAT(text, Contains("file:" + place) && Contains(what) && Contains(hint));
  };
  wrong("    members: {}\n", "6:14", "nobody is a member", "name all servers");
  wrong("    members: { 1: \"a:1\", 2: \"b\" }\n", "6:29", "the port is missing", "such as b:2181");
  wrong("    members: { 1: \"a:1\", 2: \"b:0\" }\n", "6:14", "server 2 has port 0",
        "give it a port");
  wrong("    members: { 1: \"a:1\", 2: \"a:1\" }\n", "6:14",
        "servers 1 and 2 have the same address a:1", "its own host or port");
  wrong("    members: { 1: \"a:1\", 1: \"b:1\" }\n", "6:26", "duplicate key", "already given");
  wrong("    members: { 1: \"a:1\", 3: \"c:1\" }\n", "6:14",
        "this is server 2 (node.id), and it is not among the members 1, 3", "--set node.id=ID");
  wrong(three + "    observers: [ 4 ]\n", "7:16", "server 4 is no member", "1, 2, 3");
  wrong(three + "    observers: [ 1, 2, 3 ]\n", "7:16", "nobody votes", "one of them");
  wrong(three + "    observers: [ 3, 3 ]\n", "7:21", "server 3 is named twice", "name it once");
  wrong(three + "    observers: [ x ]\n", "7:18", "\"x\" is not a server id", "1 to 254");
  wrong(three + "    observers: 3\n", "7:16", "observers must be a list", "write [");
  wrong(three + "    weights: { 4: 1 }\n", "7:14", "server 4 is no member", "1, 2, 3");
  wrong(three + "    weights: { 1: 0 }\n", "7:19", "out of range", "from 1 to 1000");
  wrong(three + "    weights: [ 1 ]\n", "7:14", "weights must be a mapping", "key: value");
  wrong(three + "    observers: [ 3 ]\n    weights: { 3: 1 }\n", "8:14", "server 3 is an observer",
        "remove it");
  wrong(three + "    groups: [ [ 1 ], [ 2 ] ]\n", "7:13", "server 3 votes, but is in no group",
        "put it into a group");
  wrong(three + "    groups: [ [ 1, 2 ], [ 2, 3 ] ]\n", "7:27", "server 2 is named twice", "once");
  wrong(three + "    groups: [ 1, 2, 3 ]\n", "7:15", "each group of groups must be a list",
        "write [");
  wrong(three + "    groups: [ [ 1, 2, 3 ], [] ]\n", "7:28", "is empty", "name its servers");
  wrong(three + "    secret: s\n    secret_file: f\n", "8:18", "both given", "remove one");
  wrong(three + "    secret: \"\"\n", "7:13", "the secret is empty", "give one");
  wrong(three + "    keep_alive: 2s\n", "", "it is less than twice keep_alive", "late");
  wrong(three + "    max_frame_bytes: 256MiB\n", "", "smaller than max_frame_bytes", "wait");
}

TEST_CASE("peer options: who listens where") {
  auto values = sdk::option_values::defaults_of(peer::options());
  values.set("members", std::map<std::int64_t, sdk::address>{{1, {"a", 5}}, {2, {"::1", 6}}});
  CHECK(peer::listen_address(values, server_id{1}) == sdk::address{"0.0.0.0", 5});
  CHECK(peer::listen_address(values, server_id{2}) == sdk::address{"::", 6});
  values.set("listen", sdk::address{"10.0.0.1", 7});
  CHECK(peer::listen_address(values, server_id{1}) == sdk::address{"10.0.0.1", 7});
}
