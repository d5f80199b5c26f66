@0xb7f3d0c24e9a6851;
# What the members of an ensemble tell each other about the history (actors/broadcast/core/zab).
# Rules of evolution: README.md.

using Cxx = import "/capnp/c++.capnp";
using Txn = import "txn.capnp";
$Cxx.namespace("troupe::wire");

struct ZabMessage {
  conversation @0 :UInt64;     # numbered by the learner
  union {
    join @1 :Join;
    epochPromised @2 :EpochPromised;
    leaderAccepted @3 :UInt32;  # epoch
    durable @4 :UInt64;         # zxid
    pong @5 :UInt64;            # number of the ping
    newEpoch @6 :NewEpoch;
    cut @7 :UInt64;             # zxid after which the history ends
    entries @8 :List(Entry);
    newLeader @9 :NewLeader;
    commit @10 :Commit;
    ping @11 :UInt64;           # number
    leave @12 :Leave;
    forward @13 :List(WriteRequest);
    touched @14 :List(UInt64);  # session ids
    historyDiffers @15 :Void;
    snapshotTaken @16 :Void;
    snapshotBegin @17 :SnapshotBegin;
    snapshotChunk @18 :Data;
    snapshotEnd @19 :Void;
    sessionClaims @20 :List(SessionClaim);
    sessionAnswers @21 :List(SessionAnswer);
    sessionsMoved @22 :List(UInt64);
    treeDigest @23 :TreeDigest;
    treeDiffers @24 :UInt64;    # zxid
  }
  # Of pong and leaderAccepted: nanoseconds for which the sender is bound to a leader by its lease.
  bound @25 :UInt64;
}

struct Join {
  acceptedEpoch @0 :UInt32;
  currentEpoch @1 :UInt32;
  last @2 :UInt64;
  member @3 :Bool;
  wantsSnapshot @4 :Bool;
  shared @5 :Bool;
}

struct EpochPromised {
  epoch @0 :UInt32;
  currentEpoch @1 :UInt32;
  last @2 :UInt64;
  committed @3 :UInt64;
  ends @4 :List(UInt64);
  again @5 :Bool;
}

struct NewEpoch {
  epoch @0 :UInt32;
  firstStart @1 :Bool;
}

struct NewLeader {
  epoch @0 :UInt32;
  at @1 :UInt64;               # zxid where the histories are compared; 0: nowhere
  historyHash @2 :UInt64;
}

struct SnapshotBegin {
  at @0 :UInt64;               # zxid
  treeDigest @1 :UInt64;
  historyHash @2 :UInt64;
}

struct TreeDigest {
  at @0 :UInt64;               # zxid
  digest @1 :UInt64;
}

struct Leave {
  reason @0 :Data;             # for people
  successor @1 :UInt32;        # server id; 0: nobody
}

struct Entry {
  zxid @0 :UInt64;
  body @1 :Data;               # a Txn message, as it is in the log
}

struct Commit {
  through @0 :UInt64;
  verdicts @1 :List(Verdict);
}

struct SessionClaim {
  token @0 :UInt64;            # of the asking server
  session @1 :UInt64;
  timeoutMs @2 :Int64;
}

struct SessionAnswer {
  token @0 :UInt64;
  alive @1 :Bool;
  timeoutMs @2 :Int64;
}

struct Origin {
  server @0 :UInt32;
  start @1 :UInt32;
  lane @2 :UInt32;
  sequence @3 :UInt64;
}

struct Verdict {
  origin @0 :Origin;
  session @1 :UInt64;
  after @2 :UInt64;
  kind @3 :Txn.TxnKind;
  results @4 :List(WriteResult);
  repeats @5 :UInt64;          # not 0: the answer is what the session remembers under this request id
}

struct WriteResult {
  error @0 :Int32;             # as in ZooKeeper's protocol; below -1000 Troupe's own
  path @1 :Data;
  stat @2 :Stat;
  number @3 :Int64;
}

struct Stat {
  czxid @0 :UInt64;
  mzxid @1 :UInt64;
  ctimeMs @2 :Int64;
  mtimeMs @3 :Int64;
  version @4 :Int32;
  cversion @5 :Int32;
  aversion @6 :Int32;
  ephemeralOwner @7 :UInt64;
  dataLength @8 :Int32;
  numChildren @9 :Int32;
  pzxid @10 :UInt64;
}

struct Identity {
  scheme @0 :Data;
  id @1 :Data;
}

struct WriteRequest {
  origin @0 :Origin;
  session @1 :UInt64;
  who @2 :List(Identity);
  requestId @3 :UInt64;
  op @4 :WriteOp;
  since @5 :UInt64;            # zxid that its server had when the client's connection began; 0: not known
}

struct WriteOp {
  union {
    create @0 :CreateOp;
    remove @1 :VersionedPath;
    setData @2 :SetDataOp;
    setAcl @3 :SetAclOp;
    multi @4 :List(WriteOp);   # only create, remove, setData and check
    check @5 :VersionedPath;   # only inside a multi
    createSession @6 :Int64;   # timeout in milliseconds
    closeSession @7 :Txn.CloseCause;
    sync @8 :Data;             # path
    script @9 :List(WriteOp);  # create, remove, setData, setAcl, check, and what follows
    checkAbsent @10 :Data;     # path; this and what follows only inside a script
    createIfAbsent @11 :CreateOp;
    createWithParents @12 :CreateWithParentsOp;
    deleteTree @13 :DeleteTreeOp;
    add @14 :AddOp;
    guard @15 :GuardOp;
    choose @16 :ChooseOp;
  }
}

struct CreateWithParentsOp {
  node @0 :CreateOp;
  ancestors @1 :List(Txn.AclEntry);
}

struct DeleteTreeOp {
  path @0 :Data;
  most @1 :UInt32;             # nodes
}

struct AddOp {
  path @0 :Data;
  amount @1 :Int64;
}

struct GuardOp {
  path @0 :Data;
  token @1 :UInt64;            # zxid
}

struct ChooseOp {
  when @0 :List(WriteOp);      # check, checkAbsent, guard
  then @1 :List(WriteOp);
  otherwise @2 :List(WriteOp);
}

struct CreateOp {
  path @0 :Data;
  data @1 :Data;               # a null pointer is null data, which is not empty data
  acl @2 :List(Txn.AclEntry);
  kind @3 :Txn.NodeKind;
  sequential @4 :Bool;
  ttlMs @5 :Int64 = -1;
}

struct VersionedPath {
  path @0 :Data;
  version @1 :Int32;
}

struct SetDataOp {
  path @0 :Data;
  data @1 :Data;               # as in CreateOp
  version @2 :Int32;
}

struct SetAclOp {
  path @0 :Data;
  acl @1 :List(Txn.AclEntry);
  version @2 :Int32;
}
