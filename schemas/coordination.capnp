@0xc4b1f0a86d2e7953;
# The native protocol of clients (docs/native-protocol.md). Rules of evolution: README.md.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("troupe::api");

# What a connection begins with.
interface Coordination {
  hello @0 (client :Text) -> (server :ServerFacts);
  openSession @1 (wish :SessionWish) -> (opening :Opening);
  # Goes on with a session in a new connection. `seen` is the newest zxid that the client was told;
  # a server that is behind it refuses with `behind`. A session that is gone, or a wrong password,
  # is `sessionExpired`: the client never gets another session instead.
  resumeSession @2 (id :UInt64, password :Data, seen :UInt64, wish :SessionWish) -> (opening :Opening);
}

struct ServerFacts {
  leastVersion @0 :UInt16;     # of this protocol; both ends included
  newestVersion @1 :UInt16;
  product @2 :Text;            # for people
  server @3 :UInt32;           # its id
  mode @4 :ServerMode;
  zxid @5 :UInt64;             # everything up to it is applied here
  writable @6 :Bool;           # false while there is no space for writes
  limits @7 :Limits;
}

enum ServerMode {
  starting @0;
  standalone @1;
  leader @2;
  follower @3;
  observer @4;
}

# What is refused beyond, with an error that names the limit.
struct Limits {
  messageBytes @0 :UInt64;     # a larger message ends the connection
  operations @1 :UInt32;       # in one submit
  dataBytes @2 :UInt64;        # of one znode
  replyBytes @3 :UInt64;       # of what one submit gives back
  sessions @4 :UInt32;         # of one connection
}

struct SessionWish {
  timeoutMs @0 :UInt32;        # the server may give another one
  watcher @1 :Watcher;         # null: the session has no watches
  credentials @2 :List(Credential);
}

struct Credential {
  scheme @0 :Text;             # "digest"
  secret @1 :Data;             # of digest: user:password
}

struct Opening {
  union {
    granted @0 :GrantedSession;
    refused @1 :Error;
  }
}

struct GrantedSession {
  session @0 :Session;
  id @1 :UInt64;
  password @2 :Data;           # for resumeSession
  timeoutMs @3 :UInt32;        # silent for longer, the session expires
  zxid @4 :UInt64;
  number @5 :UInt64;           # of the session in its connection
}

# A session in one connection. Dropping the capability does not close the session: it stays until
# its timeout, and can be resumed, here or at another server.
interface Session {
  # Operations in order, each with its outcome. A read sees every earlier write of the session.
  submit @0 (operations :List(Operation)) -> (outcomes :Outcomes);
  # Says only that the client is there; so does every other call.
  keepAlive @1 () -> (zxid :UInt64);
  # Adds an identity, for everything that is submitted from then on.
  authenticate @2 (credential :Credential) -> (refused :Error);
  identities @3 () -> (all :List(Identity));
  # Ends the session and deletes its ephemeral nodes.
  close @4 () -> (zxid :UInt64, refused :Error);
  # What is mounted at this path, as its own interface; calls of it are made in the name of this
  # session. Only the leader's server runs recipes; others fail such calls with `NOTLEADER`.
  recipe @5 (mount :Text) -> (recipe :Capability, refused :Error);
}

# Whom the server tells about watches. Given by the client.
interface Watcher {
  # The return says that they were taken; a client that takes too few of them is disconnected.
  happened @0 (events :List(Event)) -> ();
  # The session is gone, or goes on in another connection; nothing more comes.
  ended @1 (cause :SessionEnd) -> ();
}

enum SessionEnd {
  client @0;
  expired @1;
  administrator @2;
  moved @3;                    # to another connection
}

struct Event {
  kind @0 :EventKind;
  path @1 :Text;
  zxid @2 :UInt64;             # of the change; 0 if that is not known
}

enum EventKind {
  unknown @0;
  created @1;
  deleted @2;
  dataChanged @3;
  childrenChanged @4;
}

# ------------------------------------------------------------------ operations

struct Operation {
  union {
    create @0 :Create;
    remove @1 :VersionedPath;
    setData @2 :SetData;
    setAcl @3 :SetAcl;
    check @4 :VersionedPath;           # only in a multi
    # All or nothing, each upon what those before it did: create, remove, setData, setAcl, check, and
    # what stands behind `restoreWatches`.
    multi @5 :List(Operation);
    sync @6 :Void;                     # everything that the leader has committed is applied here
    get @7 :WatchablePath;
    exists @8 :WatchablePath;
    getAcl @9 :Text;
    children @10 :WatchablePath;       # all names, in no order
    list @11 :ListChildren;            # a page of them, in order
    countDescendants @12 :Text;        # without the node itself
    ephemerals @13 :Text;              # paths of this session's, with this prefix
    readTogether @14 :List(Operation); # get and children without watches, all at one zxid
    addWatch @15 :AddWatch;
    checkWatches @16 :WatchChoice;
    removeWatches @17 :WatchChoice;
    restoreWatches @18 :RestoreWatches;
    # Alone or in a multi.
    checkAbsent @23 :Text;             # there is no such node; else `nodeExists`
    createIfAbsent @24 :Create;        # gives the node that is there, or makes it
    createWithParents @25 :CreateWithParents;
    removeTree @26 :RemoveTree;        # with everything below
    add @27 :Add;                      # to the number that is the data
    guard @28 :Guard;                  # the holder of a lock is still the same; else `fenced`
    choose @29 :Choose;                # if, then, else
  }
  # Of a write: another number for each in its session, so that asking again, with the same
  # operation, gives the first answer instead of doing it twice. A session remembers its last 128
  # writes that changed something, or as many of them as have answers of 64 KiB together. 0: nothing
  # is remembered.
  requestId @30 :UInt64;
  # How new what a read sees must be.
  freshness :union {
    local @19 :Void;             # what this server has applied
    atLeast @20 :UInt64;         # this zxid; `behind` if the whole deployment has not reached it
    linearizable @21 :Void;      # everything that was answered before this was sent
    maxLagMs @22 :UInt32;        # everything that was answered so long before
  }
}

enum NodeKind {
  persistent @0;
  ephemeral @1;
  container @2;
  ttl @3;
}

struct Create {
  path @0 :Text;               # of a sequential node the beginning of the final path
  data @1 :Data;               # a null pointer is null data, which is not empty data
  acl @2 :List(AclEntry);      # a null pointer: everything is allowed to everybody
  kind @3 :NodeKind;
  sequential @4 :Bool;
  ttlMs @5 :Int64 = -1;
}

struct AclEntry {
  permissions @0 :Int32;       # read 1, write 2, create 4, delete 8, admin 16
  who @1 :Identity;
}

struct Identity {
  scheme @0 :Data;             # Data, not Text: identities need not be UTF-8
  id @1 :Data;
}

struct VersionedPath {
  path @0 :Text;
  version @1 :Int32 = -1;      # -1: any
}

struct SetData {
  path @0 :Text;
  data @1 :Data;               # as in Create
  version @2 :Int32 = -1;
}

struct SetAcl {
  path @0 :Text;
  acl @1 :List(AclEntry);
  version @2 :Int32 = -1;      # compared with aversion
}

struct WatchablePath {
  path @0 :Text;
  watch @1 :Bool;              # fires once
}

struct ListChildren {
  path @0 :Text;
  prefix @1 :Text;             # of the names
  after @2 :Text;              # names behind this one; empty: from the beginning
  limit @3 :UInt32;            # at most so many; 0: as many as the server gives
  stats @4 :Bool;
  data @5 :Bool;
}

struct AddWatch {
  path @0 :Text;
  recursive @1 :Bool;          # the whole subtree; persistent either way
}

enum WatchKind {
  any @0;
  data @1;
  children @2;
  persistent @3;
  recursive @4;
}

struct WatchChoice {
  path @0 :Text;
  kind @1 :WatchKind;
}

struct CreateWithParents {
  node @0 :Create;
  parentsAcl @1 :List(AclEntry);  # of those that are made; null: everything is allowed to everybody
}

struct RemoveTree {
  path @0 :Text;
  most @1 :UInt32;             # nodes; if there are more, `limitExceeded`, and none is deleted
}

struct Add {
  path @0 :Text;               # its data is a decimal number of 64 bits, or empty, which is 0
  amount @1 :Int64;
}

struct Guard {
  path @0 :Text;               # of the holder's node
  token @1 :UInt64;            # its czxid
}

# If every operation of `when` (check, checkAbsent, guard) passes, `then` is done, else `otherwise`.
struct Choose {
  when @0 :List(Operation);
  then @1 :List(Operation);
  otherwise @2 :List(Operation);
}

# Sets watches again in a new connection. What changed after `seen` fires at once.
struct RestoreWatches {
  seen @0 :UInt64;             # zxid
  data @1 :List(Text);
  exists @2 :List(Text);
  children @3 :List(Text);
  persistent @4 :List(Text);
  recursive @5 :List(Text);
}

# -------------------------------------------------------------------- outcomes

struct Outcomes {
  zxid @0 :UInt64;             # the newest of all
  # So many events were sent to the session's watcher before this. Whoever shows an outcome to an
  # application must have shown these to it before.
  events @1 :UInt64;
  union {
    each @2 :List(Outcome);    # one for each operation, in order
    refused @3 :Error;         # nothing of it was done
  }
}

struct Outcome {
  zxid @0 :UInt64;             # the state that it shows
  union {
    error @1 :Error;
    done @2 :Void;
    created @3 :Created;       # create
    stat @4 :Stat;             # setData, setAcl, exists
    node @5 :Node;             # get
    acl @6 :Acl;
    children @7 :Children;
    page @8 :Page;             # list
    number @9 :Int32;          # countDescendants
    paths @10 :List(Text);     # ephemerals
    # One for each operation of a multi or readTogether. If a multi fails, nothing of it is done:
    # the operation that failed says why, those before it `rolledBack`, those behind `notTried`.
    several @11 :List(Outcome);
    sum @12 :Sum;              # add
    removed @13 :UInt32;       # removeTree: nodes
    chosen @14 :Chosen;        # choose
  }
}

struct Created {
  path @0 :Text;               # final
  stat @1 :Stat;
  parents @2 :UInt32;          # createWithParents: how many were made
}

struct Sum {
  value @0 :Int64;
  stat @1 :Stat;
}

struct Chosen {
  then @0 :Bool;               # or `otherwise`
  each @1 :List(Outcome);      # for each operation of it
}

struct Node {
  data @0 :Data;               # a null pointer is null data
  stat @1 :Stat;
}

struct Acl {
  entries @0 :List(AclEntry);
  stat @1 :Stat;
}

struct Children {
  names @0 :List(Text);
  stat @1 :Stat;               # of the parent
}

struct Page {
  entries @0 :List(Entry);
  more @1 :Bool;               # go on with `after` the last entry
  stat @2 :Stat;               # of the parent
}

# Stat and data are of `Outcome.zxid` or later; what was deleted meanwhile is left out.
struct Entry {
  name @0 :Text;
  stat @1 :Stat;               # null unless asked for
  data @2 :Data;               # null unless asked for
  denied @3 :Bool;             # this client may not read it
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

# ---------------------------------------------------------------------- errors

# An error that a client does not know is to be taken as "it failed".
enum ErrorCode {
  unknown @0;
  systemError @1;
  badArguments @2;             # the message says what is wrong
  unimplemented @3;
  noNode @4;
  noAuth @5;
  badVersion @6;
  noChildrenForEphemerals @7;
  nodeExists @8;
  notEmpty @9;
  sessionExpired @10;
  sessionMoved @11;            # it goes on in another connection
  invalidAcl @12;
  authFailed @13;
  noWatcher @14;               # no such watch
  quotaExceeded @15;
  throttled @16;
  notWritable @17;             # writes are refused now; reads are served
  tooLarge @18;                # `size` bytes, over `limit`
  tooMany @19;                 # `size` of them, over `limit`
  behind @20;                  # this server has not got so far; `limit` is what it has
  rolledBack @21;              # would have been done, but for another operation of the multi
  notTried @22;                # stands behind the one that failed
  limitExceeded @23;           # of removeTree, add, or of what a multi looks at: `limit`
  fenced @24;                  # the guard's token is not the holder's any more
  notLeader @25;               # only the leader does this
  decisionFailed @26;          # a recipe threw; the server's log says what
}

struct Error {
  code @0 :ErrorCode;
  path @1 :Text;               # which znode, if it is about one
  limit @2 :UInt64;
  size @3 :UInt64;
  message @4 :Text;            # for people; empty if the code says it all
}
