/// Watches of a client in portions.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <troupe/base/operation.hpp>

namespace troupe::client {

/// The same as `all` in operations of about `most_bytes` of paths each; none if there is nothing.
inline std::vector<set_watches_op> in_parts(set_watches_op all, std::size_t most_bytes) {
  std::vector<set_watches_op> parts;
  std::size_t bytes = most_bytes;
  const auto take = [&](std::vector<std::string> set_watches_op::*list) {
    for (auto& path : all.*list) {
      if (bytes >= most_bytes) {
        parts.emplace_back().relative = all.relative;
        bytes = 0;
      }
      bytes += path.size();
      (parts.back().*list).push_back(std::move(path));
    }
  };
  take(&set_watches_op::data);
  take(&set_watches_op::exist);
  take(&set_watches_op::child);
  take(&set_watches_op::persistent);
  take(&set_watches_op::persistent_recursive);
  return parts;
}

}  // namespace troupe::client
