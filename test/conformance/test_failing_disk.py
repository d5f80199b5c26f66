#!/usr/bin/python3
"""A disk that fails under the real program: a failed fdatasync, and no space left.

failing_disk.c is compiled and preloaded into the server. Without a C compiler there is nothing to
run.
"""

import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from support import servers, wire
from support.case import ServerCase, main
from support.servers import wait_until

SOURCE = pathlib.Path(__file__).with_name("failing_disk.c")
NOT_READ_ONLY = -119
WINDOW = 8
MOST_WRITES = 20000  # far more than either fault needs
CRASHED = (wire.Closed, wire.Torn, OSError)
# Small segments, so that a new one is needed soon.
OPTIONS = {"log.first_segment_bytes": "16KiB", "log.segment_bytes": "16KiB",
           "log.space_retry": "10ms"}


class FaultyTroupe(servers.Troupe):
    """The program with failing_disk.c in it; `faults` are its variables, none for a sound disk."""

    def __init__(self, library, **kwargs):
        super().__init__(servers.troupe_config("single.yaml"), OPTIONS, **kwargs)
        self._library = library
        self.faults = {}

    def command(self):
        if not self.faults:
            return super().command()
        # A sanitizer's runtime wants to be the first library, but does not need to be.
        asan = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"
        variables = {**self.faults, "LD_PRELOAD": self._library, "ASAN_OPTIONS": asan}
        return ["/usr/bin/env", *(f"{k}={v}" for k, v in variables.items()), *super().command()]


class Writer:
    """Creates /w/0, /w/1, … with a window of unanswered requests, and keeps what became of each."""

    def __init__(self, address):
        self.wire = wire.Wire.open(address, timeout_ms=20000)
        self.wire.ok(wire.create("/w"))
        self.sent = 0
        self.acknowledged = set()
        self.refused = set()
        self._waiting = collections.deque()

    def send(self):
        request = wire.create(f"/w/{self.sent}", b"x" * 500)
        self._waiting.append((self.sent, self.wire.submit(request)))
        self.sent += 1

    def take(self):
        """Waits for the oldest answer; returns the whole reply."""
        number, ticket = self._waiting.popleft()
        reply = self.wire.wait(ticket)
        if reply.err == 0:
            self.acknowledged.add(number)
        elif reply.err == NOT_READ_ONLY:
            self.refused.add(number)
        else:
            raise AssertionError(f"create /w/{number}: {reply}")
        return reply

    def until(self, condition):
        """Writes until `condition()`, then takes all answers that are owed."""
        while not condition():
            if self.sent > MOST_WRITES:
                raise AssertionError(f"the disk did not fail in {MOST_WRITES} writes")
            while len(self._waiting) < WINDOW:
                self.send()
            self.take()
        while self._waiting:
            self.take()


class FailingDisk(ServerCase):

    @classmethod
    def setUpClass(cls):
        if servers.chosen() != "troupe":
            raise unittest.SkipTest("this is about Troupe's own log")
        compiler = shutil.which("cc")
        if compiler is None:
            raise unittest.SkipTest("there is no C compiler `cc` to make the failing disk with")
        cls._directory = tempfile.mkdtemp(prefix="failing-disk-")
        cls.preloaded = os.path.join(cls._directory, "failing_disk.so")
        subprocess.run([compiler, "-std=gnu11", "-O1", "-shared", "-fPIC", "-o", cls.preloaded,
                        str(SOURCE), "-ldl"], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls._directory)

    def serve(self, **faults):
        """Starts a server of its own, and returns a writer."""
        self.server = FaultyTroupe(self.preloaded)
        self.address = self.server.address
        self.addCleanup(self.server.remove)
        self.addCleanup(self.server.stop)
        self.server.faults = faults
        self.server.start()
        writer = Writer(self.address)
        self.addCleanup(writer.wire.drop)
        return writer

    def restart_sound(self):
        self.server.faults = {}
        self.server.start()

    def there(self):
        """The numbers of all nodes that a Writer has made."""
        reader = self.wire()
        return {int(name) for name in reader.ok(wire.get_children("/w"))["children"]}

    def test_a_failed_sync_ends_the_server_and_loses_nothing_acknowledged(self):
        for failing in (20, 21, 22, 60):  # inside of a segment, and where the next one begins
            with self.subTest(failing_sync=failing):
                self._failed_sync(failing)

    def _failed_sync(self, failing):
        writer = self.serve(FAILING_SYNC=failing)
        with self.assertRaises(CRASHED):
            writer.until(lambda: False)
        wait_until(lambda: not self.server.running(), "the server to end")
        self.assertEqual(self.server.stop(), 1, "exit code")
        log = re.escape(str(self.server.data_dir / "log"))
        self.assertRegex(self.server.log_tail(),
                         rf"cannot sync {log}/[0-9a-f]{{16}}\.log: Input/output error")
        self.assertTrue(writer.acknowledged)
        self.assertFalse(writer.refused)

        self.restart_sound()
        found = self.there()
        self.assertLessEqual(writer.acknowledged, found, "acknowledged, but not there")
        self.assertEqual(found, set(range(len(found))), "a later write is there without an earlier")
        self.assertLessEqual(len(found), writer.sent)
        self.wire().ok(wire.create("/after"))

    def test_a_full_disk_refuses_writes_until_there_is_space(self):
        full = pathlib.Path(self._directory) / "full"
        self.addCleanup(full.unlink, missing_ok=True)
        writer = self.serve(FULL_WHILE=full)
        writer.until(lambda: len(writer.acknowledged) > 10)
        full.touch()
        writer.until(lambda: writer.refused)
        epoch = writer.wire.last_zxid >> 32

        # Full: writes are refused and not done, reads go on, nobody new comes in.
        writer.send()
        self.assertEqual(writer.take().err, NOT_READ_ONLY)
        children = writer.wire.ok(wire.get_children("/w"))["children"]
        self.assertEqual({int(name) for name in children}, writer.acknowledged)
        with self.assertRaises(wire.Closed):
            wire.Wire.open(self.address)
        self.assertRegex(self.server.log_tail(), r"error no_space path=")

        full.unlink()

        def taken():
            writer.send()
            return writer.take().err == 0
        wait_until(taken, "writes to be taken again")
        self.assertGreater(writer.wire.last_zxid >> 32, epoch, "a new epoch")
        writer.until(lambda: writer.sent % 100 == 0)
        self.assertEqual(self.there(), writer.acknowledged)

        self.server.kill9()
        self.restart_sound()
        self.assertEqual(self.there(), writer.acknowledged)
        resumed = self.wire(session=writer.wire, last_zxid=writer.wire.last_zxid)
        self.assertEqual(resumed.session_id, writer.wire.session_id)


if __name__ == "__main__":
    main()
