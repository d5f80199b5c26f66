#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::sdk {

/// What an option holds and how its text in the deployment file is read. Units are strict: a
/// duration or a size without its unit is an error, never a guess.
enum class option_kind {
  boolean,          ///< `true` or `false`, nothing else.
  integer,          ///< Decimal only; a leading zero is refused instead of read as octal.
  size_bytes,       ///< `512B`, `64KiB`, `1MiB`, `2GiB`.
  duration,         ///< `500us`, `200ms`, `4s`, `1m`, `12h`.
  text,             ///< Any scalar, as written.
  choice,           ///< One of a fixed list of words.
  address,          ///< `host:port`, `[v6]:port`.
  list_of_text,     ///< A sequence of scalars.
  addresses_by_id,  ///< A mapping from server id (1..254) to address.
  ids,              ///< A sequence of server ids.
  numbers_by_id,    ///< A mapping from server id to a whole number.
  groups_of_ids,    ///< A sequence of sequences of server ids.
};

/// A host name or literal address and a port. Not resolved; port 0 means "any free port".
struct address {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const address&, const address&) = default;
};

/// The `host:port` form of an address, with brackets around an IPv6 literal.
std::string to_string(const address& value);

/// A checked value. Integers are `int64_t`, sizes are bytes in `uint64_t`, text and choices are
/// strings. `monostate` is the value of an optional option that the file does not name.
using option_value =
    std::variant<std::monostate, bool, std::int64_t, std::uint64_t, std::chrono::nanoseconds,
                 std::string, address, std::vector<std::string>, std::map<std::int64_t, address>,
                 std::vector<std::int64_t>, std::map<std::int64_t, std::int64_t>,
                 std::vector<std::vector<std::int64_t>>>;

/// Declares one option of a component type. Start from one of the named constructors:
///
///     option_spec::duration("tick", "Length of one tick.").by_default(200ms).between(1ms, 1min)
///     option_spec::integer("max_connections", "…").by_default(0).between(0, 1'000'000)
///
/// A dot in the name makes a group: `timeout.min` is written `timeout: { min: 4s }`. An option with
/// neither a default nor `not_required()` must be given in the file.
struct option_spec {
  std::string name;
  option_kind kind = option_kind::text;
  std::string doc;                      ///< One sentence for people, shown by `describe`.
  std::string unit;                     ///< What an integer counts, such as `connections`.
  option_value default_value;           ///< `monostate` when there is none.
  bool required = true;                 ///< Without a default, and must be in the file.
  std::optional<std::int64_t> minimum;  ///< Inclusive; bytes, nanoseconds or a plain count.
  std::optional<std::int64_t> maximum;  ///< Inclusive; the same units.
  std::vector<std::string> choices;     ///< Of a `choice`, in the order shown to people.
  std::string example;                  ///< Shown in generated files instead of a default.
  bool is_secret = false;               ///< Its value is never shown.

  static option_spec boolean(std::string name, std::string doc);
  static option_spec integer(std::string name, std::string doc);
  static option_spec bytes(std::string name, std::string doc);
  static option_spec duration(std::string name, std::string doc);
  static option_spec text(std::string name, std::string doc);
  static option_spec address(std::string name, std::string doc);
  static option_spec list(std::string name, std::string doc);
  static option_spec addresses(std::string name, std::string doc);
  static option_spec ids(std::string name, std::string doc);
  static option_spec numbers(std::string name, std::string doc);  ///< By server id.
  static option_spec id_groups(std::string name, std::string doc);
  static option_spec choice(std::string name, std::vector<std::string> choices, std::string doc);

  /// Sets the default, which must suit the kind: `by_default(true)` for a boolean, a number for
  /// integers and bytes, a string for text, choices and `host:port` addresses.
  /// @throws std::logic_error when it does not suit; that is a mistake in the component type.
  option_spec by_default(bool value) &&;
  option_spec by_default(std::int64_t value) &&;
  option_spec by_default(int value) && { return std::move(*this).by_default(std::int64_t{value}); }
  option_spec by_default(std::chrono::nanoseconds value) &&;
  option_spec by_default(const char* value) &&;
  option_spec by_default(std::vector<std::string> value) &&;

  /// May be left out, and then `option_values::has` is false.
  option_spec not_required() &&;

  /// Inclusive bounds, for integers, bytes, and each of the numbers by id.
  option_spec between(std::int64_t low, std::int64_t high) &&;
  /// Inclusive bounds, for durations.
  option_spec between(std::chrono::nanoseconds low, std::chrono::nanoseconds high) &&;
  /// A value, as written in the file, for generated examples; needed by required options.
  option_spec for_example(std::string value) &&;
  /// The value is never shown to anybody, because who knows it has power over the server.
  option_spec secret() &&;
  /// Names what an integer counts.
  option_spec counted_in(std::string unit_name) &&;
};

/// The checked options of one component, with defaults filled in. A plain value; copying it is
/// cheap enough for start-up code. The getters throw `std::logic_error` when the component asks
/// for a name or kind it did not declare, because that is a programming mistake.
class option_values {
public:
  option_values() = default;

  /// All defaults of a list of options. Required ones are missing until `set`; meant for tests and
  /// embedders, the deployment file goes through the planner.
  static option_values defaults_of(const std::vector<option_spec>& specs);

  /// Stores a value, replacing an earlier one; returns itself, so that calls can be chained.
  option_values& set(std::string name, option_value value);

  /// Whether the option has a value (from the file or by default).
  bool has(std::string_view name) const;

  bool boolean(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  std::uint64_t bytes(std::string_view name) const;
  std::chrono::nanoseconds duration(std::string_view name) const;
  /// The duration in whole milliseconds, rounded down.
  std::chrono::milliseconds milliseconds(std::string_view name) const;
  const std::string& text(std::string_view name) const;  ///< Also for choices.
  const sdk::address& address(std::string_view name) const;
  const std::vector<std::string>& list(std::string_view name) const;
  const std::map<std::int64_t, sdk::address>& addresses(std::string_view name) const;
  const std::vector<std::int64_t>& ids(std::string_view name) const;
  const std::map<std::int64_t, std::int64_t>& numbers(std::string_view name) const;
  const std::vector<std::vector<std::int64_t>>& id_groups(std::string_view name) const;

  /// All values by name, for display.
  const std::map<std::string, option_value, std::less<>>& all() const { return values_; }

private:
  template <typename T>
  const T& get(std::string_view name, const char* kind) const;

  std::map<std::string, option_value, std::less<>> values_;
};

/// One finding of a component's own check of its options, reported at the option's place in the
/// file (or at the component when the option was left out).
struct option_problem {
  std::string option;   ///< Full name, such as `timeout.min`.
  std::string message;  ///< What is wrong, without the place.
  std::string hint;     ///< What to do; may be empty.
};

}  // namespace troupe::sdk
