#include <catch2/catch.hpp>

#include <limits>

#include "runtime/config/scalars.hpp"

using namespace troupe::config;
using namespace std::chrono_literals;

namespace {

TEST_CASE("durations need a whole number and a unit", "[config]") {
  CHECK(parse_duration("200ms").value == 200ms);
  CHECK(parse_duration("4s").value == 4s);
  CHECK(parse_duration("1m").value == 60s);
  CHECK(parse_duration("12h").value == 12h);
  CHECK(parse_duration("7us").value == 7us);
  CHECK(parse_duration("0ns").value == 0ns);
  CHECK(parse_duration("9223372036854775807ns").value == std::chrono::nanoseconds::max());
  for (const auto* wrong : {"", "4", "s", "4 s", " 4s", "4s ", "1.5s", "-4s", "+4s", "4S", "04s",
                            "1m30s", "1e3s", "4d", "9223372036854775808ns", "2562048h", "4s\n"}) {
    INFO(wrong);
    const auto result = parse_duration(wrong);
    CHECK_FALSE(result.value);
    CHECK_FALSE(result.problem.message.empty());
  }
}

TEST_CASE("sizes need a whole number and a binary unit", "[config]") {
  CHECK(parse_size("512B").value == 512U);
  CHECK(parse_size("1KiB").value == 1024U);
  CHECK(parse_size("64MiB").value == std::uint64_t{64} << 20);
  CHECK(parse_size("2GiB").value == std::uint64_t{2} << 30);
  CHECK(parse_size("8388607TiB").value == std::uint64_t{8388607} << 40);
  CHECK(parse_size("0B").value == 0U);
  for (const auto* wrong : {"", "64", "MiB", "64MB", "64mib", "64 MiB", "-1B", "1.5KiB", "064MiB",
                            "8388608TiB", "99999999999999999999B", "1PiB"}) {
    INFO(wrong);
    CHECK_FALSE(parse_size(wrong).value);
  }
  CHECK(parse_size("64MB").problem.hint == "did you mean 64MiB?");
}

TEST_CASE("integers are decimal only", "[config]") {
  CHECK(parse_integer("0").value == 0);
  CHECK(parse_integer("-12").value == -12);
  CHECK(parse_integer("9223372036854775807").value == std::numeric_limits<std::int64_t>::max());
  CHECK(parse_integer("-9223372036854775808").value == std::numeric_limits<std::int64_t>::min());
  for (const auto* wrong : {"", "-", "+1", "010", "-010", "00", "0x10", "0o7", "1e3", "1_000",
                            "1,000", "3.0", " 3", "3 ", "9223372036854775808", "ten"}) {
    INFO(wrong);
    CHECK_FALSE(parse_integer(wrong).value);
  }
}

TEST_CASE("booleans are true and false, nothing else", "[config]") {
  CHECK(parse_boolean("true").value == true);
  CHECK(parse_boolean("false").value == false);
  for (const auto* wrong : {"", "True", "FALSE", "yes", "no", "on", "off", "1", "0", "y"}) {
    INFO(wrong);
    CHECK_FALSE(parse_boolean(wrong).value);
  }
}

TEST_CASE("addresses have a host and a port", "[config]") {
  using troupe::sdk::address;
  CHECK(parse_address("0.0.0.0:2181").value == address{"0.0.0.0", 2181});
  CHECK(parse_address("my-host.example_1:0").value == address{"my-host.example_1", 0});
  CHECK(parse_address("[::1]:65535").value == address{"::1", 65535});
  CHECK(parse_address("[fe80::1%eth0]:1").value == address{"fe80::1%eth0", 1});
  for (const auto* wrong : {"", ":", ":1", "a", "a:", "a:b", "a:65536", "a:-1", "a:01", "[::1]",
                            "[]:1", "[abc]:1", "::1:1", "a b:1", "a/b:1", "*:1"}) {
    INFO(wrong);
    CHECK_FALSE(parse_address(wrong).value);
  }
}

TEST_CASE("formatted values parse back", "[config]") {
  for (const auto bytes :
       {0ULL, 1ULL, 1023ULL, 1024ULL, 1ULL << 20, 3ULL << 30, 5ULL << 40, (1ULL << 63) - 1}) {
    CHECK(parse_size(format_size(bytes)).value == bytes);
  }
  CHECK(format_size(64 << 20) == "64MiB");
  CHECK(format_size(1536) == "1536B");
  for (const auto time : {0ns, 1ns, 1500ns, 200'000'000ns, 4'000'000'000ns, 60'000'000'000ns,
                          std::chrono::nanoseconds::max()}) {
    CHECK(parse_duration(format_duration(time)).value == time);
  }
  CHECK(format_duration(90s) == "90s");
  CHECK(format_duration(2min) == "2m");
}

}  // namespace
