/// Access control lists as people write them: "world:anyone:cdrwa,digest:user:HASH:r".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <troupe/base/acl.hpp>

namespace troupe::cli {

/// "cdrwa": create, delete, read, write, administer; in this order.
std::string permission_letters(std::int32_t permissions);

/// Entries of SCHEME:ID:PERMISSIONS, separated by commas; identities may contain colons. Nothing if
/// it cannot be read so.
std::optional<acl> read_acl(std::string_view words);

}  // namespace troupe::cli
