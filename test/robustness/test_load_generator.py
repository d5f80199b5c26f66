#!/usr/bin/python3
"""The load generator at a follower, while other members are killed: its connections stay, and it verifies every answer."""

import os
import signal
import subprocess
import unittest

from harness.trial import SETTINGS, rounds
from support import servers
from support.case import main
from support.ensemble import Ensemble
from support.servers import wait_until

GENERATOR = os.environ.get("TROUPE_BENCH_PROGRAM",
                           str(servers.ROOT / "build" / "release" / "bin" / "troupe_bench"))
OPERATIONS = 30_000
DEADLINE_S = 120


@unittest.skipUnless(os.path.exists(GENERATOR), "the load generator is not built")
class Verified(unittest.TestCase):

    def setUp(self):
        self.ensemble = Ensemble(settings=SETTINGS)
        self.addCleanup(self.ensemble.remove)
        leader = self.ensemble.start_all()
        self.member = leader % 3 + 1

    def generator(self, *arguments):
        """Started at a follower; it ends by itself, after so many operations."""
        host, port = self.ensemble.address(self.member)
        process = subprocess.Popen(
            [GENERATOR, *arguments, "--server", f"{host}:{port}", "--verify", "--warm-up", "0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def received(self):
        return int(self.ensemble.mntr(self.member).get("packets_received", 0))

    def under_way(self, process):
        """Until it has done some more."""
        before = self.received()
        wait_until(lambda: process.poll() is not None or self.received() > before + 1000,
                   "the load generator to go on", 40.0)

    def kill_others(self, *arguments):
        for _ in range(rounds(1)):
            process = self.generator(*arguments)
            for victim in [one for one in self.ensemble.running if one != self.member]:
                self.under_way(process)
                self.ensemble.end(victim, signal.SIGKILL)
                self.under_way(process)
                self.ensemble.start(victim)
                self.ensemble.wait()
            printed, _ = process.communicate(timeout=DEADLINE_S)
            self.assertEqual(process.returncode, 0, f"{printed}\n{self.ensemble.tails()}")
            self.assertIn("verified", printed)

    def test_pipelined_writes(self):
        self.kill_others("write", "--connections", "8", "--outstanding", "8", "--count",
                         str(OPERATIONS))

    def test_writes_and_reads(self):
        self.kill_others("mixed", "--reads", "50", "--connections", "8", "--outstanding", "4",
                         "--count", str(OPERATIONS))

    def test_locks(self):
        self.kill_others("lock", "--connections", "8", "--count", str(OPERATIONS // 20))


if __name__ == "__main__":
    main()
