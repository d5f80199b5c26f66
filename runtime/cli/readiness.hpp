/// Telling a service manager how far we are.
#pragma once

#include <string_view>

namespace troupe::cli {

/// Sends `state`, for example "READY=1", to the service manager named by the environment variable
/// NOTIFY_SOCKET, as systemd's sd_notify(3) describes. Does nothing where the variable is not set;
/// a manager that does not listen is logged and otherwise ignored.
void notify_service_manager(std::string_view state);

}  // namespace troupe::cli
