// ZAB's core against crashes, cut links, lost directories and bad elections.
#include <catch2/catch.hpp>

#include <iostream>

#include "test/simulation/world.hpp"
#include "test/simulation/zab/ensemble.hpp"

namespace troupe::test::zab {
namespace {

std::vector<std::string> one_course(std::uint64_t seed, ensemble_options options,
                                    ensemble_counts& counts, std::size_t steps = 3000) {
  ensemble all{seed, options};
  all.run(steps);
  all.heal();
  counts += all.counts();
  auto found = all.violations();
  if (!found.empty() && only_seed()) std::cout << all.trace();
  return found;
}

void report(const ensemble_counts& c) {
  std::cout << "steps " << c.steps << ", elections " << c.elections << ", established "
            << c.established << ", committed " << c.committed << ", crashes " << c.crashes
            << ", links stalled " << c.stalls << ", links cut " << c.cuts << ", truncations "
            << c.truncations << ", ranges " << c.ranges << ", directories lost " << c.wipes
            << ", snapshots " << c.snapshots << ", installed " << c.installed << ", refusals "
            << c.refusals << ", handed over " << c.handed_over << ", transactions changed "
            << c.flips << ", differences noticed " << c.differences << ", distrusted "
            << c.distrusted << ", answered by lease " << c.leased << '\n';
}

}  // namespace

TEST_CASE("zab: three voters agree, whatever happens to them") {
  ensemble_counts counts;
  for_each_seed(150, [&](std::uint64_t seed) {
    return one_course(seed, {3, 0, bug::none, seed % 2 == 0}, counts);
  });
  report(counts);
  CHECK(counts.established > 0);
  CHECK(counts.committed > 0);
  CHECK(counts.truncations > 0);
  CHECK(counts.ranges > 0);
  CHECK(counts.installed > 0);
  CHECK(counts.handed_over > 0);
  CHECK(counts.distrusted > 0);
  CHECK(counts.refusals > 0);
}

TEST_CASE("zab: a single server grows into an ensemble, and nothing of its history is lost") {
  ensemble_counts counts;
  for_each_seed(60, [&](std::uint64_t seed) {
    ensemble_options options;
    options.grows = true;
    options.wipes_disks = seed % 2 == 0;
    return one_course(seed, options, counts);
  });
  report(counts);
  CHECK(counts.established > 0);
}

TEST_CASE("zab: a history that changes unnoticed is noticed, and repaired by the others") {
  ensemble_counts counts;
  for_each_seed(60, [&](std::uint64_t seed) {
    ensemble_options options;
    options.flips = true;
    return one_course(seed, options, counts);
  });
  report(counts);
  CHECK(counts.flips > 0);
  CHECK(counts.differences > 0);
}

TEST_CASE("zab: what a leader answers by its lease is not older than what anybody has committed") {
  ensemble_counts counts;
  for_each_seed(150, [&](std::uint64_t seed) {
    ensemble_options options;
    options.leases = true;
    options.voters = seed % 4 == 0 ? 5 : 3;
    options.observers = seed % 3 == 0 ? 1 : 0;
    options.wipes_disks = seed % 2 == 0;
    return one_course(seed, options, counts);
  });
  report(counts);
  CHECK(counts.leased * 10 > counts.refusals);
  CHECK(counts.handed_over > 0);
}

TEST_CASE("zab: five voters and an observer agree, and a lost directory loses nothing") {
  ensemble_counts counts;
  for_each_seed(60, [&](std::uint64_t seed) {
    return one_course(seed, {5, 1, bug::none, true}, counts);
  });
  report(counts);
  CHECK(counts.wipes > 0);
}

TEST_CASE("zab: every planted bug is found") {
  const auto planted =
      GENERATE(bug::acknowledges_before_sync, bug::forgets_current_epoch,
               bug::forgets_accepted_epoch, bug::half_is_a_quorum, bug::empty_member_votes,
               bug::cut_is_not_done, bug::applies_uncommitted, bug::acknowledges_cut_before_sync,
               bug::late_messages_pass, bug::observer_counts, bug::link_swallows,
               bug::lease_from_receipt, bug::restarted_votes_at_once, bug::bound_member_helps,
               bug::clocks_run_away, bug::nobody_vouches);
  // Of three, the new leader itself is bound, too.
  const auto voters = planted == bug::half_is_a_quorum     ? 4u
                      : planted == bug::bound_member_helps ? 5u
                                                           : 3u;
  ensemble_options options{voters, planted == bug::observer_counts ? 2u : 0u, planted,
                           planted == bug::empty_member_votes || planted == bug::nobody_vouches};
  options.leases = planted >= bug::lease_from_receipt;
  ensemble_counts counts;
  for (std::uint64_t seed = 1; seed <= 3000; ++seed) {
    const auto found = one_course(seed, options, counts);
    if (found.empty()) continue;
    std::cout << to_text(planted) << ": seed " << seed << ", " << found.front() << '\n';
    SUCCEED();
    return;
  }
  FAIL(to_text(planted) << " was not found in 3000 courses");
}

}  // namespace troupe::test::zab
