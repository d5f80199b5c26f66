/// The watches that a client has.
#pragma once

#include <map>
#include <string>

#include <troupe/base/ids.hpp>
#include <troupe/base/operation.hpp>

namespace troupe {

/// Remembers what the tree was asked to watch, so that it can be asked again when all watches
/// are gone: because the tree was replaced as a whole, or the connection was lost. Pure.
class standing_watches {
public:
  /// A read was answered; what it asked for is watched from now on.
  void answered(const read_op& asked, const read_result& result);
  /// An event was told; watches that fire once are spent.
  void fired(event_kind kind, const std::string& path);
  [[nodiscard]] bool empty() const noexcept { return marks_.empty(); }
  /// Asks for all of them again. What changed after `seen`, up to which all events have been told,
  /// fires at once.
  [[nodiscard]] set_watches_op again(zxid seen) const;

private:
  struct marks {
    bool data = false, exist = false, child = false, persistent = false, recursive = false;
    [[nodiscard]] bool none() const noexcept {
      return !(data || exist || child || persistent || recursive);
    }
  };
  void remove(const std::string& path, watch_selector which);

  std::map<std::string, marks> marks_;  ///< by path
};

}  // namespace troupe
