#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <troupe/sdk/options.hpp>

namespace troupe::config {

/// Why a scalar does not fit, in words that follow the quoted text: `"64MB" is not a size`.
struct complaint {
  std::string message;
  std::string hint;
};

/// A parsed scalar, or a complaint.
template <typename T>
struct parsed {
  std::optional<T> value;
  complaint problem;

  parsed(T good) : value(std::move(good)) {}
  parsed(complaint bad) : problem(std::move(bad)) {}
};

// YAML's own reading of scalars is not used: it takes `010` for eight and `yes` for true, and it
// knows no units. These work on the raw text.

/// `true` or `false`.
parsed<bool> parse_boolean(std::string_view text);

/// Decimal digits with an optional minus sign, no leading zeros.
parsed<std::int64_t> parse_integer(std::string_view text);

/// Digits and one of B, KiB, MiB, GiB, TiB; at most 2^63 - 1 bytes.
parsed<std::uint64_t> parse_size(std::string_view text);

/// Digits and one of ns, us, ms, s, m, h; at most 2^63 - 1 nanoseconds (292 years).
parsed<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// `host:port`, IPv6 literals in brackets.
parsed<sdk::address> parse_address(std::string_view text);

/// The shortest text that parses back: `64MiB`.
std::string format_size(std::uint64_t bytes);

/// The shortest text that parses back: `1500ms`.
std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace troupe::config
