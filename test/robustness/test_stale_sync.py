#!/usr/bin/python3
"""A leader that is cut off while nothing is in flight does not know that it leads nobody any more. What it answers to a sync
may be believed all the same."""

import signal
import unittest

from harness import network
from harness.trial import SETTINGS, SYNC_IS_CONFIRMED, rounds
from support import wire
from support.case import Worker, main
from support.ensemble import Ensemble

WHY_NOT = network.impossible()
BROKEN = (wire.Closed, wire.WireError, OSError)


@unittest.skipIf(WHY_NOT, WHY_NOT)
class OldLeader(unittest.TestCase):

    def setUp(self):
        self.network = network.Network((1, 2, 3))
        self.addCleanup(self.network.remove)
        hosts = {number: self.network.host(number) for number in (1, 2, 3)}
        wrapped = {number: self.network.inside(number) for number in (1, 2, 3)}
        self.ensemble = Ensemble(settings=[*SETTINGS, "peers.secret=of-this-test"], hosts_of=hosts,
                                 wrapped=wrapped)
        self.addCleanup(self.ensemble.remove)
        self.leader = self.ensemble.start_all()
        self.others = [one for one in (1, 2, 3) if one != self.leader]

    def cut_off(self, change):
        for other in self.others:
            change(self.leader, other)
            change(other, self.leader)

    def write_elsewhere(self, value):
        """As soon as somebody takes it."""
        while True:
            for other in self.others:
                try:
                    writer = wire.Wire.open(self.ensemble.address(other), timeout_s=10.0)
                    writer.ok(wire.set_data("/register", value))
                    return writer.drop()
                except BROKEN:
                    continue

    def read_after_sync(self, reader):
        """What the old leader shows; nothing if it ends the connection, or does not answer."""
        try:
            reader.ok(wire.sync("/register"))
            return reader.ok(wire.get_data("/register"))["data"]
        except BROKEN:
            return None

    def round(self, value):
        self.leader = self.ensemble.wait()
        self.others = [one for one in (1, 2, 3) if one != self.leader]
        reader = wire.Wire.open(self.ensemble.address(self.leader), timeout_s=5.0)
        self.addCleanup(reader.drop)
        reader.ok(wire.sync("/"))
        self.cut_off(self.network.cut)
        self.write_elsewhere(value)
        try:
            self.assertIn(self.read_after_sync(reader), (None, value))
        finally:
            self.cut_off(self.network.heal)

    @unittest.skipUnless(SYNC_IS_CONFIRMED, "syncs are not confirmed by a quorum yet")
    def test_sync_while_cut_off(self):
        first = wire.Wire.open(self.ensemble.address(self.leader))
        first.ok(wire.create("/register", b"first"))
        first.close()
        for number in range(rounds(2)):
            self.round(f"round {number}".encode())

    def test_sync_while_stopped(self):
        """The same with a leader that is stopped: the question waits in its socket."""
        first = wire.Wire.open(self.ensemble.address(self.leader))
        first.ok(wire.create("/register", b"first"))
        first.close()
        for number in range(rounds(2)):
            self.stopped_round(f"round {number}".encode())

    def stopped_round(self, value):
        self.leader = self.ensemble.wait()
        self.others = [one for one in (1, 2, 3) if one != self.leader]
        reader = wire.Wire.open(self.ensemble.address(self.leader), timeout_s=10.0)
        self.addCleanup(reader.drop)
        self.ensemble.send(self.leader, signal.SIGSTOP)
        self.write_elsewhere(value)
        question = Worker(self.read_after_sync, reader)
        self.ensemble.send(self.leader, signal.SIGCONT)
        self.assertIn(question.finish(), (None, value))


if __name__ == "__main__":
    network.enter()
    main()
