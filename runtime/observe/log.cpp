#include <troupe/sdk/log.hpp>

#include <cstdio>

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace troupe::sdk::log {
namespace {

spdlog::level::level_enum to_spdlog(level at) {
  switch (at) {
  case level::debug:
    return spdlog::level::debug;
  case level::info:
    return spdlog::level::info;
  case level::warning:
    return spdlog::level::warn;
  case level::error:
    return spdlog::level::err;
  case level::none:
    return spdlog::level::off;
  }
  return spdlog::level::err;
}

/// Standard error, because standard output belongs to the commands that print something.
spdlog::logger& sink() {
  static const auto logger = [] {
    auto made = std::make_shared<spdlog::logger>("troupe",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

bool needs_quotes(std::string_view value) {
  if (value.empty()) return true;
  for (const unsigned char c : value) {
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c == 0x7f) return true;
  }
  return false;
}

void append_quoted(std::string& line, std::string_view value) {
  line += '"';
  for (const unsigned char c : value) {
    if (c == '"' || c == '\\') {
      line += '\\';
      line += static_cast<char>(c);
    } else if (c == '\n') {
      line += "\\n";
    } else if (c < ' ' || c == 0x7f) {
      char escaped[5];
      std::snprintf(escaped, sizeof escaped, "\\x%02x", c);
      line += escaped;
    } else {
      line += static_cast<char>(c);
    }
  }
  line += '"';
}

}  // namespace

void write(level at, std::string_view event, std::span<const field> fields) {
  auto& logger = sink();
  if (!logger.should_log(to_spdlog(at))) return;
  std::string line{event};
  for (const auto& one : fields) {
    line += ' ';
    line += one.key;
    line += '=';
    if (needs_quotes(one.value)) {
      append_quoted(line, one.value);
    } else {
      line += one.value;
    }
  }
  logger.log(to_spdlog(at), "{}", line);
}

bool writes(level at) { return sink().should_log(to_spdlog(at)); }

void set_level(level lowest) { sink().set_level(to_spdlog(lowest)); }

}  // namespace troupe::sdk::log
