#include "report.hpp"

#include <cmath>
#include <cstdarg>
#include <cstdio>

namespace bench {

namespace {

struct named_quantile {
  const char* name;
  double q;
};
constexpr named_quantile quantiles[] = {
    {"p50", 0.5}, {"p90", 0.9}, {"p99", 0.99}, {"p99_9", 0.999}};

std::string number(double value) {
  char text[64];
  if (value == std::floor(value) && std::fabs(value) < 1e15) {
    std::snprintf(text, sizeof text, "%.0f", value);
  } else {
    std::snprintf(text, sizeof text, "%.6g", value);
  }
  return text;
}

std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      result += '\\';
    }
    result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return result + '"';
}

double microseconds(std::uint64_t ns) { return static_cast<double>(ns) / 1e3; }

double per_operation(const report& r, double seconds) {
  return r.operations == 0 ? 0 : seconds * 1e6 / static_cast<double>(r.operations);
}

double per_second(const report& r) {
  return r.seconds > 0 ? static_cast<double>(r.operations) / r.seconds : 0;
}

const std::string& text_of(const std::string& text) { return text; }
std::string text_of(int value) { return std::to_string(value); }

/// With commas between them.
template <class T>
std::string list_of(const std::vector<T>& all) {
  std::string text;
  for (const auto& one : all) {
    text += (text.empty() ? "" : ",") + text_of(one);
  }
  return text;
}

class object {
public:
  void add(const std::string& name, const std::string& json) {
    text_ += (text_.empty() ? "{" : ", ") + quoted(name) + ": " + json;
  }
  void add(const std::string& name, double value) { add(name, number(value)); }
  [[nodiscard]] std::string done() const { return (text_.empty() ? "{" : text_) + "}"; }

private:
  std::string text_;
};

std::string latency_json(const histogram& h) {
  object result;
  result.add("samples", static_cast<double>(h.total()));
  result.add("mean", h.mean() / 1e3);
  for (const auto& [name, q] : quantiles) {
    result.add(name, microseconds(h.quantile(q)));
  }
  result.add("max", microseconds(h.max()));
  return result.done();
}

std::string server_json(const report& r) {
  object result;
  result.add("pid", quoted(list_of(r.server_pids)));
  result.add("program", quoted(r.server_program));
  if (r.server_time) {
    const auto total = r.server_time->user_s + r.server_time->system_s;
    result.add("user_s", r.server_time->user_s);
    result.add("system_s", r.server_time->system_s);
    result.add("cpu_us_per_operation", per_operation(r, total));
  }
  if (r.server_memory) {
    result.add("resident_kib", static_cast<double>(r.server_memory->resident_kib));
    result.add("peak_kib", static_cast<double>(r.server_memory->peak_kib));
  }
  return result.done();
}

[[gnu::format(printf, 1, 2)]] std::string line(const char* format, ...) {
  char text[256];
  va_list values;
  va_start(values, format);
  std::vsnprintf(text, sizeof text, format, values);
  va_end(values);
  return text;
}

}  // namespace

std::string as_json(const report& r) {
  object result;
  result.add("workload", quoted(r.wishes.workload));
  result.add("server", quoted(list_of(r.wishes.servers)));
  result.add("connections", r.wishes.connections);
  result.add("outstanding", r.wishes.outstanding);
  result.add("value_bytes", static_cast<double>(r.wishes.value_bytes));
  result.add("keys", r.wishes.keys);
  result.add("seed", static_cast<double>(r.wishes.seed));
  result.add("verified", r.wishes.verify ? "true" : "false");
  result.add("unit", quoted(r.unit));
  result.add("seconds", r.seconds);
  result.add("operations", static_cast<double>(r.operations));
  result.add("per_second", per_second(r));
  result.add("latency_us", latency_json(r.latencies));
  result.add("load_cpu_us_per_operation", per_operation(r, r.load_processor_s));
  result.add("server_process", r.server_pids.empty() ? "null" : server_json(r));
  for (const auto& f : r.figures) {
    result.add(f.name, f.value);
  }
  return result.done() + "\n";
}

std::string as_table(const report& r) {
  std::string text =
      line("%s: %d connection%s, %d outstanding, %zu bytes\n", r.wishes.workload.c_str(),
           r.wishes.connections, r.wishes.connections == 1 ? "" : "s", r.wishes.outstanding,
           r.wishes.value_bytes);
  text += line("  %-12s %12.0f per second  (%llu %s in %.2f s%s)\n", "throughput", per_second(r),
               static_cast<unsigned long long>(r.operations), r.unit.c_str(), r.seconds,
               r.wishes.verify ? ", verified" : "");
  text += "  latency µs  ";
  for (const auto& [name, q] : quantiles) {
    text += line(" %s %.1f ", name, microseconds(r.latencies.quantile(q)));
  }
  text += line(" max %.1f\n", microseconds(r.latencies.max()));
  if (r.server_time) {
    const auto& t = *r.server_time;
    text += line("  %-12s %12.2f µs CPU per operation  (user %.2f s, system %.2f s; %s, pid %s)\n",
                 "server", per_operation(r, t.user_s + t.system_s), t.user_s, t.system_s,
                 r.server_program.c_str(), list_of(r.server_pids).c_str());
  }
  if (r.server_memory) {
    text += line("  %-12s %12.1f MB resident, %.1f MB at most\n", "memory",
                 static_cast<double>(r.server_memory->resident_kib) * 1024 / 1e6,
                 static_cast<double>(r.server_memory->peak_kib) * 1024 / 1e6);
  }
  text +=
      line("  %-12s %12.2f µs CPU per operation\n", "load", per_operation(r, r.load_processor_s));
  for (const auto& f : r.figures) {
    text += line("  %-30s %s\n", f.name.c_str(), number(f.value).c_str());
  }
  return text;
}

}  // namespace bench
