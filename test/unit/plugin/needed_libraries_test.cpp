#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <random>
#include <sstream>

#include "runtime/plugin/needed_libraries.hpp"

namespace {

using troupe::plugin::needed_libraries;

const std::string good = TOY_PLUGINS "/libtroupe_good.so";

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> needed_by(std::string bytes) {
  std::istringstream file(std::move(bytes));
  return needed_libraries(file);
}

TEST_CASE("what a library needs is read from its file", "[plugin]") {
  const auto names = needed_by(bytes_of(good));
  CHECK(std::find(names.begin(), names.end(), "libtroupe.so") != names.end());
  CHECK(std::find(names.begin(), names.end(), "libc.so.6") != names.end());
}

TEST_CASE("what is no library of this machine needs nothing", "[plugin]") {
  CHECK(needed_by("").empty());
  CHECK(needed_by("just words").empty());
  CHECK(needed_by("\x7F"
                  "ELF")
            .empty());
  auto other_size = bytes_of(good);
  other_size[4] = 1;  // 32 bits
  CHECK(needed_by(other_size).empty());
}

TEST_CASE("damaged libraries are read without harm", "[plugin]") {
  const auto whole = bytes_of(good);
  for (std::size_t size = 0; size < 4096; size += 7)
    needed_by(whole.substr(0, size));
  std::mt19937_64 random{1};
  INFO("seed 1");
  // The header and the table of segments, where offsets and numbers are.
  for (int round = 0; round < 300; ++round) {
    auto damaged = whole;
    for (int i = 0; i < 4; ++i)
      damaged[random() % 1024] = static_cast<char>(random());
    CHECK(needed_by(damaged).size() <= 1024);
  }
}

}  // namespace
