/// The options of `peer.tcp` and what follows from them.
#pragma once

#include <string>
#include <vector>

#include <troupe/base/ids.hpp>
#include <troupe/base/quorum.hpp>
#include <troupe/sdk/options.hpp>

namespace troupe::peer {

std::vector<sdk::option_spec> options();

/// What is wrong with them for every server, and what for this one.
std::vector<sdk::option_problem> problems_of(const sdk::option_values& values);
std::vector<sdk::option_problem> problems_for(const sdk::option_values& values, server_id self);

/// Who votes, and how much it counts.
quorum_system voters_of(const sdk::option_values& values);
/// Members that do not vote, by id.
std::vector<server_id> observers_of(const sdk::option_values& values);
/// Where to listen: as the options say, or the own member's port on all addresses.
sdk::address listen_address(const sdk::option_values& values, server_id self);

}  // namespace troupe::peer
