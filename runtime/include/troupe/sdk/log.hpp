/// Structured events for operators.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace troupe::sdk::log {

/// `none` is only for `set_level`.
enum class level { debug, info, warning, error, none };

/// One named value of an event.
struct field {
  std::string_view key;
  std::string value;

  field(std::string_view k, std::string_view v) : key(k), value(v) {}
  field(std::string_view k, const char* v) : key(k), value(v) {}
  field(std::string_view k, const std::string& v) : key(k), value(v) {}
  field(std::string_view k, bool v) : key(k), value(v ? "true" : "false") {}
  template <class T>
  requires std::is_arithmetic_v<T> field(std::string_view k, T v)
      : key(k), value(std::to_string(v)) {}
};

/// Writes one event: `event` is a fixed name in snake_case, to be searched for; the fields say what
/// it is about. Written as one line `time level event key=value …`; values are quoted where needed
/// and control characters are escaped, so that no input can forge a line. Safe from any thread.
void write(level at, std::string_view event, std::span<const field> fields);

inline void write(level at, std::string_view event, std::initializer_list<field> fields = {}) {
  write(at, event, std::span<const field>{fields.begin(), fields.size()});
}

inline void debug(std::string_view event, std::initializer_list<field> fields = {}) {
  write(level::debug, event, fields);
}
inline void info(std::string_view event, std::initializer_list<field> fields = {}) {
  write(level::info, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<field> fields = {}) {
  write(level::warning, event, fields);
}
inline void error(std::string_view event, std::initializer_list<field> fields = {}) {
  write(level::error, event, fields);
}

/// Whether events of this level are written: asked where making the fields of an event that nobody
/// reads would cost something.
bool writes(level at);

/// Events below this level are dropped. Default info.
void set_level(level lowest);

}  // namespace troupe::sdk::log
