#include "actors/gateway/rpc/component.hpp"

#include <chrono>

#include <troupe/roles/broadcast.hpp>
#include <troupe/roles/recipe.hpp>
#include <troupe/roles/session.hpp>
#include <troupe/roles/tree.hpp>
#include <troupe/sdk/component_context.hpp>

#include "actors/gateway/rpc/gateway_actor.hpp"

namespace troupe::rpc {
namespace {

using namespace std::chrono_literals;
using sdk::option_spec;

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

/// What a client is refused with a typed error.
std::vector<option_spec> refusals() {
  return {option_spec::bytes(
              "max_message_bytes",
              "Largest message that a client may send; a larger one ends the connection.")
              .by_default(4 * mib)
              .between(64 * kib, 64 * mib),
          option_spec::integer("max_batch_operations", "Operations in one submit, multi or page.")
              .counted_in("operations")
              .by_default(4096)
              .between(1, 1'000'000),
          option_spec::bytes("max_data_bytes",
                             "Largest data of one znode that is taken here. Clients of ZooKeeper's "
                             "protocol cannot read more than their own limit, mostly 1 MiB.")
              .by_default(0xfffff)
              .between(kib, 32 * mib),
          option_spec::bytes("max_reply_bytes", "Most that one submit gives back.")
              .by_default(16 * mib)
              .between(64 * kib, 256 * mib),
          option_spec::integer("max_sessions_per_connection", "Sessions in one connection.")
              .counted_in("sessions")
              .by_default(64)
              .between(1, 100'000)};
}

/// What holds a client up, or ends its connection.
std::vector<option_spec> bounds() {
  return {
      option_spec::integer("max_connections",
                           "Connections at a time; 0 for as many as there are file descriptors.")
          .counted_in("connections")
          .by_default(0)
          .between(0, 1'000'000),
      option_spec::integer("max_connections_per_address",
                           "Connections at a time from one address; 0 for no such limit.")
          .counted_in("connections")
          .by_default(0)
          .between(0, 1'000'000),
      option_spec::integer("max_open_calls",
                           "Calls of a connection that are not answered, or that the client has "
                           "not finished; more end it.")
          .counted_in("calls")
          .by_default(4096)
          .between(16, 1'000'000),
      option_spec::integer("max_outstanding_operations",
                           "Operations of a connection without an outcome from which on it is not "
                           "read, until it is below half of it.")
          .counted_in("operations")
          .by_default(16384)
          .between(2, 10'000'000),
      option_spec::bytes("max_outstanding_bytes",
                         "Bytes of a connection's calls from which on it is not read.")
          .by_default(16 * mib)
          .between(kib, 1024 * mib),
      option_spec::bytes("max_unsent_bytes",
                         "Bytes that a connection has not taken yet from which on it is not read, "
                         "and gets no further answers.")
          .by_default(4 * mib)
          .between(kib, 1024 * mib),
      option_spec::bytes("max_unsent_event_bytes",
                         "Bytes of events that a client has not taken yet from which on the "
                         "connection ends.")
          .by_default(32 * mib)
          .between(kib, 4096 * mib),
      option_spec::bytes("max_held_bytes",
                         "Bytes that all connections together may hold. From half of it on, each "
                         "has a sixteenth of its own limits; over it, the one that holds most is "
                         "closed.")
          .by_default(512 * mib)
          .between(mib, 1024 * 1024 * mib),
      option_spec::duration("handshake_timeout",
                            "A connection without a session is closed after this time.")
          .by_default(10s)
          .between(10ms, 1h)};
}

std::vector<option_spec> options() {
  std::vector<option_spec> all = {
      option_spec::address("listen", "Address and port for clients; port 0 takes any free port.")
          .by_default("0.0.0.0:2190")};
  for (auto& one : refusals())
    all.push_back(std::move(one));
  for (auto& one : bounds())
    all.push_back(std::move(one));
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
  if (values.bytes("max_data_bytes") >= values.bytes("max_message_bytes")) {
    problems.push_back({"max_data_bytes", "it is not smaller than max_message_bytes",
                        "the data of a znode must fit into a message"});
  }
  if (values.bytes("max_data_bytes") >= values.bytes("max_reply_bytes")) {
    problems.push_back({"max_data_bytes", "it is not smaller than max_reply_bytes",
                        "the data of a znode must fit into a reply"});
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
  type.name = "gateway.rpc";
  type.summary = "Troupe's own protocol for clients, on Cap'n Proto RPC.";
  type.gives = {role::recipe::host_name, role::recipe::host_version};
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

}  // namespace troupe::rpc
