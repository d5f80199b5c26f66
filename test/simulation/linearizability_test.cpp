#include "test/simulation/linearizability.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <vector>

#include <troupe/base/prng.hpp>

using namespace troupe::test;
using answer = linearizability::answer_t;
using op = register_op;
using kind = register_op::kind_t;
using fate = register_op::fate_t;

namespace {

answer check(const std::vector<op>& all) { return check_register(all, 100'000).answer; }

op create(op::value_t value, std::uint64_t called, std::uint64_t returned) {
  return {kind::create, fate::done, value, called, returned, 0};
}
op set(op::value_t value, std::uint64_t called, std::uint64_t returned) {
  return {kind::set, fate::done, value, called, returned, 0};
}
op remove(std::uint64_t called, std::uint64_t returned) {
  return {kind::remove, fate::done, op::empty, called, returned, 0};
}
op read(op::value_t value, std::uint64_t called, std::uint64_t returned) {
  return {kind::read, fate::done, value, called, returned, 0};
}
op refused(op what) {
  what.fate = fate::refused;
  return what;
}
op lost(op what) {
  what.fate = fate::unknown;
  what.returned = op::never;
  return what;
}

}  // namespace

TEST_CASE("linearizability: one after another") {
  CHECK(check({}) == answer::yes);
  CHECK(check({read(op::empty, 1, 2), create(1, 3, 4), read(1, 5, 6), set(2, 7, 8), read(2, 9, 10),
               remove(11, 12), read(op::empty, 13, 14)}) == answer::yes);
  CHECK(check({create(1, 1, 2), read(op::empty, 3, 4)}) == answer::no);
  CHECK(check({create(1, 1, 2), set(2, 3, 4), read(1, 5, 6)}) == answer::no);
  CHECK(check({read(1, 1, 2), create(1, 3, 4)}) == answer::no);
  CHECK(check({read(7, 1, 2)}) == answer::no);
}

TEST_CASE("linearizability: at the same time, in either order") {
  const std::vector<op> writes{create(1, 1, 2), set(2, 3, 10), set(3, 4, 9)};
  auto with = [&](op::value_t last) {
    auto all = writes;
    all.push_back(read(last, 11, 12));
    return check(all);
  };
  CHECK(with(2) == answer::yes);
  CHECK(with(3) == answer::yes);
  CHECK(with(1) == answer::no);
}

TEST_CASE("linearizability: a value that was seen does not go away again") {
  // Both reads are during the change; the first sees it, the second begins after that and does not.
  CHECK(check({create(1, 1, 2), set(2, 3, 20), read(2, 4, 5), read(1, 6, 7)}) == answer::no);
  CHECK(check({create(1, 1, 2), set(2, 3, 20), read(1, 4, 5), read(2, 6, 7)}) == answer::yes);
  CHECK(check({create(1, 1, 2), set(2, 3, 20), read(2, 4, 8), read(1, 6, 7)}) == answer::yes);
}

TEST_CASE("linearizability: refusals are reads") {
  CHECK(check({refused(set(1, 1, 2)), create(2, 3, 4), refused(create(3, 5, 6)), read(2, 7, 8)}) ==
        answer::yes);
  CHECK(check({refused(create(3, 1, 2))}) == answer::no);
  CHECK(check({create(2, 1, 2), refused(remove(3, 4))}) == answer::no);
  CHECK(check({create(2, 1, 2), create(3, 3, 4)}) == answer::no);
  CHECK(check({create(2, 1, 4), remove(2, 5), create(3, 3, 6), read(3, 7, 8)}) == answer::yes);
}

TEST_CASE("linearizability: what was not answered may have happened, later, or never") {
  const auto gone = lost(set(2, 3, 0));
  CHECK(check({create(1, 1, 2), gone, read(1, 4, 5)}) == answer::yes);
  CHECK(check({create(1, 1, 2), gone, read(2, 4, 5)}) == answer::yes);
  CHECK(check({create(1, 1, 2), gone, read(1, 4, 5), read(2, 6, 7)}) == answer::yes);
  CHECK(check({create(1, 1, 2), gone, read(2, 4, 5), read(1, 6, 7)}) == answer::no);
  CHECK(check({create(1, 1, 2), read(2, 3, 4), lost(set(2, 5, 0))}) == answer::no);
  // Only a removal that was lost explains the second creation.
  CHECK(check({create(1, 1, 2), lost(remove(3, 0)), create(3, 4, 5)}) == answer::yes);
  CHECK(check({create(1, 1, 2), create(3, 4, 5), lost(remove(6, 0))}) == answer::no);
}

TEST_CASE("linearizability: the answer names what has no place") {
  const std::vector<op> all{create(1, 1, 2), set(2, 3, 4), read(1, 5, 6), read(2, 7, 8)};
  const auto found = check_register(all, 1000);
  CHECK(found.answer == answer::no);
  CHECK(found.culprit == 2);
}

TEST_CASE("linearizability: it gives up when there is too much to try") {
  std::vector<op> all;
  for (std::uint32_t i = 0; i < 40; ++i)
    all.push_back(i % 2 == 0 ? create(i + 1, i + 1, 1000 + i) : remove(i + 1, 1000 + i));
  all.push_back(read(77, 2000, 2001));
  CHECK(check_register(all, 100).answer == answer::undecided);
}

namespace {

/// A history that was made by a real register: each operation takes effect at a moment between call
/// and return; some answers get lost.
std::vector<op> made_history(troupe::prng& random, std::size_t length) {
  struct moment {
    std::uint64_t called, happened, returned;
  };
  std::vector<moment> moments;
  for (std::size_t i = 0; i < length; ++i) {
    const auto called = random.below(length * 20) * 3;
    const auto happened = called + 1 + random.below(60) * 3;
    moments.push_back({called, happened, happened + 1 + random.below(60) * 3});
  }
  std::sort(moments.begin(), moments.end(),
            [](const auto& a, const auto& b) { return a.happened < b.happened; });
  std::vector<op> all;
  op::value_t value = op::empty;
  for (std::uint32_t i = 0; i < length; ++i) {
    op one{static_cast<kind>(random.below(4)), fate::done, i + 1, moments[i].called * 1000 + i,
           moments[i].returned * 1000 + i,     0};
    const bool full = value != op::empty;
    if (one.kind == kind::read) {
      one.value = value;
    } else if (full == (one.kind == kind::create)) {
      one.fate = fate::refused;
    } else {
      value = one.kind == kind::remove ? op::empty : one.value;
    }
    all.push_back(random.chance(1, 10) && one.kind != kind::read ? lost(one) : one);
  }
  return all;
}

}  // namespace

TEST_CASE(
    "linearizability: what a real register did is linearizable, and one changed read is not") {
  std::size_t reads_changed = 0, found = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    troupe::prng random{seed};
    auto all = made_history(random, 5 + random.below(60));
    CAPTURE(seed);
    REQUIRE(check(all) == answer::yes);
    // A value that nobody wrote, or one from before: the first is always found, the second often.
    for (auto& one : all) {
      if (one.kind != kind::read || one.value == op::empty) continue;
      auto changed = one;
      changed.value = 5000;
      std::swap(one, changed);
      REQUIRE(check(all) == answer::no);
      one = changed;
      one.value = op::empty;
      ++reads_changed;
      if (check(all) == answer::no) ++found;
      break;
    }
  }
  CHECK(reads_changed > 100);
  CHECK(found > 20);
}
