#include "runtime/embed/signals.hpp"

namespace troupe::embed {
namespace {

std::mutex sigpipe_mutex;

}  // namespace

void refuse_signals() noexcept {
  sigset_t refused;
  ::sigfillset(&refused);
  // Raised by what the thread itself does, and the profiler's clock.
  for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF})
    ::sigdelset(&refused, number);
  ::pthread_sigmask(SIG_BLOCK, &refused, nullptr);
}

keep_sigpipe::keep_sigpipe() : alone_(sigpipe_mutex) { ::sigaction(SIGPIPE, nullptr, &before_); }

keep_sigpipe::~keep_sigpipe() { ::sigaction(SIGPIPE, &before_, nullptr); }

}  // namespace troupe::embed
