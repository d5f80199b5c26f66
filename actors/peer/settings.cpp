#include "actors/peer/settings.hpp"

#include <algorithm>
#include <chrono>
#include <set>

namespace troupe::peer {
namespace {

using namespace std::chrono_literals;
using sdk::option_problem;
using sdk::option_spec;
using sdk::option_values;
using problems = std::vector<option_problem>;

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;

server_id id_of(std::int64_t number) { return {static_cast<std::uint32_t>(number)}; }

std::string members_text(const option_values& values) {
  std::string text;
  for (const auto& [id, where] : values.addresses("members"))
    text += (text.empty() ? "" : ", ") + std::to_string(id);
  return text;
}

std::set<std::int64_t> voter_numbers(const option_values& values) {
  std::set<std::int64_t> voters;
  for (const auto& [id, where] : values.addresses("members"))
    voters.insert(id);
  if (values.has("observers")) {
    for (const auto id : values.ids("observers"))
      voters.erase(id);
  }
  return voters;
}

/// What `option` says about `id`, which should be a voter.
void check_voter(const option_values& values, const char* option, std::int64_t id, problems& to) {
  const auto number = std::to_string(id);
  if (!values.addresses("members").contains(id)) {
    to.push_back(
        {option, "server " + number + " is no member", "the members are " + members_text(values)});
  } else if (!voter_numbers(values).contains(id)) {
    to.push_back({option, "server " + number + " is an observer, and observers do not vote",
                  "remove it here, or from observers"});
  }
}

void check_members(const option_values& values, problems& to) {
  const auto& members = values.addresses("members");
  if (members.empty()) {
    to.push_back({"members", "nobody is a member", "name all servers: { 1: \"host:2888\", ... }"});
  }
  for (auto one = members.begin(); one != members.end(); ++one) {
    if (one->second.port == 0) {
      to.push_back({"members",
                    "server " + std::to_string(one->first) + " has port 0, which nobody can dial",
                    "give it a port, such as 2888"});
    }
    for (auto other = members.begin(); other != one; ++other) {
      if (other->second != one->second) continue;
      to.push_back({"members",
                    "servers " + std::to_string(other->first) + " and " +
                        std::to_string(one->first) + " have the same address " +
                        sdk::to_string(one->second),
                    "give each its own host or port"});
    }
  }
}

void check_votes(const option_values& values, problems& to) {
  if (values.has("observers")) {
    for (const auto id : values.ids("observers")) {
      if (values.addresses("members").contains(id)) continue;
      to.push_back({"observers", "server " + std::to_string(id) + " is no member",
                    "the members are " + members_text(values) +
                        "; observers are among them, with their address"});
    }
    if (voter_numbers(values).empty()) {
      to.push_back({"observers", "all members are observers, so nobody votes",
                    "let one of them at least be no observer"});
    }
  }
  if (values.has("weights")) {
    for (const auto& [id, weight] : values.numbers("weights"))
      check_voter(values, "weights", id, to);
  }
  if (!values.has("groups")) return;
  auto left = voter_numbers(values);
  for (const auto& group : values.id_groups("groups")) {
    for (const auto id : group) {
      check_voter(values, "groups", id, to);
      left.erase(id);
    }
  }
  for (const auto id : left) {
    to.push_back({"groups", "server " + std::to_string(id) + " votes, but is in no group",
                  "put it into a group, or make it an observer"});
  }
}

std::uint32_t weight_of(const option_values& values, std::int64_t id) {
  if (!values.has("weights")) return 1;
  const auto& weights = values.numbers("weights");
  const auto found = weights.find(id);
  return found == weights.end() ? 1 : static_cast<std::uint32_t>(found->second);
}

std::vector<option_spec> link_options() {
  return {option_spec::duration("keep_alive",
                                "A link on which nothing was sent for this time sends a sign of "
                                "life.")
              .by_default(200ms)
              .between(1ms, 1min),
          option_spec::duration("silence",
                                "A link on which nothing was heard for this time is down. Also how "
                                "long connecting and greeting may take.")
              .by_default(2s)
              .between(2ms, 10min),
          option_spec::duration("dial_retry",
                                "Longest pause between two attempts to reach a server; it begins "
                                "with 10 ms and doubles.")
              .by_default(500ms)
              .between(10ms, 10min),
          option_spec::bytes("max_frame_bytes",
                             "Longest message between servers. More than the largest packet that a "
                             "gateway takes, and equal on all members.")
              .by_default(16 * mib)
              .between(64 * kib, 1024 * mib),
          option_spec::bytes("max_unsent_bytes",
                             "Bytes that the other server has not taken yet from which on the link "
                             "is cut, instead of growing without bound.")
              .by_default(128 * mib)
              .between(64 * kib, 16 * 1024 * mib),
          option_spec::bytes("max_untaken_bytes",
                             "Bytes that have arrived, but wait for this server to take them, from "
                             "which on a link is not read, until it is below half of it.")
              .by_default(16 * mib)
              .between(kib, 1024 * mib)};
}

}  // namespace

std::vector<option_spec> options() {
  std::vector<option_spec> all{
      option_spec::addresses("members",
                             "All servers of the ensemble by id, observers and this one included, "
                             "with the addresses where the others reach them. Names are resolved "
                             "anew at every attempt.")
          .for_example("{ 1: \"localhost:2888\" }"),
      option_spec::ids("observers", "Members that do not vote.")
          .not_required()
          .for_example("[ 4, 5 ]"),
      option_spec::numbers("weights", "How much a member's vote counts; 1 where nothing is said.")
          .not_required()
          .between(1, 1000)
          .for_example("{ 1: 2 }"),
      option_spec::id_groups("groups",
                             "Hierarchical quorum: more than half of the groups, each with more "
                             "than half of its votes. Each voter is in one group.")
          .not_required()
          .for_example("[ [ 1, 2, 3 ], [ 4, 5, 6 ], [ 7, 8, 9 ] ]"),
      option_spec::address("listen",
                           "Where the other servers connect; if left out, the port of the own "
                           "entry in members, on all addresses.")
          .not_required()
          .for_example("\"0.0.0.0:2888\""),
      option_spec::text("secret",
                        "Known to all members and to nobody else. Without one, whoever reaches the "
                        "port may say that it is a member.")
          .not_required()
          .secret()
          .for_example("${TROUPE_SECRET}"),
      option_spec::text("secret_file",
                        "A file that holds the secret, without the line's end; relative to the "
                        "data directory, or an absolute path.")
          .not_required()
          .for_example("/etc/troupe/secret")};
  for (auto& one : link_options())
    all.push_back(std::move(one));
  return all;
}

problems problems_of(const option_values& values) {
  problems found;
  check_members(values, found);
  check_votes(values, found);
  if (values.has("secret") && values.has("secret_file")) {
    found.push_back({"secret_file", "secret and secret_file are both given", "remove one of them"});
  }
  if (values.has("secret") && values.text("secret").empty()) {
    found.push_back({"secret", "the secret is empty", "give one, or remove the option"});
  }
  if (values.duration("silence") < 2 * values.duration("keep_alive")) {
    found.push_back({"silence", "it is less than twice keep_alive",
                     "one sign of life that is late would end the link"});
  }
  if (values.bytes("max_unsent_bytes") < values.bytes("max_frame_bytes")) {
    found.push_back({"max_unsent_bytes", "it is smaller than max_frame_bytes",
                     "the longest message must be able to wait"});
  }
  return found;
}

problems problems_for(const option_values& values, server_id self) {
  if (values.addresses("members").contains(self.value)) return {};
  return {{"members",
           "this is server " + std::to_string(self.value) +
               " (node.id), and it is not among the members " + members_text(values),
           "add it, or start with the id of a member: --set node.id=ID"}};
}

quorum_system voters_of(const option_values& values) {
  if (values.has("groups")) {
    std::vector<quorum_system::weights> groups;
    for (const auto& group : values.id_groups("groups")) {
      auto& made = groups.emplace_back();
      for (const auto id : group)
        made[id_of(id)] = weight_of(values, id);
    }
    return quorum_system::hierarchical(groups);
  }
  quorum_system::weights weights;
  for (const auto id : voter_numbers(values))
    weights[id_of(id)] = weight_of(values, id);
  return quorum_system::weighted(weights);
}

std::vector<server_id> observers_of(const option_values& values) {
  std::vector<server_id> observers;
  if (values.has("observers")) {
    for (const auto id : values.ids("observers"))
      observers.push_back(id_of(id));
  }
  std::sort(observers.begin(), observers.end());
  return observers;
}

sdk::address listen_address(const option_values& values, server_id self) {
  if (values.has("listen")) return values.address("listen");
  const auto& own = values.addresses("members").at(self.value);
  const bool v6 = own.host.find(':') != std::string::npos;
  return {v6 ? "::" : "0.0.0.0", own.port};
}

}  // namespace troupe::peer
