#include <troupe/sdk/disk.hpp>

#include <cerrno>

namespace troupe::sdk {

bool io_error::no_space() const noexcept { return code == ENOSPC || code == EDQUOT; }

bool io_error::may_pass() const noexcept { return no_space() || code == EMFILE || code == ENFILE; }

}  // namespace troupe::sdk
