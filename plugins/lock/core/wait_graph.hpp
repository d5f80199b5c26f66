/// Who waits for whom, and whether somebody waits for himself in the end.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/party.hpp"
#include "core/release.hpp"

namespace locks {

/// A call that waits, numbered by whoever made it; later calls have larger numbers.
using call_number = std::uint64_t;

/// The waits of one server's callers. Of clients of other makes it is known what they hold, not
/// what they wait for. A party with several claims, such as one that waits with several calls, is
/// taken to need them all.
class wait_graph {
public:
  /// A ring of parties, each of which waits for the next.
  struct cycle {
    call_number youngest = 0;
    std::vector<blocking> edges;
    std::string text;  ///< for people
  };

  /// The call waits with this node below the lock at `path`.
  void waits(call_number call, const party& who, const std::string& path, const std::string& node);
  /// The call waits for that lock no more.
  void got(call_number call, const std::string& path);
  void forget(call_number call);
  /// Who holds the lock. Kept only of locks for which somebody waits.
  void holds(const std::string& path, dialect how, const std::vector<holder>& holders);

  /// A ring through one who waits for the lock at `path`, if there is one.
  [[nodiscard]] std::optional<cycle> find(const std::string& path) const;
  [[nodiscard]] bool empty() const noexcept { return calls_.empty(); }

private:
  struct edge {
    call_number call = 0;
    blocking why;
    std::string to;  ///< a party
  };
  struct wait {
    std::string who;
    std::map<std::string, std::string> nodes;  ///< path to the caller's node
  };
  struct search;

  [[nodiscard]] std::vector<edge> from(const std::string& who) const;
  static std::string party_of(dialect how, const holder& one);

  std::map<call_number, wait> calls_;
  std::map<std::string, std::set<call_number>> by_party_;
  std::map<std::string, std::set<call_number>> by_path_;
  struct known_holder {
    std::string who;
    std::string node;
  };
  std::map<std::string, std::vector<known_holder>> holders_;
};

}  // namespace locks
