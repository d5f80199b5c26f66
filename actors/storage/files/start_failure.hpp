/// Why a start cannot use what it finds.
#pragma once

#include <string>
#include <utility>

#include <troupe/base/result.hpp>

namespace troupe::storage {

/// The message has the choices of the person who reads it.
struct start_failure : failure {
  start_failure(failure why) : failure(std::move(why)) {}
  /// The history, or a part of it that is needed, cannot be read any more: `what`, and where. Other
  /// servers may have it.
  static start_failure of_damage(std::string what, const std::string& choices) {
    start_failure made{failure{what + choices}};
    made.damage = std::move(what);
    return made;
  }

  std::string damage;  ///< the message without the choices; empty if nothing is damaged
};

}  // namespace troupe::storage
