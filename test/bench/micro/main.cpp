/// micro_bench [--test] [--json FILE] [NAME...]: nanoseconds per operation of the hot pieces.
///
/// Every piece is run as often as takes 20 ms, nine times; the median counts, and the fastest is
/// shown beside it. NAME chooses pieces by the beginning of their names. --test: once, for a check.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <string_view>

#include <nlohmann/json.hpp>

#include "harness.hpp"

namespace {

using namespace micro;

struct wishes {
  bool test = false;
  std::string json_path;
  std::vector<std::string> names;
};

struct timing {
  double median_ns = 0;
  double fastest_ns = 0;
};

double seconds_of(const piece& what, std::uint64_t n) {
  const auto began = std::chrono::steady_clock::now();
  what.run(n);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

timing measure(const piece& what, bool test) {
  if (test) {
    const auto ns = seconds_of(what, 10) * 1e9 / 10;
    return {ns, ns};
  }
  constexpr double wanted_s = 0.02;
  std::uint64_t n = 1;
  for (auto took = seconds_of(what, n); took < wanted_s; took = seconds_of(what, n)) {
    n = took < wanted_s / 10 ? n * 10 : static_cast<std::uint64_t>(n * wanted_s * 1.1 / took) + 1;
  }
  std::vector<double> times(9);
  for (auto& time : times) {
    time = seconds_of(what, n) * 1e9 / static_cast<double>(n);
  }
  std::sort(times.begin(), times.end());
  return {times[times.size() / 2], times.front()};
}

wishes parse(int argc, char** argv) {
  wishes result;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--test") {
      result.test = true;
    } else if (word == "--json" && i + 1 < argc) {
      result.json_path = argv[++i];
    } else if (word.starts_with("-")) {
      throw std::runtime_error{"usage: micro_bench [--test] [--json FILE] [NAME...]"};
    } else {
      result.names.emplace_back(word);
    }
  }
  return result;
}

bool chosen(const wishes& from, const std::string& name) {
  return from.names.empty() || std::any_of(from.names.begin(), from.names.end(),
                                           [&](const auto& n) { return name.starts_with(n); });
}

void run(const wishes& from) {
  auto results = nlohmann::json::array();
  for (const auto& make : {wire_pieces, tree_pieces, storage_pieces, reactor_pieces}) {
    for (const auto& what : make()) {
      if (!chosen(from, what.name)) {
        continue;
      }
      const auto time = measure(what, from.test);
      results.push_back({{"name", what.name},
                         {"ns_per_op", time.median_ns},
                         {"fastest_ns_per_op", time.fastest_ns}});
      if (from.json_path != "-") {
        std::printf("%-46s %12.1f ns  (fastest %.1f)\n", what.name.c_str(), time.median_ns,
                    time.fastest_ns);
      }
    }
  }
  const auto text = nlohmann::json{{"results", results}}.dump(1) + "\n";
  if (from.json_path == "-") {
    std::cout << text;
  } else if (!from.json_path.empty() && !(std::ofstream{from.json_path} << text).flush()) {
    throw std::runtime_error{"cannot write " + from.json_path};
  }
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(parse(argc, argv));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "micro_bench: %s\n", e.what());
    return 1;
  }
}
