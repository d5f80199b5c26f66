#include <catch2/catch.hpp>

#include <map>

#include "actors/tree/change_reader.hpp"
#include "test/unit/tree/decisions.hpp"
#include "test/unit/tree/generator.hpp"

using namespace troupe;
using namespace troupe::tree::test;
using role::tree::tree_change;
using strings = std::vector<std::string>;

namespace {

/// A tree whose transactions go into a ring.
struct followed : fixture {
  explicit followed(std::size_t most_bytes = 1 << 20) : ring(most_bytes) {
    ring.begin_after(tree_.committed().applied());
  }
  void commit(const std::variant<troupe::txn, verdict>& one) {
    deliver(one);
    if (const auto* decided = std::get_if<troupe::txn>(&one))
      ring.add(troupe::tree::codec::encode(*decided), tree_.take_hidden());
  }
  void make(write_op op, session_id session = alice, identities ids = {}) {
    commit(prepare(std::move(op), session, std::move(ids)));
  }
  role::tree::changes ask(zxid after, const std::string& prefix = "/", identities ids = {},
                          std::size_t most_bytes = 1 << 20) const {
    std::string wrong;
    role::tree::read_changes asked;
    asked.token = 5;
    asked.prefix = prefix;
    asked.after = after;
    asked.who = std::move(ids);
    asked.most_bytes = most_bytes;
    auto answer = troupe::tree::read_changes(ring, asked, wrong);
    CHECK(wrong.empty());
    CHECK(answer.token == 5);
    return answer;
  }
  troupe::tree::change_ring ring;
};

strings words(const role::tree::changes& answer) {
  static const char* const kinds[] = {"created", "deleted", "changed", "acl"};
  strings all;
  for (const auto& one : answer.changes)
    all.push_back(std::string{kinds[static_cast<int>(one.what)]} + " " + one.path +
                  (one.data.size() > 0 ? " " + std::string{one.data.view()} : ""));
  return all;
}

}  // namespace

TEST_CASE("changes: come in order, with data, below the prefix", "[tree]") {
  followed f;
  const auto start = f.tree_.committed().applied();
  f.make(create("/a", "1"));
  f.make(create("/ab", "2"));
  f.make(multi_op{{create("/a/x", "3"), check_op{"/a"}, set("/a", "4")}});
  f.make(set_acl_op{"/a/x", open_acl});
  f.make(delete_op{"/a/x"});
  f.make(ephemeral("/a/e"), bob);
  f.make(close_session_op{}, bob);
  CHECK(words(f.ask(start, "/a")) == strings{"created /a 1", "created /a/x 3", "changed /a 4",
                                             "acl /a/x", "deleted /a/x", "created /a/e",
                                             "deleted /a/e"});
  CHECK(words(f.ask(start, "/ab")) == strings{"created /ab 2"});
  const auto all = f.ask(start);
  CHECK(all.changes.size() == 8);
  CHECK(all.through == f.tree_.committed().applied());
  CHECK_FALSE(all.more);
  CHECK(all.changes[3].version == 1);
  CHECK(all.changes[6].owner == bob);
  CHECK(f.ask(all.through).changes.empty());
  CHECK(words(f.ask(all.changes[4].zxid)) ==
        strings{"deleted /a/x", "created /a/e", "deleted /a/e"});
}

TEST_CASE("changes: what nobody may read now or then is left out", "[tree]") {
  followed f;
  const auto friends = who({{"digest", "u:h"}});
  const auto start = f.tree_.committed().applied();
  auto op = create("/p", "private");
  op.acl = {{permission_all, {"digest", "u:h"}}};
  f.make(op);
  f.make(set("/p", "still"), alice, friends);
  f.make(set_acl_op{"/p", open_acl}, alice, friends);
  f.make(set("/p", "public"));
  f.make(set_acl_op{"/p", op.acl});
  f.make(delete_op{"/p"});
  // The same name is open later; that opens nothing of what was.
  f.make(create("/p", "new"));
  CHECK(words(f.ask(start)) == strings{"acl /p", "changed /p public", "created /p new"});
  CHECK(f.ask(start, "/", friends).changes.size() == 7);
}

TEST_CASE("changes: answers are cut behind a transaction, and go on from there", "[tree]") {
  followed f;
  const auto start = f.tree_.committed().applied();
  for (int i = 0; i < 100; ++i)
    f.make(multi_op{{create("/n" + std::to_string(i)), create("/m" + std::to_string(i))}});
  strings all;
  auto at = start;
  int answers = 0;
  for (bool more = true; more; ++answers) {
    const auto next = f.ask(at, "/", {}, 20);
    CHECK(next.changes.size() % 2 == 0);
    for (const auto& word : words(next))
      all.push_back(word);
    at = next.through;
    more = next.more;
  }
  CHECK(answers > 10);
  CHECK(all == words(f.ask(start)));
}

TEST_CASE("changes: beyond the window it is an overrun, and never a hole", "[tree]") {
  followed f{4096};
  const auto start = f.tree_.committed().applied();
  std::vector<zxid> made;
  for (int i = 0; i < 200; ++i) {
    f.make(create("/n" + std::to_string(i)));
    made.push_back(f.tree_.committed().applied());
  }
  CHECK(f.ring.bytes() <= 4096);
  const auto lost = f.ask(start);
  CHECK(lost.overrun);
  CHECK(lost.changes.empty());
  CHECK(lost.oldest == f.ring.floor());
  std::size_t answered = 0;
  for (std::size_t i = 0; i < made.size(); ++i) {
    const auto since = f.ask(made[i]);
    CHECK(since.overrun == (made[i] < f.ring.floor()));
    if (since.overrun) continue;
    ++answered;
    CHECK(since.changes.size() == made.size() - 1 - i);
  }
  CHECK(answered > 5);
  CHECK_FALSE(f.ask(f.ring.floor()).overrun);
}

TEST_CASE("changes: without a window only the newest is known", "[tree]") {
  followed f{0};
  const auto start = f.tree_.committed().applied();
  f.make(create("/a"));
  CHECK(f.ask(start).overrun);
  CHECK_FALSE(f.ask(f.tree_.committed().applied()).overrun);
}

TEST_CASE("changes: a question looks at a bounded number of transactions", "[tree]") {
  followed f{64 << 20};
  f.make(create("/a"));
  const auto start = f.tree_.committed().applied();
  for (std::size_t i = 0; i <= troupe::tree::most_changes_looked_at; ++i)
    f.make(set("/a", "x"));
  f.make(create("/b"));
  auto answer = f.ask(start, "/b");
  CHECK(answer.more);
  CHECK(answer.changes.empty());
  answer = f.ask(answer.through, "/b");
  CHECK(words(answer) == strings{"created /b"});
  CHECK_FALSE(answer.more);
}

TEST_CASE("changes: whoever applies them to what they were has what they are", "[tree]") {
  const auto seed = GENERATE(range(std::uint64_t{1}, std::uint64_t{30}));
  INFO("seed " << seed);
  generator random{seed};
  followed f;
  for (std::uint64_t s = 0; s < 4; ++s)
    f.make(create_session_op{milliseconds{1000}}, session_id{0x100 + s});
  std::map<std::string, std::string> copy;
  auto at = f.tree_.committed().applied();
  for (int step = 0; step < 400; ++step) {
    f.make(random.write(), random.session());
    if (!random.chance(1, 20)) continue;
    for (bool more = true; more;) {
      auto next = f.ask(at, "/a", {}, random.below(200));
      REQUIRE_FALSE(next.overrun);
      for (const auto& one : next.changes) {
        if (one.what == tree_change::kind::deleted)
          copy.erase(one.path);
        else if (one.what != tree_change::kind::acl_changed)
          copy[one.path] = one.data.view();
      }
      at = next.through;
      more = next.more;
    }
    std::map<std::string, std::string> real;
    const auto& nodes = f.tree_.committed().nodes();
    if (const auto* top = f.tree_.committed().find("/a"))
      for (const auto* n = top; n; n = nodes.next_in_preorder(*n, top))
        real[nodes.path_of(*n)] = nodes.data(*n);
    CHECK(copy == real);
  }
}
