#include <troupe/sdk/disk.hpp>

#include <cerrno>

namespace troupe::sdk {

bool io_error::no_space() const noexcept { return code == ENOSPC || code == EDQUOT; }

}  // namespace troupe::sdk
