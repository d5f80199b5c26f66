#!/usr/bin/python3
"""Clients with the connect string of all members, while members are killed and come back one after another."""

import signal
import sys
import unittest

from kazoo.client import KazooClient

from harness.trial import SETTINGS, rounds
from support import servers
from support.case import main
from support.ensemble import Ensemble
from support.servers import wait_until
from test_java_shell import Shell


class Rolling(unittest.TestCase):

    def setUp(self):
        self.ensemble = Ensemble(settings=SETTINGS)
        self.addCleanup(self.ensemble.remove)
        self.ensemble.start_all()

    def killed_in_turn(self):
        """Every member is killed once per round; the test does its work while each is away, and after."""
        for _ in range(rounds(1)):
            for victim in self.ensemble.running:
                self.ensemble.end(victim, signal.SIGKILL)
                yield f"without-{victim}"
                self.ensemble.start(victim)
                self.ensemble.wait()
                yield f"with-{victim}"

    @unittest.skipUnless(servers.ZooKeeper.installed(), "Debian's package zookeeper is not installed")
    def test_java_shell(self):
        shell = Shell(self.ensemble.hosts)
        self.addCleanup(shell.kill)
        self.assertEqual(shell.run("create /shell"), ["Created /shell"])
        names = []
        for step, when in enumerate(self.killed_in_turn()):
            name = f"{when}-{step}"
            # The shell does not try again by itself: its user does.
            wait_until(lambda name=name: self.done(shell, f"/shell/{name}"), f"create {name}", 40.0)
            names.append(name)
        self.assertEqual(shell.run("ls /shell"), ["[" + ", ".join(sorted(names)) + "]"])
        shell.quit()

    @staticmethod
    def done(shell, path):
        printed = " ".join(shell.run(f"create {path}"))
        return "Created" in printed or "already exists" in printed

    def test_kazoo_keeps_its_session(self):
        """Watches and ephemeral nodes of a client that lost its server are there at the next one."""
        client = KazooClient(self.ensemble.hosts, timeout=10.0,
                             connection_retry={"max_tries": -1, "delay": 0.02, "max_delay": 0.2})
        client.start(30)
        self.addCleanup(client.close)
        self.addCleanup(client.stop)
        states, session = [], client.client_id[0]
        client.add_listener(states.append)
        client.create("/mine", ephemeral=True)
        client.create("/watched", b"")
        for when in self.killed_in_turn():
            seen = client.handler.event_object()
            client.retry(client.get, "/watched", watch=lambda _, happened=seen: happened.set())
            client.retry(client.set, "/watched", when.encode())
            self.assertTrue(seen.wait(20), when)
            self.assertEqual(client.retry(client.get, "/watched")[0], when.encode())
        self.assertEqual(client.retry(client.exists, "/mine").ephemeralOwner, session)
        self.assertEqual(client.client_id[0], session)
        self.assertNotIn("LOST", states)
        print(f"    {states.count('SUSPENDED')} times at another server", file=sys.stderr)


if __name__ == "__main__":
    main()
