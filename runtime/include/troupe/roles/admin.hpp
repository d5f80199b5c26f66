/// Role `admin`, version 1: administrative commands of a protocol's gateway, answered as documents.
/// `gateway.zookeeper` gives it with the commands of ZooKeeper's AdminServer.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <troupe/roles/handle.hpp>

namespace troupe::role::admin {

/// The answer to the command with this token: a document and its media type.
struct answer {
  std::uint64_t token = 0;
  std::string media_type;
  std::string body;
};
using asker = handle<answer>;

/// Asks to run a command; an empty name asks for a page that lists them. Names that do not exist
/// and commands that cannot run now are answered too, with what is wrong in the document. There is
/// no answer if the gateway ends before: the asker needs a deadline of its own.
struct command {
  admin::asker to;
  std::uint64_t token = 0;
  std::string name;
  std::vector<std::pair<std::string, std::string>> arguments;
  /// Lists in the document end after so many entries, and then it says that they do.
  std::size_t most_entries = 1000;
};

inline constexpr const char* name = "admin";
inline constexpr int version = 1;

/// A component with role admin.
using actor = handle<command>;

}  // namespace troupe::role::admin

TROUPE_MESSAGE(troupe::role::admin::answer)
TROUPE_MESSAGE(troupe::role::admin::command)
