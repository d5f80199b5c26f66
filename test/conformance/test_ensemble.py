#!/usr/bin/python3
"""Three real members: what they acknowledge outlives whoever is killed."""

import contextlib
import itertools
import signal
import unittest

from kazoo.client import KazooClient
from kazoo.exceptions import NodeExistsError
from kazoo.retry import KazooRetry

from support import wire
from support.case import main
from support.ensemble import Ensemble
from support.servers import wait_until


class Killed(unittest.TestCase):

    def setUp(self):
        self.ensemble = Ensemble(settings=["sessions.timeout.min=1s"])
        self.addCleanup(self.ensemble.remove)
        self.ensemble.start_all()

    def client(self, hosts=None):
        forever = KazooRetry(max_tries=-1, delay=0.02, backoff=1.2, max_delay=0.2)
        client = KazooClient(hosts or self.ensemble.hosts, timeout=10.0,
                             connection_retry=forever, command_retry=forever.copy())
        client.start(30)
        self.addCleanup(client.close)
        self.addCleanup(client.stop)
        return client

    def member_client(self, number):
        return self.client(self.ensemble.hosts_of(number))

    def test_every_member_serves(self):
        """A write through one is read through each of the others, after a sync."""
        clients = {number: self.member_client(number) for number in self.ensemble.ports}
        for number, client in clients.items():
            client.create(f"/by-{number}", str(number).encode())
        for client in clients.values():
            client.sync("/")
            for number in clients:
                self.assertEqual(client.get(f"/by-{number}")[0], str(number).encode())

    def test_watch_across_members(self):
        writer, reader = self.member_client(1), self.member_client(2)
        writer.create("/watched", b"1")
        reader.sync("/")
        seen = reader.handler.event_object()
        reader.get("/watched", watch=lambda event: seen.set())
        writer.set("/watched", b"2")
        self.assertTrue(seen.wait(20))
        self.assertEqual(reader.get("/watched")[0], b"2")

    def test_sessions_of_followers_stay(self):
        """The leader hears of the sessions of others: nobody expires who is there."""
        leader = self.ensemble.leader()
        follower = next(number for number in self.ensemble.ports if number != leader)
        witness = self.member_client(leader)
        owner = KazooClient(self.ensemble.hosts_of(follower), timeout=1.0)
        owner.start(30)
        self.addCleanup(owner.close)
        lost = []
        owner.add_listener(lambda state: lost.append(state) if state == "LOST" else None)
        owner.create("/here", ephemeral=True)
        # A session that says nothing expires meanwhile, so time enough has passed.
        silent = wire.Wire.open(self.ensemble.address(follower), timeout_ms=4000)
        silent.ok(wire.create("/gone", b"", flags=1))
        self.addCleanup(silent.drop)
        wait_until(lambda: witness.exists("/gone") is None, "the end of the silent session", 60.0)
        self.assertIsNotNone(witness.exists("/here"))
        self.assertEqual(lost, [])
        owner.stop()
        wait_until(lambda: witness.exists("/here") is None, "the end of the closed session")

    def test_sessions_move(self):
        """A client goes on at another member while its old connection stands: that is closed, the
        session lives on with its nodes, and writes through the new member are done."""
        for old, new in itertools.permutations(self.ensemble.ports, 2):
            with self.subTest(old=old, new=new):
                path = f"/moved-{old}-{new}"
                here = wire.Wire.open(self.ensemble.address(old), timeout_ms=20000)
                self.addCleanup(here.drop)
                here.ok(wire.create(path, b"", flags=1))
                there = wire.Wire.open(self.ensemble.address(new), timeout_ms=20000, session=here)
                self.addCleanup(there.drop)
                self.assertEqual(there.session_id, here.session_id)
                here.wait_closed()
                there.ok(wire.set_data(path, b"by the new one"))
                back = wire.Wire.open(self.ensemble.address(old), timeout_ms=20000, session=there)
                self.addCleanup(back.drop)
                there.wait_closed()
                back.ok(wire.sync(path))
                self.assertEqual(back.ok(wire.exists(path))["stat"].ephemeral_owner, here.session_id)
                # The old connections' ends are not the session's.
                wrong = wire.Wire.open(self.ensemble.address(new), session=back, password=b"x" * 16)
                self.addCleanup(wrong.drop)
                self.assertTrue(wrong.expired)
                back.ok(wire.set_data(path, b"still there"))

    def test_expired_at_the_leader(self):
        """A session that has ended is refused at a member that has not heard of it yet."""
        leader = self.ensemble.leader()
        late = next(number for number in self.ensemble.ports if number != leader)
        witness = self.member_client(leader)
        gone = wire.Wire.open(self.ensemble.address(late), timeout_ms=1000)
        self.addCleanup(gone.drop)
        gone.ok(wire.create("/gone", b"", flags=1))
        self.ensemble.send(late, signal.SIGSTOP)
        try:
            wait_until(lambda: witness.exists("/gone") is None, "the end of the session", 60.0)
        finally:
            self.ensemble.send(late, signal.SIGCONT)
        again = wire.Wire.open(self.ensemble.address(late), timeout_ms=1000, session=gone)
        self.addCleanup(again.drop)
        self.assertTrue(again.expired)

    def test_kill_the_leader(self):
        """What was acknowledged is there, and writes go on, however often the leader is killed."""
        client = self.client()
        client.create("/log")
        acknowledged = []
        for killed in range(4):
            for _ in range(50):
                name = f"/log/{len(acknowledged):05}"
                # A retry after a lost answer may find its own work done.
                with contextlib.suppress(NodeExistsError):
                    client.retry(client.create, name, str(killed).encode())
                acknowledged.append(name)
            victim = self.ensemble.wait()
            self.ensemble.end(victim, signal.SIGKILL)
            client.retry(client.set, "/log", str(killed).encode())
            self.ensemble.start(victim)
        self.ensemble.wait()
        for number in self.ensemble.ports:
            reader = self.member_client(number)
            reader.sync("/log")
            self.assertEqual(sorted(f"/log/{name}" for name in reader.get_children("/log")),
                             acknowledged, f"member {number}")

    def test_rolling_restart(self):
        client = self.client()
        client.create("/counter", b"0")
        for number in self.ensemble.ports:
            self.assertEqual(self.ensemble.end(number, signal.SIGTERM), 0, self.ensemble.tails())
            client.retry(client.set, "/counter", str(number).encode())
            self.ensemble.start(number)
            self.ensemble.wait()
        client.sync("/counter")
        self.assertEqual(client.get("/counter")[0], b"3")


if __name__ == "__main__":
    main()
