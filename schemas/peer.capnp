@0xb0a3c64d8e5f7129;
# How two servers greet each other. Frames and their order: docs/peers.md. Rules of evolution:
# README.md. Whoever reads a greeting must be able to say which versions it speaks, for ever.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("troupe::wire");

enum PeerChannel {
  election @0;
  broadcast @1;
}

struct PeerHello {
  leastVersion @0 :UInt16;     # of the protocol on the link; both ends included
  newestVersion @1 :UInt16;
  from @2 :UInt32;             # who says this
  to @3 :UInt32;               # whom it means to reach
  channel @4 :PeerChannel;
  hasSecret @5 :Bool;
  instance @6 :UInt64;         # of the process: random, another one after every start
  nonce @7 :Data;              # 32 random bytes
}

enum PeerRefusalReason {
  version @0;                  # no version in common
  wrongServer @1;              # it was not me whom you meant to reach
  notAMember @2;
  sameId @3;                   # two servers have one id
  wrongSecret @4;
  secretMissing @5;            # one of us has a secret and the other has none
  notReady @6;                 # nobody uses this channel here yet; try again
}

struct PeerRefusal {
  reason @0 :PeerRefusalReason;
  leastVersion @1 :UInt16;     # of the one who refuses
  newestVersion @2 :UInt16;
  server @3 :UInt32;           # its id
}
