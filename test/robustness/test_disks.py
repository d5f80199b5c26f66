#!/usr/bin/python3
"""Members under load whose disk is full or slow: the others go on, and nothing is lost."""

import os
import pathlib
import shutil
import subprocess
import unittest

from harness.trial import Trial, rounds
from support import servers
from support.case import main
from support.servers import wait_until

FAILING_DISK = servers.ROOT / "test" / "conformance" / "failing_disk.c"
DISK_BYTES = 4 << 20
SLOW_MS = 300
# More than all clients of the load can have begun at a time.
AHEAD = 20


def mounts_are_possible():
    return os.geteuid() == 0 and subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], check=False,
        stderr=subprocess.DEVNULL).returncode == 0


@unittest.skipUnless(mounts_are_possible(), "mounting a small disk needs root")
class FullDisk(Trial):
    """Each member's directory is a small file system of its own."""

    settings = ("log.first_segment_bytes=64KiB", "log.segment_bytes=64KiB")

    def made(self):
        ensemble = super().made()
        for number in ensemble.ports:
            where = self.disk(ensemble, number)
            where.mkdir(parents=True)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(where)],
                           check=True)
            self.addCleanup(subprocess.run, ["umount", "-l", str(where)], check=True)
        self.addCleanup(ensemble.remove)  # before its disks
        return ensemble

    @staticmethod
    def disk(ensemble, number):
        return pathlib.Path(ensemble.folder, "data", "ensemble-3", str(number))

    def fill(self, victim):
        """The disk is full, so the member leaves; there is space, so it comes back."""
        ballast = self.disk(self.ensemble, victim) / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while True:
                    file.write(b"\0" * 4096)
            except OSError:
                pass  # full
        self.assertEqual(self.ensemble.wait_for_end(victim), 1)
        self.assertIn("no space for the log", self.ensemble.log_path(victim).read_text())
        self.load.wait_for_progress()
        self.ensemble.start(victim)
        wait_until(lambda: "waiting_for_space" in self.ensemble.log_path(victim).read_text(),
                   "the start on a full disk to wait")
        ballast.unlink()
        self.ensemble.wait()

    def test_leader_without_space(self):
        for _ in range(rounds(1)):
            self.fill(self.ensemble.wait())
        self.check()

    def test_follower_without_space(self):
        for _ in range(rounds(1)):
            self.fill(self.follower())
        self.check()


@unittest.skipUnless(shutil.which("cc"), "there is no C compiler `cc` to make the slow disk with")
class SlowDisk(Trial):
    """Every sync of one member's log takes long. A majority does not need it."""

    def made(self):
        ensemble = super().made()
        library = os.path.join(ensemble.folder, "slow_disk.so")
        subprocess.run(["cc", "-std=gnu11", "-O1", "-shared", "-fPIC", "-o", library,
                        str(FAILING_DISK), "-ldl"], check=True)
        asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        for number in ensemble.ports:
            ensemble.environment[number] = {
                "LD_PRELOAD": library, "SLOW_SYNC_MS": str(SLOW_MS), "ASAN_OPTIONS": asan,
                "SLOW_WHILE": self.slow_mark(ensemble, number)}
        return ensemble

    @staticmethod
    def slow_mark(ensemble, number):
        return os.path.join(ensemble.folder, f"slow-{number}")

    def slow_down(self, victim):
        """What the two others have is committed, far ahead of what the slow one has."""
        mark = pathlib.Path(self.slow_mark(self.ensemble, victim))
        mark.touch()
        wait_until(lambda: self.ahead(victim) >= AHEAD, "commits ahead of the slow disk", 40.0)
        self.load.wait_for_progress()
        mark.unlink()
        self.load.wait_for_progress()
        self.ensemble.wait()

    def ahead(self, member):
        """How many transactions are committed that the member does not have on its disk."""
        facts = self.ensemble.facts(member, "broadcast")
        return int(facts["committed_zxid"], 16) - int(facts["durable_zxid"], 16)

    def test_leader_with_a_slow_disk(self):
        for _ in range(rounds(1)):
            self.slow_down(self.ensemble.wait())
        self.check()

    def test_follower_with_a_slow_disk(self):
        for _ in range(rounds(1)):
            self.slow_down(self.follower())
        self.check()


if __name__ == "__main__":
    main()
