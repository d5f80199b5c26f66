/// What the frozen files of test/frozen/tree were made from.
#pragma once

#include "test/unit/tree/fixture.hpp"

namespace troupe::tree::test {

/// A transaction with every kind of change, as no leader would make it.
inline txn sample_txn() {
  txn t;
  t.zxid = zxid::of(3, 9);
  t.time = {-5};
  t.session = {0x100000a1b2c30001};
  t.origin = {{2}, 3, 4, 5};
  t.request_id = 6;
  t.kind = txn_kind::multi;
  const acl list{{31, {"world", "anyone"}}, {-1, {"digest", "u:\xff"}}};
  t.changes = {
      change::create_node{"/a", {}, list, node_kind::ttl, 7, {}, -8},
      change::create_node{"/b", blob{std::string_view{}}, {}, node_kind::ephemeral, -1, {9}, 1},
      change::delete_node{"/c"},
      change::set_data{"/d", blob{std::string_view{"data"}}, 10},
      change::set_acl{"/e", list, 11},
      change::checked{"/f"},
      change::create_session{{9}, milliseconds{12}},
      change::close_session{{9}, close_cause::administrator},
      change::set_secret{std::string("\0key", 4)}};
  return t;
}

/// A transaction that says what its request is told.
inline txn sample_answered() {
  txn t;
  t.zxid = zxid::of(3, 10);
  t.time = {5};
  t.session = {0x100000a1b2c30001};
  t.origin = {{2}, 3, 4, 6};
  t.request_id = 7;
  t.kind = txn_kind::multi;
  t.changes = {change::checked{"/f"}, change::set_data{"/d", blob{std::string_view{"-2"}}, 10},
               change::answered{{{1, -2}, {-1, 3}}, true}};
  return t;
}

/// The state of the frozen snapshot.
inline void make_sample_state(fixture& f) {
  f.one(create("/a", "data"));
  f.one(create("/a/n-", "", node_kind::ephemeral, true));
  f.one(create("/box", "", node_kind::container));
  f.one(set_acl_op{"/box", {{permission_read, {"digest", "u:h"}}}});
  auto op = create("/null");
  op.data = {};
  f.one(op);
  f.one(set("/a", "data"), bob);
}

/// The same, and two requests that are remembered.
inline void make_sample_requests(fixture& f) {
  make_sample_state(f);
  auto one = f.request(create("/r", "0"));
  one.request_id = 6;
  f.deliver(f.tree_.preparing().prepare(one, f.now_));
  script_op script;
  script.steps = {{check_absent_op{"/s"}}, {add_op{"/r", 5}}};
  one = f.request(script);
  one.request_id = 7;
  f.deliver(f.tree_.preparing().prepare(one, f.now_));
  f.one(set("/a", "more"));
}

inline constexpr std::uint64_t sample_requests_digest = 4822242866868980314ULL;
inline constexpr std::uint64_t sample_snapshot_digest = 206917542985971888ULL;

}  // namespace troupe::tree::test
