@0xe3c8a15f7b9046d2;
# Locks, semaphores and elections (docs/locks.md). Rules of evolution: README.md.

using Cxx = import "/capnp/c++.capnp";
using Recipe = import "recipe.capnp";
$Cxx.namespace("troupe::api");

# What is mounted by recipe.lock. Paths are whole znode paths below the mount.
#
# A party is a session and an owner: what the client calls the thread or task in it that asks. Two
# claims of one party never stand in each other's way.
interface Locks {
  # All of these locks, or none. A party that holds a lock gets it again, with the same token.
  acquire @0 (call :Recipe.CallOptions, locks :List(WantedLock), who :Claimant)
      -> (outcome :AcquireOutcome);
  # A second release with the same token is no error.
  release @1 (call :Recipe.CallOptions, path :Text, token :UInt64) -> (outcome :ReleaseOutcome);

  acquirePermits @2 (call :Recipe.CallOptions, path :Text, count :UInt32, permits :UInt32,
                     who :Claimant) -> (outcome :AcquireOutcome);
  releasePermits @3 (call :Recipe.CallOptions, path :Text, token :UInt64)
      -> (outcome :ReleaseOutcome);
  # How many permits the semaphore has. Those that are taken stay so.
  resize @4 (call :Recipe.CallOptions, path :Text, permits :UInt32) -> (refused :LockRefusal);

  # Hands a lock on to another party, with a new token and past all who wait: also how a leader
  # resigns in favour of another candidate.
  transfer @5 (call :Recipe.CallOptions, path :Text, token :UInt64, session :UInt64,
               who :Claimant) -> (outcome :AcquireOutcome);
  # Asks the holder to give up, by the content of its node; or takes the lock away.
  revoke @6 (call :Recipe.CallOptions, path :Text, token :UInt64, force :Bool)
      -> (outcome :ReleaseOutcome);
  # Sets the content of the holder's node: the value of a leader.
  proclaim @7 (call :Recipe.CallOptions, path :Text, token :UInt64, value :Data)
      -> (refused :LockRefusal);
  # Who holds the lock and who waits for it, in order.
  claims @8 (path :Text) -> (claims :List(Claim), refused :LockRefusal);
}

enum LockKind {
  exclusive @0;
  write @1;                    # of a read/write lock
  read @2;
  leader @3;                   # of an election
}

struct WantedLock {
  path @0 :Text;
  kind @1 :LockKind;
}

struct Claimant {
  owner @0 :Text;
  data @1 :Data;               # of the node, for other clients to read
}

# What was taken. Dropping it gives everything back.
interface Lease {}

struct AcquireOutcome {
  union {
    granted @0 :Granted;
    refused @1 :LockRefusal;
  }
}

struct Granted {
  lease @0 :Lease;
  locks @1 :List(HeldLock);
}

struct HeldLock {
  path @0 :Text;
  token @1 :UInt64;            # for fencing: grows from holder to holder
  nodes @2 :List(Text);        # whole paths of the nodes that say so
}

struct ReleaseOutcome {
  union {
    done @0 :Bool;             # false: it was not held any more
    refused @1 :LockRefusal;
  }
}

struct Claim {
  node @0 :Text;               # whole path
  kind @1 :LockKind;
  holds @2 :Bool;
  token @3 :UInt64;            # czxid of the node
  session @4 :UInt64;
  data @5 :Data;
  sinceMs @6 :Int64;           # when the node was made, milliseconds since 1970
  native @7 :Bool;             # made by this interface, not by a client of another make
}

enum RefusalKind {
  failed @0;                   # and whatever a client does not know
  busy @1;                     # somebody else has it, and the call was not to wait
  timedOut @2;
  cancelled @3;
  sessionLost @4;
  notHeld @5;                  # the token is not that of a holder
  wrongKind @6;                # the lock is used in another way, or the party cannot change its claim
  foreignNode @7;              # below the lock is a node of another dialect
  deadlock @8;                 # the parties waited for each other, and this was the youngest wait
  wrongPermits @9;
  overLimit @10;
  badPath @11;
  badRequest @12;
}

struct LockRefusal {
  kind @0 :RefusalKind;
  why @1 :Text;                # for people: what, where, what to do; empty: not refused
}
