/// Requests as bytes, written independently of the gateway's codec.
#pragma once

#include <string>

#include "actors/gateway/zookeeper/codec/requests.hpp"

namespace troupe::fuzz {

/// The body of a request that decodes to `asked`.
std::string encode(zk::opcode op, const zk::operation& asked);
std::string encode(const zk::connect_request& request);
std::string encode(const zk::auth_request& request);

}  // namespace troupe::fuzz
