#!/usr/bin/python3
"""How members come to their history: by a snapshot, from a server that was alone, and from a leader
that hands over."""

import pathlib
import shutil
import signal
import subprocess
import time
import unittest

from kazoo.client import KazooClient

from support import servers
from support.case import main
from support.ensemble import Ensemble
from support.servers import wait_until

# So little log is kept that whoever was away for a thousand writes needs a snapshot.
SHORT_LOG = ("log.segment_bytes=64KiB", "log.first_segment_bytes=16KiB",
             "log.snapshot_log_bytes=64KiB", "log.snapshot_transactions=200",
             "log.snapshots_kept=1", "broadcast.keep_bytes=4KiB")


class History(unittest.TestCase):

    def made(self, settings=()):
        ensemble = Ensemble(settings=settings)
        self.addCleanup(ensemble.remove)
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
    def write(client, names):
        for made in [client.create_async(f"/all/{name}", b"x" * 100) for name in names]:
            made.get(30)

    def test_new_member_gets_a_snapshot(self):
        ensemble = self.made(SHORT_LOG)
        leader = ensemble.start_all()
        victim = next(number for number in ensemble.ports if number != leader)
        client = self.client(ensemble.hosts_of(*(n for n in ensemble.ports if n != victim)))
        client.create("/all")
        ensemble.end(victim)
        shutil.rmtree(self.directory(ensemble, victim))
        names = [f"{number:05}" for number in range(2000)]
        self.write(client, names)
        ensemble.start(victim)
        ensemble.wait()
        self.assertIn("snapshot_received", ensemble.log_path(victim).read_text())
        reader = self.client(ensemble.hosts_of(victim))
        reader.sync("/")
        self.assertEqual(sorted(reader.get_children("/all")), names)
        # It counts again: nothing can be committed without it now.
        ensemble.end(next(n for n in ensemble.ports if n not in (victim, ensemble.leader())))
        ensemble.wait()
        self.client(ensemble.hosts_of(victim)).create("/counted")

    def alone(self, ensemble, number, names):
        """A server by itself in the directory of that member."""
        host, port = ensemble.address(number)
        process = subprocess.Popen(
            [servers.troupe_program(), "run", str(servers.ROOT / "configs" / "single.yaml"),
             "--set", f"node.data_dir={self.directory(ensemble, number)}",
             "--set", f"node.id={number}", "--set", f"clients.listen={host}:{port}",
             "--set", "http.listen=127.0.0.1:0", "--set", "native.listen=127.0.0.1:0"], stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT)
        try:
            client = KazooClient(f"{host}:{port}", timeout=10.0)
            client.start(30)
            client.ensure_path("/all")
            self.write(client, names)
            client.stop()
            client.close()
        finally:
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(servers.STOP_DEADLINE_S), 0)

    def test_single_server_founds_an_ensemble(self):
        ensemble = self.made()
        names = [f"{number:03}" for number in range(100)]
        self.alone(ensemble, 2, names)
        self.assertEqual(ensemble.start_all(), 2)
        for number in ensemble.ports:
            reader = self.client(ensemble.hosts_of(number))
            reader.sync("/")
            self.assertEqual(sorted(reader.get_children("/all")), names)
        # From now on its data is that of a majority.
        ensemble.end(2)
        ensemble.wait()
        self.client(ensemble.hosts_of(1, 3)).create("/all/later")

    def test_second_server_with_a_history_is_refused(self):
        ensemble = self.made()
        self.alone(ensemble, 2, ["ours"])
        ensemble.start(2)
        ensemble.start(1)
        self.assertEqual(ensemble.wait(), 2)
        self.alone(ensemble, 3, [f"foreign-{number}" for number in range(50)])
        ensemble.start(3)
        wait_until(lambda: "empty data directory" in ensemble.log_path(3).read_text(),
                   "it says what to do", 30.0)
        self.assertIsNone(ensemble.mode(3))
        client = self.client(ensemble.hosts_of(1, 2))
        self.assertEqual(client.get_children("/all"), ["ours"])
        client.create("/all/goes on")
        # What was its own is still there.
        ensemble.end(3)
        self.alone(ensemble, 3, ["more"])

    def test_leader_hands_over(self):
        ensemble = self.made()
        leader = ensemble.start_all()
        others = [number for number in ensemble.ports if number != leader]
        client = self.client(ensemble.hosts_of(*others))
        client.create("/all")
        began = time.monotonic()
        self.assertEqual(ensemble.end(leader, signal.SIGTERM), 0)
        self.write(client, ["after"])
        print(f"a write after the leader's SIGTERM: {(time.monotonic() - began) * 1000:.0f} ms")
        next_leader = ensemble.wait()
        log = ensemble.log_path(next_leader).read_text()
        self.assertIn('leader_lost reason="it says: the server stops"', log)
        # Nobody had to be elected: the last election is that of the start.
        self.assertEqual(log.count("election_begins"), 1, log)


if __name__ == "__main__":
    main()
