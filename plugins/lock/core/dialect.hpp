/// How the nodes below a lock are named, so that clients of other makes take part in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace locks {

/// Whose names a mount speaks. Clients of different makes ignore each other's nodes, or misread
/// them, and then both believe that they hold the lock; so a mount speaks one and refuses the rest.
enum class dialect : std::uint8_t {
  curator,  ///< Apache Curator, and the Go client, which names its nodes alike
  kazoo,
  native,  ///< only callers of this plugin
};

/// What somebody who holds a lock, or waits for it, wants of it.
enum class claim_kind : std::uint8_t {
  mutex,   ///< alone, of an exclusive lock
  write,   ///< alone, of a read/write lock
  read,    ///< together with other readers
  leader,  ///< alone, of an election
};
std::string_view to_string(claim_kind kind) noexcept;

/// How a dialect writes a kind: kazoo has one name for all who want to be alone, and so have we.
claim_kind spoken(dialect how, claim_kind kind) noexcept;

/// Whether two claims may stand below one lock. Curator's recipes each know only their own marker.
bool fit_together(dialect how, claim_kind a, claim_kind b) noexcept;

/// A node's name, taken apart.
struct claim_name {
  claim_kind kind = claim_kind::mutex;
  std::int32_t sequence = 0;  ///< its place: the smaller, the earlier
  std::string id;             ///< 32 hexadecimal digits: who made it
};

/// Nothing if the name is foreign to the dialect.
std::optional<claim_name> parse_claim(dialect how, std::string_view name);

/// A node's name up to its sequence number, which the server appends. `id` has 32 digits.
std::string claim_prefix(dialect how, claim_kind kind, std::string_view id);

/// Where the nodes of a semaphore at `path` are, and how its permits are called.
struct semaphore_layout {
  std::string queue;        ///< an exclusive lock: its holder takes the next permits
  std::string leases;       ///< each child is a permit that is taken
  bool sequential = false;  ///< whether leases get a sequence number
};
semaphore_layout layout_of(dialect how, std::string_view path);
/// A lease's name, without the sequence number if leases have one. `id` has 32 digits.
std::string lease_prefix(dialect how, std::string_view id);
/// The 32 digits of a lease's name; nothing if the name is foreign to the dialect.
std::optional<std::string> parse_lease(dialect how, std::string_view name);

}  // namespace locks
