/// The component types of the ZooKeeper gateway.
#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::zk {

/// `gateway.zookeeper`: ZooKeeper's client protocol, for every existing ZooKeeper client.
sdk::component_type gateway_type();

}  // namespace troupe::zk
