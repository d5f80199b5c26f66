@0xb6e0c94d17a5f283;
# What the election components of two servers tell each other. Rules of evolution: README.md.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("troupe::wire");

enum ElectionStance {
  looking @0;                  # for a leader
  decided @1;                  # keeps to its vote, and waits for that leader
  settled @2;                  # follows or leads `leader`, in `epoch`
}

struct ElectionNotification {
  version @0 :UInt16;          # 1; another one is refused, because votes cannot be understood in part
  stance @1 :ElectionStance;
  blank @2 :Bool;              # has no identity, and so no vote
  round @3 :UInt64;
  leader @4 :UInt32;           # id of the server that is voted for or followed; 0: nobody
  epoch @5 :UInt32;
  lastZxid @6 :UInt64;         # of the one that is voted for
  founder @7 :Bool;            # made its whole history alone
  empty @8 :Bool;              # has no transaction, and never claimed an epoch
}
