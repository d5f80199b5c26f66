/// Keeping out of the signals of the application.
#pragma once

#include <signal.h>

#include <mutex>

namespace troupe::embed {

/// The calling thread, and all that it starts, take no signal that is sent to the process.
void refuse_signals() noexcept;

/// KJ ignores SIGPIPE for the whole process whenever it makes an event loop. While this object
/// lives, loops may be made; afterwards the application's choice is what it was. (Our threads do
/// not need it: they block the signal.) One at a time in a process.
class keep_sigpipe {
public:
  keep_sigpipe();
  ~keep_sigpipe();

  keep_sigpipe(const keep_sigpipe&) = delete;
  keep_sigpipe& operator=(const keep_sigpipe&) = delete;

private:
  const std::unique_lock<std::mutex> alone_;
  struct sigaction before_ {};
};

}  // namespace troupe::embed
