"""What clients did and saw, and what must hold of it. No servers here: test_history.py plants violations.

Times are of one clock. A *write* is number 0, 1, 2, … of a writer, which begins the next one only when the last is
acknowledged; it creates a znode for good and sets the writer's register to the number, at once.
"""

import bisect
import collections
import itertools
import threading
from typing import NamedTuple


class Write(NamedTuple):
    writer: int
    number: int
    began: float
    acknowledged: float


class Read(NamedTuple):
    """Of a writer's register, after a sync; `value` -1 if nothing was there."""
    reader: int
    writer: int
    value: int
    began: float
    ended: float


class Hold(NamedTuple):
    """Of a lock: from its grant until its holder began to give it up, or learned that it might be lost."""
    holder: int
    began: float
    ended: float


class History:
    """Filled by many threads, checked at the end."""

    def __init__(self):
        self._lock = threading.Lock()
        self.writes = []
        self.reads = []
        self.holds = []
        self.begun = {}  # writer: the newest number that it has begun

    def begin(self, writer, number):
        with self._lock:
            self.begun[writer] = number

    def add(self, done):
        into = {Write: self.writes, Read: self.reads, Hold: self.holds}[type(done)]
        with self._lock:
            into.append(done)

    def counts(self):
        """How many writes and reads each client has done, for those who wait for more."""
        with self._lock:
            return collections.Counter([*(("writer", one.writer) for one in self.writes),
                                        *(("reader", one.reader) for one in self.reads)])

    def violations(self, final, sync_is_confirmed=True):
        """Sentences. `final`: what each member has at the end, {member: {(writer, number): zxid}}.
        Without `sync_is_confirmed` a read after a sync may be old, but not go back."""
        found = []
        for member, present in final.items():
            found += [f"member {member}: {text}" for text in
                      (*lost(self.writes, present), *invented(self.begun, present),
                       *disordered(self.writes, present))]
        if len({frozenset(present.items()) for present in final.values()}) > 1:
            found.append("the members have different histories")
        writes = self.writes if sync_is_confirmed else []
        return found + stale(self.reads, writes, self.begun) + overlapping(self.holds)


def lost(writes, present):
    return [f"write {one.number} of writer {one.writer} was acknowledged and is not there"
            for one in writes if (one.writer, one.number) not in present]


def invented(begun, present):
    return [f"write {number} of writer {writer} is there, and nobody began it"
            for writer, number in present if number > begun.get(writer, -1)]


def disordered(writes, present):
    """Whatever was acknowledged before a write began comes before it; so also each writer's own writes."""
    there = sorted((one for one in writes if (one.writer, one.number) in present),
                   key=lambda one: one.acknowledged)
    zxids = {one: present[one.writer, one.number] for one in there}
    newest = list(itertools.accumulate(there, lambda a, b: max(a, b, key=zxids.get)))
    times = [one.acknowledged for one in there]
    found = []
    for one in there:
        before = bisect.bisect_left(times, one.began)
        if before and zxids[newest[before - 1]] > zxids[one]:
            found.append(f"{one} has zxid {zxids[one]:#x}; {newest[before - 1]}, which was acknowledged "
                         f"before it began, has {zxids[newest[before - 1]]:#x}")
    return found


def stale(reads, writes, begun):
    """A read after a sync shows what was acknowledged before the sync began, and nothing that nobody
    wrote; and what a reader has seen it never unsees."""
    acknowledged = {}
    for one in sorted(writes, key=lambda one: one.number):
        acknowledged.setdefault(one.writer, []).append(one.acknowledged)
    found = []
    seen = {}
    for one in reads:
        oldest = bisect.bisect_left(acknowledged.get(one.writer, []), one.began) - 1
        if one.value < oldest:
            late = one.began - acknowledged[one.writer][one.value + 1]
            found.append(f"{one} shows {one.value}, and {oldest} was acknowledged before; the next one "
                         f"{late * 1000:.1f} ms before")
        if one.value > begun.get(one.writer, -1):
            found.append(f"{one} shows what nobody wrote")
        if one.value < seen.get((one.reader, one.writer), -1):
            found.append(f"{one}: the reader has seen {seen[one.reader, one.writer]} already")
        seen[one.reader, one.writer] = max(one.value, seen.get((one.reader, one.writer), -1))
    return found


def overlapping(holds):
    found = []
    last = None
    for one in sorted(holds, key=lambda one: one.began):
        if last and last.holder != one.holder and one.began < last.ended:
            found.append(f"{last} and {one} held the lock at the same time")
        if not last or one.ended > last.ended:
            last = one
    return found
