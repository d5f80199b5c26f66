#include "actors/gateway/zookeeper/component.hpp"

#include <algorithm>
#include <chrono>

#include <troupe/roles/admin.hpp>
#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/gateway/zookeeper/gateway_actor.hpp"
#include "actors/gateway/zookeeper/words/four_letter_word.hpp"

namespace troupe::zk {
namespace {

using namespace std::chrono_literals;
using sdk::option_spec;

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

std::vector<option_spec> limits() {
  return {
      option_spec::bytes("max_packet_bytes",
                         "Largest packet that a client may send; a larger one ends the connection. "
                         "ZooKeeper's jute.maxbuffer.")
          .by_default(0xfffff)
          .between(kib, 64 * mib),
      option_spec::integer("max_connections",
                           "Connections at a time; 0 for as many as there are file descriptors.")
          .counted_in("connections")
          .by_default(0)
          .between(0, 1'000'000),
      option_spec::integer("max_connections_per_address",
                           "Connections at a time from one address; 0 for no such limit. ZooKeeper "
                           "has 60, which surprises clients behind one address more often than it "
                           "protects the server.")
          .counted_in("connections")
          .by_default(0)
          .between(0, 1'000'000),
      option_spec::integer(
          "max_outstanding_requests",
          "Unanswered requests of a connection from which on it is not read, until "
          "it is below half of it.")
          .counted_in("requests")
          .by_default(1000)
          .between(2, 1'000'000),
      option_spec::bytes(
          "max_outstanding_bytes",
          "Bytes of a connection's unanswered requests from which on it is not read.")
          .by_default(16 * mib)
          .between(kib, 1024 * mib),
      option_spec::bytes("max_unsent_bytes",
                         "Bytes that a connection has not taken yet from which on it is not read.")
          .by_default(4 * mib)
          .between(kib, 1024 * mib),
      option_spec::bytes("max_unsent_event_bytes",
                         "Bytes that a connection has not taken yet from which on an event for it "
                         "ends it, because it does not read its events.")
          .by_default(32 * mib)
          .between(kib, 4096 * mib),
      option_spec::bytes("max_held_bytes",
                         "Bytes that all connections together may hold: unanswered requests, "
                         "replies and events that were not taken, halves of packets. From half of "
                         "it on, each connection has a sixteenth of its own limits; over it, the "
                         "one that holds most is closed.")
          .by_default(512 * mib)
          .between(mib, 1024 * 1024 * mib),
      option_spec::duration("handshake_timeout",
                            "A connection without a session, or with an unanswered four-letter "
                            "word, is closed after this time.")
          .by_default(10s)
          .between(10ms, 1h)};
}

std::vector<option_spec> options() {
  std::vector<option_spec> all = {
      option_spec::address("listen", "Address and port for clients; port 0 takes any free port.")
          .by_default("0.0.0.0:2181")};
  for (auto& one : limits())
    all.push_back(std::move(one));
  all.push_back(option_spec::list("four_letter_words",
                                  "Four-letter words that are answered, or \"*\" for all. The "
                                  "default leaves out those that name znodes, cost much or change "
                                  "something: crst, dump, srst, stmk, wchc, wchp.")
                    .by_default(default_four_letter_words));
  all.push_back(option_spec::text("super_digest",
                                  "Digest of the super user, for whom no ACL counts: "
                                  "super:BASE64(SHA1(\"super:password\")).")
                    .not_required()
                    .secret()
                    .for_example("super:D/InIHSb7yEEbrWz8b9l71RjZJU="));
  all.push_back(
      option_spec::boolean("tcp_keepalive", "Let the kernel probe silent connections as well.")
          .by_default(true));
  return all;
}

std::vector<sdk::option_problem> check(const sdk::option_values& values) {
  std::vector<sdk::option_problem> problems;
  for (const auto& word : values.list("four_letter_words")) {
    const bool known = word == "*" || std::find(four_letter_words.begin(), four_letter_words.end(),
                                                word) != four_letter_words.end();
    if (!known) {
      problems.push_back({"four_letter_words", "\"" + word + "\" is no four-letter word",
                          "use \"*\" for all, or words such as ruok, srvr, stat, mntr"});
    }
  }
  if (values.bytes("max_unsent_event_bytes") < values.bytes("max_unsent_bytes")) {
    problems.push_back({"max_unsent_event_bytes", "it is smaller than max_unsent_bytes",
                        "events must be allowed to wait longer than requests"});
  }
  if (values.has("super_digest") && !values.text("super_digest").starts_with("super:")) {
    problems.push_back({"super_digest", "a super user's digest begins with \"super:\"",
                        "it is super:BASE64(SHA1(\"super:password\"))"});
  }
  return problems;
}

}  // namespace

sdk::component_type gateway_type() {
  sdk::component_type type;
  type.name = "gateway.zookeeper";
  type.summary = "ZooKeeper's client protocol, for every existing ZooKeeper client.";
  type.gives = {role::admin::name, role::admin::version};
  type.needs = {{"broadcast", {role::broadcast::name, role::broadcast::version}},
                {"tree", {role::tree::name, role::tree::version}},
                {"session", {role::session::name, role::session::version}}};
  type.options = options();
  type.on_failure = sdk::failure_policy::restart;
  type.factory = [](sdk::component_context& context) {
    return sdk::component_instance{sdk::spawn_pinned<gateway_actor>(context.unit, context)};
  };
  type.check = check;
  return type;
}

}  // namespace troupe::zk
