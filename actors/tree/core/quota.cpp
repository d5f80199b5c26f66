#include "actors/tree/core/quota.hpp"

#include <charconv>

#include <troupe/base/znode_path.hpp>

namespace troupe::tree {
namespace {

void read_limit(std::string_view piece, quota_limits& limits) {
  const auto sign = piece.find('=');
  if (sign == std::string_view::npos) return;
  const auto key = piece.substr(0, sign);
  auto text = piece.substr(sign + 1);
  // Writers put one more '=' before the first extra key, for the sake of old readers.
  if (const auto extra = text.find('='); extra != std::string_view::npos)
    text = text.substr(0, extra);
  std::int64_t value = -1;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return;
  if (key == "count") limits.count = value;
  if (key == "bytes") limits.bytes = value;
  if (key == "countHardLimit") limits.count_hard = value;
  if (key == "byteHardLimit") limits.bytes_hard = value;
}

/// Calls `visit` with the path and each of its ancestors but the root, deepest first, until it
/// returns true.
template <class F>
void for_each_prefix(std::string_view path, F visit) {
  while (path.size() > 1) {
    if (visit(path)) return;
    path = parent_path(path);
  }
}

}  // namespace

quota_limits parse_quota_limits(std::string_view text) {
  quota_limits limits;
  while (!text.empty()) {
    const auto end = text.find_first_of(",;");
    read_limit(text.substr(0, end), limits);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
  }
  return limits;
}

std::string to_text(const quota_usage& usage) {
  return "count=" + std::to_string(usage.count) + ",bytes=" + std::to_string(usage.bytes);
}

std::optional<quota_place> quota_place_of(std::string_view path) noexcept {
  if (!path.starts_with(quota_root) || path.size() <= quota_root.size() + 1) return std::nullopt;
  const auto name = base_name(path);
  const bool limits = name == quota_limits_name;
  if (!limits && name != quota_stats_name) return std::nullopt;
  const auto subject =
      path.substr(quota_root.size(), path.size() - quota_root.size() - name.size() - 1);
  if (subject.size() < 2 || subject.front() != '/') return std::nullopt;
  return quota_place{subject, limits ? quota_node::limits : quota_node::stats};
}

const quota_table::entry* quota_table::find(std::string_view subject) const {
  const auto found = entries_.find(subject);
  return found == entries_.end() ? nullptr : &found->second;
}

std::string_view quota_table::deepest_limits(std::string_view path) const {
  std::string_view found;
  if (entries_.empty()) return found;
  for_each_prefix(path, [&](std::string_view prefix) {
    const auto* quota = find(prefix);
    if (!quota || !quota->has_limits) return false;
    found = prefix;
    return true;
  });
  return found;
}

void quota_table::add(std::string_view subject, quota_node kind, quota_usage usage) {
  auto& quota = entries_[subject];
  quota.usage = usage;
  (kind == quota_node::limits ? quota.has_limits : quota.has_stats) = true;
}

void quota_table::remove(std::string_view subject, quota_node kind) {
  const auto found = entries_.find(subject);
  if (found == entries_.end()) return;
  auto& quota = found->second;
  (kind == quota_node::limits ? quota.has_limits : quota.has_stats) = false;
  if (!quota.has_limits && !quota.has_stats) entries_.erase(found);
}

void quota_table::adjust(std::string_view path, std::int64_t count, std::int64_t bytes) {
  if (entries_.empty()) return;
  for_each_prefix(path, [&](std::string_view prefix) {
    if (const auto found = entries_.find(prefix); found != entries_.end()) {
      found->second.usage.count += count;
      found->second.usage.bytes += bytes;
    }
    return false;
  });
}

}  // namespace troupe::tree
