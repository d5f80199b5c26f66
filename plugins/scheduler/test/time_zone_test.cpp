#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <cstdlib>
#include <ctime>

#include "zone_files.hpp"

using namespace scheduler;
using scheduler_tests::at;
using scheduler_tests::zone;
using scheduler_tests::zone_bytes;

namespace {

const std::vector<std::string> names = {
    "UTC",           "Europe/Berlin",     "America/New_York",  "Australia/Lord_Howe",
    "Asia/Kolkata",  "America/Sao_Paulo", "Africa/Casablanca", "Pacific/Apia",
    "Europe/Dublin", "Antarctica/Troll",  "Asia/Tehran",       "Pacific/Chatham",
    "America/Nuuk",  "America/Caracas",   "Etc/GMT+5",         "Asia/Gaza"};

TEST_CASE("offsets are those of the C library, for two centuries", "[zone]") {
  for (const auto& name : names) {
    CAPTURE(name);
    const auto here = zone(name);
    REQUIRE(setenv("TZ", name.c_str(), 1) == 0);
    tzset();
    std::int64_t differ = 0;
    // A prime number of seconds, so that all times of the day come up.
    for (auto utc = at(1950, 1, 1); utc < at(2150, 1, 1); utc += 36'011) {
      const auto seconds = static_cast<std::time_t>(utc);
      std::tm local{};
      localtime_r(&seconds, &local);
      if (here.at(utc).offset != local.tm_gmtoff) ++differ;
    }
    CHECK(differ == 0);
  }
  REQUIRE(unsetenv("TZ") == 0);
  tzset();
}

TEST_CASE("periods are contiguous, and differ from their neighbours", "[zone]") {
  for (const auto& name : names) {
    CAPTURE(name);
    const auto here = zone(name);
    auto now = here.at(at(1990, 1, 1));
    for (int i = 0; i < 400 && now.end != time_zone::always; ++i) {
      const auto next = here.at(now.end);
      CHECK(here.at(now.end - 1).begin == now.begin);
      CHECK(here.at(now.end - 1).end == now.end);
      CHECK(next.begin == now.end);
      now = next;
    }
  }
}

TEST_CASE("a local time is found again, or was skipped", "[zone]") {
  const bool held = rc::check([] {
    const auto here = zone(*rc::gen::elementOf(names));
    const auto local = *rc::gen::inRange(at(1995, 1, 1), at(2090, 1, 1));
    const auto found = here.when(local);
    const auto shows = [&](std::int64_t utc) { return utc + here.at(utc).offset; };
    switch (found.how) {
    case time_zone::kind::once:
      RC_ASSERT(shows(found.first) == local);
      break;
    case time_zone::kind::twice:
      RC_ASSERT(shows(found.first) == local);
      RC_ASSERT(shows(found.second) == local);
      RC_ASSERT(found.first < found.second);
      break;
    case time_zone::kind::never:
      RC_ASSERT(shows(found.first - 1) < local);
      RC_ASSERT(shows(found.first) > local);
      break;
    }
  });
  CHECK(held);
}

TEST_CASE("the clocks change in Berlin, also in the year 2100", "[zone]") {
  const auto here = zone("Europe/Berlin");
  const auto skipped = here.when(at(2026, 3, 29, 2, 30));
  CHECK(skipped.how == time_zone::kind::never);
  CHECK(skipped.first == at(2026, 3, 29, 1));
  const auto twice = here.when(at(2026, 10, 25, 2, 30));
  CHECK(twice.how == time_zone::kind::twice);
  CHECK(twice.first == at(2026, 10, 25, 0, 30));
  CHECK(twice.second == at(2026, 10, 25, 1, 30));
  CHECK(here.at(at(2100, 7, 1)).offset == 7200);
  CHECK(here.at(at(2100, 12, 1)).offset == 3600);
}

TEST_CASE("rules in all their forms", "[zone]") {
  for (const char* text : {"UTC0", "<+0330>-3:30", "CET-1CEST,M3.5.0,M10.5.0/3",
                           "XXX3EDT4,0/0,J365/23", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0",
                           "IST-1GMT0,M10.5.0,M3.5.0/1", "AAA-12:45:30BBB,J60/24:30,364/167"}) {
    CAPTURE(text);
    CHECK(posix_rule::parse(text));
  }
  for (const char* text : {"U0", "CET", "CET-1CEST", "CET-1CEST,M13.1.0,M1.1.0", "CET-1x",
                           "CET-1CEST,M3.5.0", "CET-1CEST,M3.5.0,M10.5.7", "<CET-1", "CET-200",
                           "CET-1CEST,M3.5.0,M10.5.0 ", "CET-1CEST,J0,J1", "CET-1:60"}) {
    CAPTURE(text);
    CHECK_FALSE(posix_rule::parse(text));
  }
}

TEST_CASE("bytes that are no zone are refused with a reason, and never hurt", "[zone]") {
  CHECK(time_zone::from_tzif("").error().message ==
        "this is not a zoneinfo file: it does not begin with TZif and a header");
  const auto good = zone_bytes("Europe/Berlin");
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_FALSE(time_zone::from_tzif(good.substr(0, length)));
  const bool held = rc::check([&] {
    auto bytes = good;
    const auto changes = *rc::gen::inRange(1, 8);
    for (int i = 0; i < changes; ++i) {
      const auto where = *rc::gen::inRange<std::size_t>(0, bytes.size());
      bytes[where] = static_cast<char>(*rc::gen::inRange(0, 256));
    }
    const auto read = time_zone::from_tzif(bytes);
    if (read) (void)read->when(read->at(at(2026, 1, 1)).offset);
  });
  CHECK(held);
}

TEST_CASE("a zone's name leads nowhere else", "[zone]") {
  for (const char* name : {"UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5"})
    CHECK(is_zone_name(name));
  for (const char* name : {"", "/etc/passwd", "../UTC", "Europe//Berlin", "Europe/", "a.b", "a b"})
    CHECK_FALSE(is_zone_name(name));
}

}  // namespace
