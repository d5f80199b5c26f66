#pragma once

#include <troupe/sdk/component_type.hpp>

namespace troupe::http {

/// Component type `gateway.http`: metrics, health, status and administrative commands over HTTP.
sdk::component_type gateway_type();

}  // namespace troupe::http
