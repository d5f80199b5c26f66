@0xd2a7c1f09b3e4856;
# The envelope of a decided transaction. The leader encodes it once; the same bytes go to its log,
# to every peer and to the apply stage. Rules of evolution: README.md.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("troupe::wire");

struct Txn {
  zxid @0 :UInt64;             # epoch in the high half, counter in the low half
  timeMs @1 :Int64;            # the leader's wall clock, since the Unix epoch
  session @2 :UInt64;          # on whose behalf; 0 for the server's own
  originServer @3 :UInt32;     # 0: nobody waits for the outcome
  originStart @4 :UInt32;
  originLane @5 :UInt32;
  originSequence @6 :UInt64;
  requestId @7 :UInt64;        # of native clients, for retries; otherwise 0
  kind @8 :TxnKind;
  changes @9 :List(Change);
}

enum TxnKind {
  create @0;
  remove @1;
  setData @2;
  setAcl @3;
  multi @4;
  createSession @5;
  closeSession @6;
  reap @7;
}

enum NodeKind {
  persistent @0;
  ephemeral @1;
  container @2;
  ttl @3;
}

enum CloseCause {
  client @0;
  expired @1;
  administrator @2;
}

struct AclEntry {
  permissions @0 :Int32;
  scheme @1 :Data;             # Data, not Text: identities need not be UTF-8
  id @2 :Data;
}

struct Change {
  union {
    createNode @0 :CreateNode;
    deleteNode @1 :Data;       # path
    setData @2 :SetData;
    setAcl @3 :SetAcl;
    checked @4 :Data;          # path
    createSession @5 :CreateSession;
    closeSession @6 :CloseSession;
    setSecret @7 :Data;
    answered @8 :Answered;
  }
}

# The last change, if there is one: what the request is told where that is not one result for each of
# the changes, and whether its session remembers it under its request id.
struct Answered {
  results @0 :List(AnswerResult);
  remembered @1 :Bool;
}

struct AnswerResult {
  change @0 :Int32 = -1;       # counted among those that give a result; -1: nobody's path and Stat
  number @1 :Int64;
}

struct CreateNode {
  path @0 :Data;
  data @1 :Data;               # a null pointer is null data, which is not empty data
  acl @2 :List(AclEntry);
  kind @3 :NodeKind;
  ttlMs @4 :Int64 = -1;
  owner @5 :UInt64;
  parentChildrenCreated @6 :Int32;
}

struct SetData {
  path @0 :Data;
  data @1 :Data;               # as in CreateNode
  version @2 :Int32;
}

struct SetAcl {
  path @0 :Data;
  acl @1 :List(AclEntry);
  aversion @2 :Int32;
}

struct CreateSession {
  session @0 :UInt64;
  timeoutMs @1 :Int64;
}

struct CloseSession {
  session @0 :UInt64;
  cause @1 :CloseCause;
}
