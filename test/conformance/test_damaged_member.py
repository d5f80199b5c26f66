#!/usr/bin/python3
"""A member whose disk was damaged while it was down comes back by itself, with everything."""

import pathlib
import signal
import unittest

from kazoo.client import KazooClient

from support.case import main
from support.ensemble import Ensemble
from support.servers import wait_until


class Damaged(unittest.TestCase):

    def made(self, *settings):
        ensemble = Ensemble(settings=settings)
        self.addCleanup(ensemble.remove)
        ensemble.start_all()
        return ensemble

    def client(self, hosts):
        client = KazooClient(hosts, timeout=10.0)
        client.start(30)
        self.addCleanup(client.close)
        self.addCleanup(client.stop)
        return client

    @staticmethod
    def directory(ensemble, number):
        return pathlib.Path(ensemble.folder, "data", "ensemble-3", str(number))

    @staticmethod
    def follower(ensemble):
        leader = ensemble.wait()
        return next(number for number in ensemble.ports if number != leader)

    @staticmethod
    def flip(path, offset):
        with open(path, "r+b") as file:
            file.seek(offset)
            before = file.read(16)
            file.seek(offset)
            file.write(bytes(255 - byte for byte in before))

    def comes_back(self, ensemble, victim, names):
        ensemble.start(victim)
        ensemble.wait()
        reader = self.client(ensemble.hosts_of(victim))
        reader.sync("/")
        self.assertEqual(sorted(reader.get_children("/all")), names)
        log = ensemble.log_path(victim).read_text()
        self.assertIn("history_damaged", log)
        self.assertIn("history_restored", log)
        where = self.directory(ensemble, victim)
        self.assertFalse((where / "damaged").exists())
        evidence = list(where.glob("damaged-*"))
        self.assertEqual(len(evidence), 1)
        self.assertTrue(list((evidence[0] / "log").iterdir()))
        return evidence[0]

    def is_counted_again(self, ensemble, victim):
        """With another one away, what is acknowledged needs this one."""
        other = next(one for one in ensemble.ports if one != victim)
        ensemble.end(other, signal.SIGKILL)
        ensemble.wait()
        self.client(ensemble.hosts_of(victim)).create("/counted", b"")

    def test_log(self):
        ensemble = self.made()
        victim = self.follower(ensemble)
        client = self.client(ensemble.hosts)
        client.create("/all")
        names = [f"{number:04}" for number in range(200)]
        for name in names[:150]:
            client.create(f"/all/{name}", b"x" * 200)
        self.client(ensemble.hosts_of(victim)).sync("/")
        ensemble.end(victim, signal.SIGKILL)
        segment = sorted((self.directory(ensemble, victim) / "log").glob("*.log"))[0]
        self.flip(segment, 20_000)
        client = self.client(ensemble.hosts_of(*ensemble.running))
        for name in names[150:]:
            client.create(f"/all/{name}", b"x" * 200)
        evidence = self.comes_back(ensemble, victim, names)
        self.assertTrue((evidence / "log" / segment.name).exists())
        self.is_counted_again(ensemble, victim)

    def test_snapshots(self):
        ensemble = self.made("log.segment_bytes=32KiB", "log.first_segment_bytes=32KiB",
                             "log.snapshot_transactions=50", "log.snapshot_log_bytes=16KiB")
        victim = self.follower(ensemble)
        client = self.client(ensemble.hosts)
        client.create("/all")
        names = []
        first = self.directory(ensemble, victim) / "log" / "0000000000000001.log"

        def log_is_short():
            for _ in range(20):
                names.append(f"{len(names):05}")
                client.create(f"/all/{names[-1]}", b"x" * 200)
            facts = ensemble.facts(victim, "log")
            return int(facts["snapshots"]) >= 3 and not first.exists()
        wait_until(log_is_short, "three snapshots, and a log that does not reach back", 60.0)
        ensemble.end(victim, signal.SIGKILL)
        snapshots = list((self.directory(ensemble, victim) / "snapshots").glob("*.snapshot"))
        self.assertGreaterEqual(len(snapshots), 3)
        for snapshot in snapshots:
            self.flip(snapshot, snapshot.stat().st_size // 2)
        evidence = self.comes_back(ensemble, victim, names)
        self.assertEqual(len(list((evidence / "snapshots").glob("*.snapshot"))), len(snapshots))
        self.is_counted_again(ensemble, victim)


if __name__ == "__main__":
    main()
