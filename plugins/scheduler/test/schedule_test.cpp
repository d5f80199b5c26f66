#include <catch2/catch.hpp>
#include <rapidcheck.h>

#include <set>

#include "core/duration.hpp"
#include "core/schedule.hpp"
#include "zone_files.hpp"

using namespace scheduler;
using scheduler_tests::at;
using scheduler_tests::zone;

namespace {

std::string problem(std::string_view text) {
  const auto parsed = cron::parse(text);
  return parsed ? "" : parsed.error().message;
}

schedule cron_of(std::string_view text, const std::string& where = "UTC", bool repeat = false) {
  return *parse_schedule(text, zone(where), repeat);
}

std::vector<std::int64_t> seconds_of(const schedule& when, std::int64_t after, std::size_t count) {
  std::vector<std::int64_t> found;
  for (const auto one : oldest_within(when, after * 1000, at(2300, 1, 1) * 1000, count))
    found.push_back(one / 1000);
  return found;
}

TEST_CASE("cron fields: names, ranges, steps, lists", "[cron]") {
  using list = std::vector<std::int64_t>;
  const auto day = at(2026, 11, 23);  // a Monday
  CHECK(seconds_of(cron_of("30 4 * * *"), day, 1) == list{day + 4 * 3600 + 1800});
  CHECK(seconds_of(cron_of("5,10-20/5 0 * * *"), day, 4) ==
        list{day + 300, day + 600, day + 900, day + 1200});
  CHECK(seconds_of(cron_of("15 30 4 * * *"), day, 1) == list{day + 4 * 3600 + 1815});
  CHECK(seconds_of(cron_of("0 0 * * fri"), day, 1) == list{at(2026, 11, 27)});
  CHECK(seconds_of(cron_of("0 0 * * 7"), day, 1) == list{at(2026, 11, 29)});
  CHECK(seconds_of(cron_of("0 0 1 JAN-MAR/2 ?"), day, 2) == list{at(2027, 1, 1), at(2027, 3, 1)});
  CHECK(seconds_of(cron_of("0 20/2 * * *"), day, 2) == list{day + 20 * 3600, day + 22 * 3600});
  CHECK(seconds_of(cron_of("0 0 29 2 *"), day, 2) == list{at(2028, 2, 29), at(2032, 2, 29)});
  CHECK(seconds_of(cron_of("0 0 29 2 *"), at(2096, 3, 1), 1) == list{at(2104, 2, 29)});
  CHECK(seconds_of(cron_of("@yearly"), day, 1) == list{at(2027, 1, 1)});
  CHECK(seconds_of(cron_of("@hourly"), day, 1) == list{day + 3600});
  CHECK(seconds_of(cron_of("0 0 30 2 *"), day, 1).empty());
}

TEST_CASE("day and weekday: one of them is enough if both are restricted", "[cron]") {
  using list = std::vector<std::int64_t>;
  CHECK(seconds_of(cron_of("0 0 13 * FRI"), at(2026, 11, 7), 3) ==
        list{at(2026, 11, 13), at(2026, 11, 20), at(2026, 11, 27)});
  CHECK(seconds_of(cron_of("0 0 */2 * FRI"), at(2026, 11, 7), 2) ==
        list{at(2026, 11, 13), at(2026, 11, 27)});
}

TEST_CASE("errors say which field, and what it takes", "[cron]") {
  CHECK(problem("61 * * * *") == "\"61\" in the field minute is not understood; it takes 0 to 59 "
                                 "ranges, lists and steps");
  CHECK(problem("* * * * FRI-MON") == "\"FRI-MON\" in the field weekday goes back; write it as two "
                                      "ranges; it takes 0 to 7, names, ranges, lists and steps");
  CHECK(problem("*/0 * * * *").find("a step that is no number above zero") != std::string::npos);
  CHECK(problem("* * * *").find("is no cron expression") != std::string::npos);
  for (const char* text : {"", "* * * * * * *", "* * 0 * *", "* * * 13 *", "* * L * *", "- * * * *",
                           "1,,2 * * * *", "1/ * * * *", "-1 * * * *", "* * * * 5#3", "@never"}) {
    CAPTURE(text);
    CHECK_FALSE(problem(text).empty());
  }
}

TEST_CASE("arbitrary text never hurts", "[cron]") {
  CHECK(rc::check([](const std::string& text) {
    if (const auto parsed = cron::parse(text)) (void)parsed->next(0, 1'000'000'000);
    (void)parse_duration(text);
  }));
  CHECK(rc::check([] {
    const auto text = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string{"0123456789*/-,? @JANFRIevry"}));
    if (const auto parsed = parse_schedule(text, time_zone{}, false)) {
      (void)next_after(*parsed, 1'766'000'000'000);
    }
  }));
}

TEST_CASE("durations", "[cron]") {
  CHECK(parse_duration("1h30m") == 5'400'000);
  CHECK(parse_duration("250ms") == 250);
  CHECK(parse_duration("1d") == 86'400'000);
  CHECK(parse_duration("0s") == 0);
  for (const char* text : {"", "5", "1m1h", "1s1s", "-1s", "1.5h", "99999999999d", "s", "40000d"})
    CHECK_FALSE(parse_duration(text));
}

TEST_CASE("a skipped local time is due once, at the jump", "[dst]") {
  using list = std::vector<std::int64_t>;
  const auto before = at(2026, 3, 28, 12);
  CHECK(seconds_of(cron_of("30 2 * * *", "Europe/Berlin"), before, 2) ==
        list{at(2026, 3, 29, 1), at(2026, 3, 30, 0, 30)});
  // Many skipped times are one jump, which is also 3:00.
  CHECK(seconds_of(cron_of("*/20 2-3 * * *", "Europe/Berlin"), before, 3) ==
        list{at(2026, 3, 29, 1), at(2026, 3, 29, 1, 20), at(2026, 3, 29, 1, 40)});
}

TEST_CASE("a repeated local time is due once, or twice if that is wanted", "[dst]") {
  using list = std::vector<std::int64_t>;
  const auto before = at(2026, 10, 24, 12);
  CHECK(seconds_of(cron_of("30 2 * * *", "Europe/Berlin"), before, 2) ==
        list{at(2026, 10, 25, 0, 30), at(2026, 10, 26, 1, 30)});
  CHECK(seconds_of(cron_of("30 2 * * *", "Europe/Berlin", true), before, 3) ==
        list{at(2026, 10, 25, 0, 30), at(2026, 10, 25, 1, 30), at(2026, 10, 26, 1, 30)});
}

TEST_CASE("intervals are whole multiples since the epoch, single ones are due once", "[schedule]") {
  const auto every = *parse_schedule("@every 90s", {}, false);
  CHECK(next_after(every, 0) == 90'000);
  CHECK(next_after(every, 89'999) == 90'000);
  CHECK(next_after(every, -1) == 0);
  const auto once = *parse_schedule("@at 5000", {}, false);
  CHECK(next_after(once, 4999) == 5000);
  CHECK_FALSE(next_after(once, 5000));
  for (const char* text : {"@every 500ms", "@every 1500ms", "@every", "@at x", "@at -5"})
    CHECK_FALSE(parse_schedule(text, {}, false));
}

/// Is it due in the minute that begins at `utc`? By looking at the clock alone.
bool due_by_clock(const cron& times, const time_zone& here, bool repeat, std::int64_t utc) {
  const auto shows = [&](std::int64_t when) { return when + here.at(when).offset; };
  const auto local = shows(utc);
  // What did the clock skip before this minute?
  for (auto skipped = shows(utc - 60) + 60; skipped < local; skipped += 60)
    if (times.contains(skipped)) return true;
  if (!times.contains(local)) return false;
  if (repeat) return true;
  for (auto earlier = utc - 60; earlier > utc - 4 * 3600; earlier -= 60)
    if (shows(earlier) == local) return false;
  return true;
}

TEST_CASE("cron is due when somebody who looks at the clock every minute says so", "[schedule]") {
  const bool held = rc::check([] {
    const auto name = *rc::gen::element<std::string>(
        "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
        "Africa/Casablanca", "Antarctica/Troll", "Asia/Kolkata");
    const auto minute = *rc::gen::element<std::string>("0", "30", "*/15", "7", "59", "10-50/20");
    const auto hour = *rc::gen::element<std::string>("*", "2", "1-3", "0", "*/6", "23");
    const auto day = *rc::gen::element<std::string>("*", "*", "25-31", "1");
    const auto weekday = *rc::gen::element<std::string>("*", "*", "SUN", "MON-FRI");
    const auto repeat = *rc::gen::arbitrary<bool>();
    const auto text = minute + " " + hour + " " + day + " * " + weekday;
    const auto here = zone(name);
    const schedule when = *parse_schedule(text, here, repeat);
    const auto times = *cron::parse(text);
    // Near a change of the clocks, if there is one.
    const auto somewhere = here.at(*rc::gen::inRange(at(1996, 1, 1), at(2080, 1, 1)));
    const auto middle = somewhere.end == time_zone::always ? at(2030, 1, 1) : somewhere.end;
    const auto begin = middle / 60 * 60 - 86'400, end = begin + 2 * 86'400;
    std::vector<instant> expected;
    for (auto utc = begin; utc <= end; utc += 60)
      if (due_by_clock(times, here, repeat, utc)) expected.push_back(utc * 1000);
    RC_LOG(name + ": " + text);
    RC_ASSERT(oldest_within(when, begin * 1000 - 1, end * 1000, 10'000) == expected);
    RC_ASSERT(
        newest_within(when, begin * 1000 - 1, end * 1000, 5) ==
        std::vector<instant>(expected.end() - std::min<std::ptrdiff_t>(5, std::ssize(expected)),
                             expected.end()));
  });
  CHECK(held);
}

TEST_CASE("instants only go forward, for decades", "[schedule]") {
  for (const char* text : {"0 2 * * *", "30 2 29 2 *", "*/7 1-3 * 3,10 SUN", "0 0 1 1 *"}) {
    const auto when = cron_of(text, "Europe/Berlin");
    instant last = at(1999, 6, 1) * 1000;
    std::size_t count = 0;
    while (last < at(2060, 1, 1) * 1000) {
      const auto next = next_after(when, last);
      REQUIRE(next);
      REQUIRE(*next > last);
      REQUIRE(last_within(when, last, *next) == *next);
      last = *next;
      ++count;
    }
    CHECK(count > 14);
  }
}

TEST_CASE("jitter is bounded, spread, and always the same", "[schedule]") {
  std::set<duration> seen;
  for (int i = 0; i < 200; ++i) {
    const auto one = jitter("job" + std::to_string(i), 60'000, 999);
    CHECK(one == jitter("job" + std::to_string(i), 60'000, 999));
    CHECK((one >= 0 && one <= 999));
    seen.insert(one);
  }
  CHECK(seen.size() > 100);
  CHECK(jitter("job", 1, 0) == 0);
}

}  // namespace
