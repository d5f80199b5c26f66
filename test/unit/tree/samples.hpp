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

inline constexpr std::uint64_t sample_snapshot_digest = 206917542985971888ULL;

}  // namespace troupe::tree::test
