#include "core/dialect.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace locks {

namespace {

constexpr std::size_t id_digits = 32;
constexpr std::string_view protection = "_c_";
constexpr std::string_view lease_mark = "-lease-";

struct mark {
  dialect how;
  claim_kind kind;
  std::string_view text;  ///< between id and sequence number
};
constexpr std::array marks{
    mark{dialect::curator, claim_kind::mutex, "-lock-"},
    mark{dialect::curator, claim_kind::write, "-__WRIT__"},
    mark{dialect::curator, claim_kind::read, "-__READ__"},
    mark{dialect::curator, claim_kind::leader, "-latch-"},
    mark{dialect::kazoo, claim_kind::write, "__lock__"},
    mark{dialect::kazoo, claim_kind::read, "__rlock__"},
    mark{dialect::native, claim_kind::write, "-write-"},
    mark{dialect::native, claim_kind::read, "-read-"},
};

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

/// Ten digits, and a sign before them once the counter has overflowed.
std::optional<std::int32_t> parse_sequence(std::string_view text) {
  const auto digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.size() != 10) return std::nullopt;
  std::int32_t number = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Takes the id off the front of `name`, with or without dashes; nothing if there is none.
std::optional<std::string> take_id(std::string_view& name) {
  std::string id;
  std::size_t at = 0;
  const bool dashed = name.size() > 8 && name[8] == '-';
  for (; id.size() < id_digits; ++at) {
    if (at >= name.size()) return std::nullopt;
    const bool dash = dashed && (at == 8 || at == 13 || at == 18 || at == 23);
    if (dash && name[at] != '-') return std::nullopt;
    if (dash) continue;
    if (!is_hex(name[at])) return std::nullopt;
    id.push_back(name[at]);
  }
  name.remove_prefix(at);
  return id;
}

/// What stands before the mark: the id, dressed as the dialect has it.
std::string dressed(dialect how, std::string_view id) {
  std::string text;
  if (how == dialect::curator) text = protection;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (how == dialect::curator && (i == 8 || i == 12 || i == 16 || i == 20)) text.push_back('-');
    text.push_back(id[i]);
  }
  return text;
}

std::optional<std::string> undress(dialect how, std::string_view& name) {
  if (how == dialect::curator) {
    if (!name.starts_with(protection)) return std::nullopt;
    name.remove_prefix(protection.size());
  }
  return take_id(name);
}

}  // namespace

std::string_view to_string(claim_kind kind) noexcept {
  switch (kind) {
  case claim_kind::mutex:
    return "exclusive";
  case claim_kind::write:
    return "write";
  case claim_kind::read:
    return "read";
  case claim_kind::leader:
    return "leader";
  }
  return "unknown";
}

claim_kind spoken(dialect how, claim_kind kind) noexcept {
  return how == dialect::curator || kind == claim_kind::read ? kind : claim_kind::write;
}

bool fit_together(dialect how, claim_kind a, claim_kind b) noexcept {
  const auto shared = [](claim_kind one) {
    return one == claim_kind::read || one == claim_kind::write;
  };
  a = spoken(how, a);
  b = spoken(how, b);
  return a == b || (shared(a) && shared(b));
}

std::optional<claim_name> parse_claim(dialect how, std::string_view name) {
  auto id = undress(how, name);
  if (!id) return std::nullopt;
  for (const auto& one : marks) {
    if (one.how != how || !name.starts_with(one.text)) continue;
    const auto sequence = parse_sequence(name.substr(one.text.size()));
    if (!sequence) return std::nullopt;
    return claim_name{one.kind, *sequence, std::move(*id)};
  }
  return std::nullopt;
}

std::string claim_prefix(dialect how, claim_kind kind, std::string_view id) {
  kind = spoken(how, kind);
  const auto found = std::find_if(marks.begin(), marks.end(), [&](const mark& one) {
    return one.how == how && one.kind == kind;
  });
  return dressed(how, id) + std::string{found->text};
}

semaphore_layout layout_of(dialect how, std::string_view path) {
  const std::string at{path};
  if (how == dialect::kazoo) return {at + "-__lock__", at, false};
  return {at + "/locks", at + "/leases", true};
}

std::string lease_prefix(dialect how, std::string_view id) {
  return how == dialect::kazoo ? std::string{id} : dressed(how, id) + std::string{lease_mark};
}

std::optional<std::string> parse_lease(dialect how, std::string_view name) {
  auto id = undress(how, name);
  if (!id) return std::nullopt;
  const bool fits = how == dialect::kazoo
                        ? name.empty()
                        : name.starts_with(lease_mark) &&
                              parse_sequence(name.substr(lease_mark.size())).has_value();
  if (!fits) return std::nullopt;
  return id;
}

}  // namespace locks
