/// Role `recipe`, version 1: typed calls to something that is mounted at a path, and who hosts it.
///
/// A host is a gateway through which clients reach recipes. The calls and answers are messages of
/// Cap'n Proto, but the capabilities in them stay with the host: here they are numbers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <troupe/base/acl.hpp>
#include <troupe/base/blob.hpp>
#include <troupe/base/error_code.hpp>
#include <troupe/base/ids.hpp>
#include <troupe/roles/handle.hpp>

namespace troupe::role::recipe {

/// The end of a call. With `ok`, `results` is the method's result struct as one flat message of
/// Cap'n Proto. Its capability pointers are indices into `capabilities`, numbers that the recipe
/// made up; a call to such a capability names it, and `released` says that the client has dropped
/// it. Otherwise `why` is a sentence for a person. `not_leader`: nothing was done here, and the
/// call may be made again, with the same request id, at the leader's server.
struct answered {
  std::uint64_t call = 0;
  error_code error = error_code::ok;
  std::string why;
  blob results;
  std::vector<std::uint64_t> capabilities;
};
/// Who made calls.
using caller = handle<answered>;

/// A client's call of a method. Calls of one caller are numbered by it, and each is answered once,
/// in any order, unless it is forgotten.
struct call {
  recipe::caller from;
  std::uint64_t number = 0;
  std::uint64_t capability = 0;    ///< zero: what is mounted; else a number from an answer
  std::uint64_t interface_id = 0;  ///< Cap'n Proto's id of the interface
  std::uint16_t method = 0;        ///< its ordinal
  blob params;                     ///< the parameter struct as one flat message
  session_id session;              ///< of the client; never zero
  identities who;
};
/// The client does not want the call's outcome any more: what it may have got is given back. The
/// call is answered all the same.
struct cancel {
  recipe::caller from;
  std::uint64_t number = 0;
};
/// The client's connection is gone, but its session may go on, and make the call again. The call
/// is not answered; what it waits for is kept as long as its session lives.
struct forget {
  recipe::caller from;
  std::uint64_t number = 0;
};
/// The client has dropped a capability of an answer. Not sent for a capability whose connection was
/// lost: the session may go on, and then the client makes the call again, with its request id.
struct released {
  std::uint64_t capability = 0;
};

/// A component with role recipe.
using actor = handle<call, cancel, forget, released>;

/// To the host, from a recipe that can be called from now on. One that was made anew says so again;
/// calls and capabilities of the former one are gone.
struct mounted {
  std::string mount;
  recipe::actor recipe;
};
/// A host, seen from recipes.
using host = handle<mounted>;

inline constexpr const char* name = "recipe";
inline constexpr int version = 1;
/// The role of a host.
inline constexpr const char* host_name = "recipe_host";
inline constexpr int host_version = 1;

}  // namespace troupe::role::recipe

TROUPE_MESSAGE(troupe::role::recipe::answered)
TROUPE_MESSAGE(troupe::role::recipe::call)
TROUPE_MESSAGE(troupe::role::recipe::cancel)
TROUPE_MESSAGE(troupe::role::recipe::forget)
TROUPE_MESSAGE(troupe::role::recipe::released)
TROUPE_MESSAGE(troupe::role::recipe::mounted)
