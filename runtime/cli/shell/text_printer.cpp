#include <algorithm>
#include <ctime>
#include <ostream>

#include "runtime/cli/shell/acl_words.hpp"
#include "runtime/cli/shell/printer.hpp"

namespace troupe::cli {
namespace {

using rows = std::vector<std::pair<std::string, std::string>>;

/// "2026-11-22 05:04:09.120 UTC".
std::string time_words(std::int64_t ms) {
  const auto seconds = static_cast<std::time_t>(ms / 1000);
  std::tm parts{};
  char text[64] = "";
  if (gmtime_r(&seconds, &parts) == nullptr) return std::to_string(ms) + " ms";
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &parts);
  const auto rest = std::to_string(1000 + ms % 1000).substr(1);
  return text + ("." + rest) + " UTC";
}

rows rows_of(const stat& s) {
  rows all{{"created", to_string(s.czxid) + ", " + time_words(s.ctime_ms)},
           {"modified", to_string(s.mzxid) + ", " + time_words(s.mtime_ms)},
           {"children changed", to_string(s.pzxid)},
           {"version", std::to_string(s.version)},
           {"acl version", std::to_string(s.aversion)},
           {"child version", std::to_string(s.cversion)},
           {"data length", std::to_string(s.data_length)},
           {"children", std::to_string(s.num_children)}};
  if (s.ephemeral_owner) all.emplace_back("ephemeral of", to_string(s.ephemeral_owner));
  return all;
}

}  // namespace

const char* word_for(event_kind kind) noexcept {
  switch (kind) {
  case event_kind::node_created:
    return "created";
  case event_kind::node_deleted:
    return "deleted";
  case event_kind::node_data_changed:
    return "data_changed";
  case event_kind::node_children_changed:
    return "children_changed";
  }
  return "unknown";
}

void text_printer::table(const rows& all) {
  std::size_t width = 0;
  for (const auto& [name, value] : all)
    width = std::max(width, name.size());
  for (const auto& [name, value] : all)
    out_ << name << std::string(width - name.size() + 2, ' ') << value << '\n';
}

void text_printer::node(const std::string&, const blob& data, const stat* about) {
  out_ << data.view() << '\n';
  if (about) table(rows_of(*about));
}

void text_printer::facts(const std::string&, const stat& about) { table(rows_of(about)); }

void text_printer::names(const std::string&, const std::vector<std::string>& all,
                         const stat* about) {
  for (const auto& name : all)
    out_ << name << '\n';
  if (about) table(rows_of(*about));
}

void text_printer::descendant(const std::string& path, std::size_t level) {
  const auto name = level == 0 ? path : path.substr(path.rfind('/') + 1);
  out_ << std::string(2 * level, ' ') << name << '\n';
}

void text_printer::access(const std::string&, const acl& entries, const stat* about) {
  rows all;
  all.reserve(entries.size());
  for (const auto& one : entries)
    all.emplace_back(one.who.scheme + ":" + one.who.id, permission_letters(one.permissions));
  table(all);
  if (about) table(rows_of(*about));
}

void text_printer::created(const std::string& path) { out_ << path << '\n'; }

void text_printer::number(const std::string&, std::int64_t value) { out_ << value << '\n'; }

void text_printer::change(const change_seen& seen) {
  out_ << word_for(seen.kind) << ' ' << seen.path << std::endl;
}

void text_printer::pairs(const rows& facts) { table(facts); }

}  // namespace troupe::cli
