/// The commands' session, over the native protocol.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <troupe/base/time.hpp>

#include "runtime/cli/shell/session.hpp"

namespace troupe::cli {

/// Where to connect, and as whom.
struct connect_request {
  std::vector<std::string> servers;  ///< HOST:PORT
  milliseconds timeout{10'000};      ///< of the session, and for connecting
  std::vector<std::pair<std::string, std::string>> identities;  ///< scheme and secret
};

/// Connects; the session is closed when the object goes.
/// @throws not_connected with what was tried and why it failed.
std::unique_ptr<session> connect_native(const connect_request& wish);

}  // namespace troupe::cli
