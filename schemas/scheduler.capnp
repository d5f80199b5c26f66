@0x975075e6c8ae94eb;
# What the scheduler's nodes contain (plugins/scheduler/core/layout.hpp). Whatever plain ZooKeeper
# clients read or write is text instead. Times are milliseconds since the Unix epoch, 0: not yet;
# lengths of time are milliseconds, 0: none. Rules of evolution: README.md.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("scheduler::wire");
using Recipe = import "recipe.capnp";

# What is mounted by recipe.scheduler.
interface Scheduler {
  # A job, or a new definition of it, for the runs to come. The same definition again changes
  # nothing.
  defineJob @0 (call :Recipe.CallOptions, job :Job) -> (revision :UInt32);
  # One run per key, as long as the run is remembered.
  startRun @1 (call :Recipe.CallOptions, job :Text, key :Text, parameters :Data)
      -> (run :Text, begun :Bool);
  # Runs for all instants of a range, so many at a time.
  backfill @2 (call :Recipe.CallOptions, job :Text, fromMs :Int64, untilMs :Int64,
               atATime :UInt32) -> ();
  # `run` and `task` are what the action is about, or empty.
  control @3 (call :Recipe.CallOptions, action :Action, job :Text, run :Text, task :Text,
              priority :Int32) -> (tasks :UInt32);
  setPool @4 (call :Recipe.CallOptions, pool :Text, limit :UInt32, paused :Bool) -> ();
  # What became of a run: lines of text, one for each task and attempt.
  describeRun @5 (job :Text, run :Text) -> (text :Text);

  # The caller is this worker, as long as its session lives; `record` is what a plain client writes
  # into its node below workers/. Again: changes what the worker says of itself.
  register @6 (call :Recipe.CallOptions, worker :Text, record :Text) -> ();
  # What the worker has, as soon as that is not `known` (names), or the call's timeout is over.
  poll @7 (call :Recipe.CallOptions, worker :Text, known :List(Text))
      -> (assignments :List(Assignment));
  # What the worker says about what it has; each is answered.
  report @8 (call :Recipe.CallOptions, worker :Text, reports :List(Report))
      -> (hearings :List(Hearing));
}

enum Action {
  pauseJob @0;
  resumeJob @1;
  cancelRun @2;
  rerun @3;                     # what did not succeed
  pauseTask @4;
  resumeTask @5;
  cancelTask @6;
  skipTask @7;
  markSuccess @8;
  setPriority @9;
}

struct Assignment {
  name @0 :Text;                # job.run.task
  text @1 :Data;                # what plain clients find in their inbox
}

struct Report {
  name @0 :Text;
  text @1 :Data;                # what plain clients write below their inbox
}

enum Hearing {
  accepted @0;
  giveUp @1;                    # the task is cancelled: stop, and say so
  stale @2;                     # the task is not, or no longer, this worker's: stop
  known @3;                     # it was said and counted before
  notUnderstood @4;
}

struct Amount {
  name @0 :Text;
  amount @1 :Int64;
}

struct Demand {
  needs @0 :List(Amount);
  labels @1 :List(Text);
  apart @2 :Text;
  pool @3 :Text;
}

struct ErrorRule {
  errorClass @0 :Text;
  retry @1 :Bool;
  backoffMs @2 :Int64;
}

struct Task {                   # of a definition
  name @0 :Text;
  payload @1 :Data;
  upstream @2 :List(Text);
  rule @3 :UInt8;               # dependency_rule
  priority @4 :Int32;
  weight @5 :UInt32;
  delayMs @6 :Int64;
  eachOf @7 :Text;
  mostItems @8 :UInt32;
  demand @9 :Demand;
  mostAttempts @10 :UInt32;
  backoffMs @11 :Int64;
  longestBackoffMs @12 :Int64;
  growthPercent @13 :UInt32;
  mostLosses @14 :UInt32;
  errors @15 :List(ErrorRule);
  scheduleToStartMs @16 :Int64;
  startToCloseMs @17 :Int64;
  scheduleToCloseMs @18 :Int64;
  heartbeatMs @19 :Int64;
}

struct Job {                    # a definition; never changes
  name @0 :Text;
  tasks @1 :List(Task);
  schedule @2 :Text;
  zone @3 :Text;
  repeatDst @4 :Bool;
  spreadMs @5 :Int64;
  misfire @6 :UInt8;            # misfire_policy
  mostMissed @7 :UInt32;
  toleranceMs @8 :Int64;
  startDeadlineMs @9 :Int64;
  overlap @10 :UInt8;           # overlap_policy
  mostActive @11 :UInt32;
  mostQueued @12 :UInt32;
  graceMs @13 :Int64;
  cancelGraceMs @14 :Int64;
  daysKept @15 :UInt32;
}

struct JobRecord {
  revision @0 :UInt32;
  paused @1 :Bool;
}

struct TriggerRecord {
  last @0 :Int64;
  next @1 :Int64;
  active @2 :List(Text);
  queued @3 :List(Int64);
  backfillFrom @4 :Int64;
  backfillUntil @5 :Int64;
  backfillActive @6 :UInt32;
  timer @7 :Text;
}

struct RunRecord {
  revision @0 :UInt32;
  due @1 :Int64;
  begun @2 :Int64;
  ended @3 :Int64;
  state @4 :UInt8;              # run_state
  cause @5 :UInt8;              # run_cause
  tasks @6 :UInt32;
  over @7 :UInt32;
  failed @8 :UInt32;
  cancelled @9 :UInt32;
}

struct Attempt {
  number @0 :UInt32;
  fence @1 :UInt64;
  worker @2 :Text;
  assigned @3 :Int64;
  started @4 :Int64;
  ended @5 :Int64;
  why @6 :UInt8;                # reason
  error @7 :Text;
  explanation @8 :Text;
}

struct TaskRecord {
  state @0 :UInt8;              # task_state
  why @1 :UInt8;                # reason
  definition @2 :UInt32;
  attempt @3 :UInt32;
  losses @4 :UInt32;
  fence @5 :UInt64;
  priority @6 :Int32;
  firstReady @7 :Int64;
  ready @8 :Int64;
  until @9 :Int64;
  heartbeat @10 :Int64;
  before @11 :UInt8;            # task_state
  upstream @12 :UInt32;         # how many there are, and how they ended
  succeeded @13 :UInt32;
  failed @14 :UInt32;
  skipped @15 :UInt32;
  items @16 :UInt32;
  expanded @17 :Bool;
  item @18 :Data;
  progress @19 :Data;
  result @20 :Data;
  place @21 :Text;
  timer @22 :Text;
  attempts @23 :List(Attempt);
  forgiven @24 :UInt32;
}

struct HoldingRecord {
  session @0 :UInt64;
  gone @1 :Bool;
  tasks @2 :UInt32;
  load @3 :Int64;
  used @4 :List(Amount);
  apart @5 :List(Text);
}

struct ClassRecord {
  demand @0 :Demand;
  weight @1 :UInt32;
  obstacle @2 :Text;
  job @3 :Text;
}

struct PoolRecord {
  limit @0 :UInt32;
  used @1 :UInt32;
  paused @2 :Bool;
}
