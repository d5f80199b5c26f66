/// Calls of the interface Locks (schemas/lock.capnp) as plain structs, and answers as bytes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/sdk/recipe.hpp>

#include "core/desk.hpp"
#include "core/listing.hpp"

namespace locks {

/// The ordinals of the methods.
enum class method : std::uint16_t {
  acquire,
  release,
  acquire_permits,
  release_permits,
  resize,
  transfer,
  revoke,
  proclaim,
  claims,
};
/// Cap'n Proto's id of the interface.
std::uint64_t locks_interface_id();

/// Each throws `bad_call` for bytes and numbers that make no sense.
template <class Ask>
struct timed {
  Ask ask;
  std::int64_t timeout_ms = 0;  ///< negative: for ever; zero: not at all
};
timed<acquire_ask> read_acquire(const troupe::sdk::recipe_call& call);
timed<permits_ask> read_acquire_permits(const troupe::sdk::recipe_call& call);
release_ask read_release(const troupe::sdk::recipe_call& call);
release_ask read_release_permits(const troupe::sdk::recipe_call& call);
transfer_ask read_transfer(const troupe::sdk::recipe_call& call);

struct resize_call {
  std::string path;
  std::int32_t permits = 0;
};
resize_call read_resize(const troupe::sdk::recipe_call& call);
struct revoke_call {
  std::string path;
  troupe::zxid token;
  bool force = false;
};
revoke_call read_revoke(const troupe::sdk::recipe_call& call);
struct proclaim_call {
  release_ask by;
  std::string value;
};
proclaim_call read_proclaim(const troupe::sdk::recipe_call& call);
std::string read_claims(const troupe::sdk::recipe_call& call);

/// Bytes, and the numbers of the capabilities in them.
struct encoded_answer {
  troupe::blob bytes;
  std::vector<std::uint64_t> capabilities;
};
/// The answer to `of`, one of the three methods that give a lock. `lease` is the number of the
/// capability.
encoded_answer write_granted(method of, const std::vector<taken>& locks, std::uint64_t lease);
encoded_answer write_granted(const std::string& path, const permits_taken& permits,
                             std::uint64_t lease);
/// The answer to any method: it was refused.
troupe::blob write_refused(method of, const refusal& why);
/// To release, release_permits and revoke.
troupe::blob write_released(method of, bool now);
/// To resize and proclaim.
troupe::blob write_done(method of);
troupe::blob write_claims(const std::vector<listed_claim>& claims);

}  // namespace locks
