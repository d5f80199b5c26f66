/// Why a call is not granted.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <troupe/base/result.hpp>

namespace locks {

enum class refusal_kind : std::uint8_t {
  busy,           ///< somebody else has it, and the caller does not wait
  timed_out,      ///< the wait was too long
  cancelled,      ///< by the caller
  session_lost,   ///< the caller's session, or with it the caller's node, is gone
  not_held,       ///< the token is not that of a holder
  wrong_kind,     ///< the lock is used in another way, or the caller holds what it cannot change
  foreign_node,   ///< below the lock is a node that the mount's dialect does not know
  deadlock,       ///< the caller waited for somebody who waited for the caller
  wrong_permits,  ///< the semaphore has another number of permits
  over_limit,     ///< too many wait, or too much was asked for
  bad_path,       ///< not a path below the mount
  bad_request,    ///< the call contradicts itself
  not_leader,     ///< this server does not lead; nothing is known of the outcome
  failed,         ///< the server could not carry it out
};
std::string_view to_string(refusal_kind kind) noexcept;

/// `why` is a sentence for a person: what, where, what to do.
struct refusal {
  refusal_kind kind = refusal_kind::failed;
  std::string why;
};

template <class T>
using answer_or_refusal = troupe::result<T, refusal>;

}  // namespace locks
