#include <limits>
#include <stdexcept>

#include <catch2/catch.hpp>

#include "runtime/observe/metric_registry.hpp"

using namespace troupe;
using Catch::Contains;

TEST_CASE("metrics: text in Prometheus's format, families sorted, labels escaped") {
  observe::metric_registry all;
  const auto mine = all.with_labels({{"component", "a\"b\\c\nd"}});
  mine->gauge("z_gauge", "Last.").set(-1.5);
  mine->counter("a_total", "First.", {{"kind", "x"}}).add(3);
  CHECK(all.text() == "# HELP a_total First.\n"
                      "# TYPE a_total counter\n"
                      "a_total{component=\"a\\\"b\\\\c\\nd\",kind=\"x\"} 3\n"
                      "# HELP z_gauge Last.\n"
                      "# TYPE z_gauge gauge\n"
                      "z_gauge{component=\"a\\\"b\\\\c\\nd\"} -1.5\n");
}

TEST_CASE("metrics: samples of the moment stand among the others") {
  observe::metric_registry all;
  all.with_labels({})->gauge("b", "Kept.").set(1.0);
  const auto text = all.text({{"a_total", "Counted.", true, 2}, {"c", "Looked up.", false, 3}});
  CHECK(text == "# HELP a_total Counted.\n# TYPE a_total counter\na_total 2\n"
                "# HELP b Kept.\n# TYPE b gauge\nb 1\n"
                "# HELP c Looked up.\n# TYPE c gauge\nc 3\n");
}

TEST_CASE("metrics: a histogram is cumulative, and a value on a bound is below it") {
  observe::metric_registry all;
  const auto times = all.with_labels({})->histogram("t_seconds", "Times.", {0.5, 1});
  times.observe(0.5);
  times.observe(0.75, 4);
  times.observe(2);
  CHECK(all.text() == "# HELP t_seconds Times.\n# TYPE t_seconds histogram\n"
                      "t_seconds_count 6\nt_seconds_sum 5.5\n"
                      "t_seconds_bucket{le=\"0.5\"} 1\nt_seconds_bucket{le=\"1\"} 5\n"
                      "t_seconds_bucket{le=\"+Inf\"} 6\n");
}

TEST_CASE(
    "metrics: a histogram takes over counts made elsewhere, and no more than it has room for") {
  const sdk::histogram one{{1.0, 2.0}};
  const std::vector<std::uint64_t> counts{5, 6, 7, 8};
  one.advance_to(counts, 9.5);
  CHECK(one.counts() == std::vector<std::uint64_t>{5, 6, 7});
  CHECK(one.sum() == 9.5);
}

TEST_CASE("metrics: who asks again for a series goes on counting in it") {
  observe::metric_registry all;
  {
    const auto first = all.with_labels({{"component", "c"}});
    first->counter("n_total", "Counts.").add(2);
  }
  const auto second = all.with_labels({{"component", "c"}})->counter("n_total", "Counts.");
  second.add();
  CHECK(second.value() == 3);
  CHECK(all.with_labels({{"component", "d"}})->counter("n_total", "Counts.").value() == 0);
}

TEST_CASE("metrics: two deployments do not mix, and handles outlive their registry") {
  observe::metric_registry kept;
  const auto counter = [] {
    observe::metric_registry other;
    return other.with_labels({})->counter("n_total", "Counts.");
  }();
  counter.add();
  CHECK(counter.value() == 1);
  CHECK(kept.text().empty());
  sdk::metrics::unseen()->gauge("g", "Nobody looks.").set(1.0);
  CHECK(kept.text().empty());
}

TEST_CASE("metrics: mistakes of a component are named") {
  observe::metric_registry all;
  const auto mine = all.with_labels({{"component", "c"}});
  mine->counter("n_total", "Counts.");
  mine->histogram("h", "Times.", {1, 2});
  CHECK_THROWS_WITH(mine->counter("n", "Counts."), Contains("ends in _total"));
  CHECK_THROWS_WITH(mine->gauge("1x", "No name."), Contains("metric 1x"));
  CHECK_THROWS_WITH(mine->gauge("x", "No label.", {{"a-b", "1"}}), Contains("a-b"));
  CHECK_THROWS_WITH(mine->gauge("x", "Twice.", {{"component", "1"}}), Contains("given twice"));
  CHECK_THROWS_WITH(mine->counter("n_total", "Other."), Contains("another help"));
  CHECK_THROWS_WITH(mine->gauge("n_total", "Counts."), Contains("another kind"));
  CHECK_THROWS_WITH(mine->histogram("h", "Times.", {1, 3}), Contains("other bounds"));
  CHECK_THROWS_AS(mine->histogram("i", "Times.", {2, 1}), std::logic_error);
}
