#!/usr/bin/python3
"""The leader is killed under write load, again and again: nothing is lost, and how long nobody could write.

The times are printed, not judged: TROUPE_ROBUSTNESS_ROUNDS=100 on a quiet machine gives figures worth quoting. A client here
reconnects without a pause, so that the times are the servers'.
"""

import datetime
import itertools
import re
import select
import signal
import statistics
import sys
import threading
import time
import unittest

from harness.history import History, Write
from harness.load import ROOT, all_of, make_registers
from harness.trial import rounds
from support import wire
from support.case import Worker, main
from support.ensemble import Ensemble
from support.servers import wait_until

CLIENTS = 6
NODE_EXISTS = -110
BROKEN = (wire.Closed, wire.WireError, OSError)
STEPS = (("noticed", " leader_lost "), ("elected", " election_decided "), ("leading", " leading "))


class Client:
    """Writes without a pause, at first through the member that it is given."""

    def __init__(self, addresses, history, writer):
        self._addresses = itertools.cycle(addresses)
        self._history = history
        self.writer = writer
        self._stopping = threading.Event()
        self._connection = None
        self._session = None
        self.new_epoch_at = {}  # epoch: when it first acknowledged a write of this client
        self.worker = Worker(self._run)

    def _connect(self):
        while True:
            try:
                self._connection = wire.Wire.open(next(self._addresses), timeout_ms=10000,
                                                  session=self._session)
                if self._connection.expired:
                    raise AssertionError("the session has expired")
                self._session = self._connection
                return
            except BROKEN:
                select.select([], [], [], 0.001)

    def _write(self, number):
        """Until it is known to be done."""
        path = f"{ROOT}/{self.writer}/{number:08}"
        while True:
            try:
                if self._connection is None:
                    self._connect()
                reply = self._connection.call(wire.create(path, b"x" * 100))
                if reply.err in (0, NODE_EXISTS):
                    return reply.zxid >> 32
            except BROKEN:
                pass
            if self._connection:
                self._connection.drop()
            self._connection = None

    def _run(self):
        number = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            self._history.begin(self.writer, number)
            epoch = self._write(number)
            now = time.monotonic()
            self.new_epoch_at.setdefault(epoch, now)
            self._history.add(Write(self.writer, number, began, now))
            number += 1
        self._connection.close()

    def stop(self):
        self._stopping.set()
        self.worker.finish()


def line_of(values):
    values = sorted(values)
    return (f"median {statistics.median(values):6.0f}   p90 {values[int(len(values) * 0.9)]:6.0f}   "
            f"max {values[-1]:6.0f} ms")


class Failover(unittest.TestCase):

    def setUp(self):
        self.ensemble = Ensemble()
        self.addCleanup(self.ensemble.remove)
        self.ensemble.start_all()
        make_registers(self.ensemble.hosts, CLIENTS)
        self.history = History()
        addresses = [self.ensemble.address(number) for number in self.ensemble.running]
        self.clients = [Client(addresses[number % 3:] + addresses[:number % 3], self.history, number)
                        for number in range(CLIENTS)]

    def test_killed_leaders(self):
        times = {"first client writes again": [], "every client writes again": [],
                 **{f"{name}": [] for name, _ in STEPS}}
        for _ in range(rounds(5)):
            for name, took in self.kill_leader().items():
                times[name].append(took)
        for client in self.clients:
            client.stop()
        final = {member: all_of(self.ensemble.hosts_of(member), CLIENTS)
                 for member in self.ensemble.running}
        found = self.history.violations(final)
        self.assertEqual(found, [], "\n".join(found[:20]))
        count = len(times["every client writes again"])
        print(f"\n    kill -9 of the leader, {count} times; {len(self.history.writes)} writes "
              "acknowledged, none lost", file=sys.stderr)
        for name, values in times.items():
            if values:
                print(f"    {name:26} {line_of(values)}", file=sys.stderr)

    def kill_leader(self):
        """Milliseconds from the kill until these things had happened."""
        self.everybody_writes()
        victim = self.ensemble.wait()
        epoch = max(epoch for client in self.clients for epoch in client.new_epoch_at)
        sizes = {number: self.ensemble.log_path(number).stat().st_size
                 for number in self.ensemble.running if number != victim}
        killed, wall = time.monotonic(), time.time()
        self.ensemble.end(victim, signal.SIGKILL)
        again = [wait_until(lambda one=client: self.after(one, epoch), "writes in a new epoch", 60.0,
                            poll_s=0.002) for client in self.clients]
        took = {"first client writes again": (min(again) - killed) * 1000,
                "every client writes again": (max(again) - killed) * 1000,
                **self.steps(sizes, wall)}
        self.ensemble.start(victim)
        self.ensemble.wait()
        return took

    def everybody_writes(self):
        before = len(self.history.writes)
        wait_until(lambda: len(self.history.writes) > before + 10 * CLIENTS, "writes", 60.0)
        for client in self.clients:
            if client.worker.error:
                raise client.worker.error

    @staticmethod
    def after(client, epoch):
        times = [at for newer, at in list(client.new_epoch_at.items()) if newer > epoch]
        return min(times) if times else None

    def steps(self, sizes, killed):
        """When the survivors' logs say that it was noticed, and that there was a new leader."""
        lines = []
        for number, size in sizes.items():
            with open(self.ensemble.log_path(number)) as log:
                log.seek(size)
                lines += log.read().splitlines()
        took = {}
        for name, event in STEPS:
            stamps = [re.match(r"\S+Z", line)[0] for line in sorted(lines) if event in line]
            if stamps:
                at = datetime.datetime.fromisoformat(stamps[0].replace("Z", "+00:00")).timestamp()
                took[name] = (at - killed) * 1000
        return took


if __name__ == "__main__":
    main()
