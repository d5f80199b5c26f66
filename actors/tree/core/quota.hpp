/// Quotas: where they are, what is used, what is allowed (protocol section 6.4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "actors/tree/core/text_hash.hpp"

namespace troupe::tree {

inline constexpr std::string_view quota_root = "/zookeeper/quota";
inline constexpr std::string_view quota_limits_name = "zookeeper_limits";
inline constexpr std::string_view quota_stats_name = "zookeeper_stats";

/// What a subtree uses: its nodes, the top included, and the bytes of their data.
struct quota_usage {
  std::int64_t count = 0;
  std::int64_t bytes = 0;
  bool operator==(const quota_usage&) const = default;
};

/// The content of a limits node. -1 means no limit.
struct quota_limits {
  std::int64_t count = -1, bytes = -1;
  std::int64_t count_hard = -1, bytes_hard = -1;
  bool operator==(const quota_limits&) const = default;
};
/// Reads a limits node. Whatever is not understood is no limit.
quota_limits parse_quota_limits(std::string_view text);

/// The text of a stats node.
std::string to_text(const quota_usage& usage);

enum class quota_node : std::uint8_t { limits, stats };

/// If `path` is a limits or stats node below the quota root: for which path, and which of the two.
/// The view points into `path`.
struct quota_place {
  std::string_view subject;
  quota_node kind;
};
std::optional<quota_place> quota_place_of(std::string_view path) noexcept;

/// Usage of every path that has a limits or stats node. The numbers are derived: they depend on the
/// tree alone and not on its past, so every server and every restart comes to the same. (ZooKeeper
/// counts a nested quota's nodes at the inner one only, until it restarts.)
class quota_table {
public:
  struct entry {
    quota_usage usage;
    bool has_limits = false;
    bool has_stats = false;
  };

  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] const entry* find(std::string_view subject) const;
  /// The deepest path with limits that is `path` or above it; empty if there is none.
  [[nodiscard]] std::string_view deepest_limits(std::string_view path) const;

  /// The subject has a limits or stats node now. `usage` is what its subtree uses.
  void add(std::string_view subject, quota_node kind, quota_usage usage);
  void remove(std::string_view subject, quota_node kind);
  /// The node at `path` appeared, went, or has data of another length.
  void adjust(std::string_view path, std::int64_t count, std::int64_t bytes);
  void clear() { entries_.clear(); }

private:
  text_map<entry> entries_;
};

}  // namespace troupe::tree
