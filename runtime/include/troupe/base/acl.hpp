/// Who may do what with a znode, and who somebody is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace troupe {

/// Permission bits (protocol section 8.1).
enum permission : std::int32_t {
  permission_read = 1,
  permission_write = 2,
  permission_create = 4,
  permission_delete = 8,
  permission_admin = 16,
  permission_all = 31,
};

/// An identity of a connection, or the subject of an ACL entry: for example {"digest",
/// "user:hash"},
/// {"ip", "10.0.0.7"}, {"world", "anyone"}, {"super", ""}.
struct identity {
  std::string scheme;
  std::string id;
  auto operator<=>(const identity&) const = default;
};

/// One entry of an access control list.
struct acl_entry {
  std::int32_t permissions = 0;  ///< or-ed `permission` bits; not validated, as in ZooKeeper
  identity who;
  auto operator<=>(const acl_entry&) const = default;
};

using acl = std::vector<acl_entry>;

/// All identities of a connection at the moment when a request stood in its stream. Shared, because
/// every request of a connection carries the same ones; null means none.
using identities = std::shared_ptr<const std::vector<identity>>;

}  // namespace troupe
