#!/usr/bin/python3
"""Native clients and kazoo on the same tree: each sees what the other does."""

import os
import queue
import socket
import subprocess
import threading
import unittest

from kazoo.client import KazooClient
from support import ensemble, servers
from support.case import main

DEADLINE_S = 60


class Native:
    """The program native_client: a line of words in, a line out. Its events are kept in `events`."""

    def __init__(self, *addresses):
        self._process = subprocess.Popen([os.environ["NATIVE_CLIENT_PROGRAM"], *addresses],
                                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, text=True, bufsize=1)
        self.events = queue.Queue()
        self._reader = threading.Thread(target=self._read_events, daemon=True)
        self._reader.start()

    def _read_events(self):
        for line in self._process.stderr:
            self.events.put(line.strip())

    def say(self, line):
        self._process.stdin.write(line + "\n")

    def hear(self):
        return self._process.stdout.readline().strip()

    def __call__(self, *words):
        self.say(" ".join(words))
        return self.hear()

    def ok(self, *words):
        said = self(*words)
        if not said.startswith("ok"):
            raise AssertionError(f"{words}: {said}")
        return said.partition(" ")[2]

    def event(self):
        return self.events.get(timeout=DEADLINE_S)

    def end(self):
        self._process.kill()
        self._process.wait(DEADLINE_S)
        self._reader.join(DEADLINE_S)
        for one in (self._process.stdin, self._process.stdout, self._process.stderr):
            one.close()


class NativeCase(unittest.TestCase):

    def native(self, *addresses):
        client = Native(*addresses)
        self.addCleanup(client.end)
        return client

    def kazoo(self, hosts):
        client = KazooClient(hosts, timeout=10.0)
        client.start(DEADLINE_S)
        self.addCleanup(client.close)
        self.addCleanup(client.stop)
        return client


class OneServer(NativeCase):

    def setUp(self):
        port = servers.free_port()
        self.port = port
        self.server = servers.Troupe(config=servers.troupe_config("single.yaml"),
                                     options={"native.listen": f"127.0.0.1:{port}"})
        self.addCleanup(self.server.remove)
        self.addCleanup(self.server.stop)
        self.server.start()
        self.address = f"127.0.0.1:{port}"

    def test_both_see_each_other(self):
        native, kazoo = self.native(self.address), self.kazoo(self.server.hosts)
        native.ok("create", "/n", "1")
        self.assertEqual(kazoo.get("/n")[0], b"1")
        kazoo.set("/n", b"2")
        self.assertEqual(native.ok("get", "/n").split()[1], "2")
        zxid = int(native.ok("set", "/n", "3").split()[0], 16)
        self.assertEqual(kazoo.get("/n")[1].mzxid, zxid)
        kazoo.create("/n/b", b"")
        kazoo.create("/n/a", b"")
        self.assertEqual(native.ok("list", "/n"), "a b")
        self.assertEqual(native("delete", "/n"), "error NOTEMPTY /n")
        self.assertEqual(native.ok("create", "/n/s-", "x", "sequential").split()[1],
                         "/n/s-0000000002")

    def test_watches_of_each_other(self):
        native, kazoo = self.native(self.address), self.kazoo(self.server.hosts)
        native.ok("create", "/w", "1")
        seen = queue.Queue()
        kazoo.get("/w", watch=lambda event: seen.put(event.type))
        native.ok("watch", "/w")
        native.ok("set", "/w", "2")
        self.assertEqual(seen.get(timeout=DEADLINE_S), "CHANGED")
        self.assertEqual(native.event(), "event 3 /w")
        native.ok("watch", "/w")
        kazoo.delete("/w")
        self.assertEqual(native.event(), "event 2 /w")

    def test_sessions_end_for_both(self):
        native, kazoo = self.native(self.address), self.kazoo(self.server.hosts)
        native.ok("create", "/mine", "1", "ephemeral")
        owner = int(native.ok("session"), 16)
        self.assertEqual(kazoo.exists("/mine").ephemeralOwner & (2**64 - 1), owner)
        native.ok("close")
        self.assertIsNone(kazoo.exists("/mine"))

    def test_kill_9_of_the_server(self):
        native = self.native(self.address)
        for number in range(3):
            native.say("add /sum 1" if number else "create /sum 0")
            native.hear()
            self.server.kill9()
            native.say("add /sum 10")
            self.server.start()
            self.assertEqual(native.hear().split()[0], "ok")
        self.assertEqual(native.ok("get", "/sum").split()[1], "32")

    def test_other_protocols_at_the_port(self):
        for greeting in (b"GET / HTTP/1.1\r\n\r\n", b"ruok", b"\x16\x03\x01\x02\x00" * 100,
                         b"\0" * 4096, b"\xff" * 4096, os.urandom(4096)):
            with self.subTest(greeting[:8]), socket.create_connection(
                    ("127.0.0.1", self.port), timeout=DEADLINE_S) as link:
                link.sendall(greeting)
                if len(greeting) > 8:
                    try:
                        while link.recv(65536):
                            pass
                    except ConnectionResetError:
                        pass
        self.native(self.address).ok("get", "/")
        log = self.server.log_tail()
        self.assertIn("connection_closed component=native", log)


class Members(NativeCase):

    def test_any_member_at_any_time(self):
        members = ensemble.Ensemble()
        self.addCleanup(members.remove)
        leader = members.start_all()
        addresses = [f"127.0.0.1:{port}" for port in members.native_ports.values()]
        native, kazoo = self.native(*addresses), self.kazoo(members.hosts)
        native.ok("create", "/sum", "0")
        for round_ in range(3):
            native.ok("add", "/sum", "1")
            members.end(leader)
            # Under way while nobody leads.
            self.assertEqual(native.ok("add", "/sum", "1").split()[1], str(2 * round_ + 2))
            members.start(leader)
            leader = members.wait()
        kazoo.sync("/sum")
        self.assertEqual(kazoo.get("/sum")[0], b"6")


if __name__ == "__main__":
    main()
