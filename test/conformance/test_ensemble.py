#!/usr/bin/python3
"""Three real members: what they acknowledge outlives whoever is killed."""

import contextlib
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

from kazoo.client import KazooClient
from kazoo.exceptions import NodeExistsError
from kazoo.retry import KazooRetry

from support import servers, wire
from support.case import main
from support.servers import four_letter, wait_until

DEPLOYMENT = """
troupe: 1
node: {{ id: 1, data_dir: "{folder}/${{MEMBER}}" }}
components:
  peers:     {{ type: peer.tcp, members: {{ {members} }} }}
  log:       {{ type: storage.wal }}
  tree:      {{ type: tree.znode }}
  election:  {{ type: election.fast }}
  broadcast: {{ type: broadcast.zab }}
  sessions:  {{ type: session.replicated, timeout: {{ min: 1s, max: 40s }} }}
  clients:   {{ type: gateway.zookeeper, listen: "127.0.0.1:${{PORT}}" }}
"""


def quiet_ports(count):
    """Ports below those that the system gives to connections: members dial each other's before
    anybody listens there, and other tests make thousands of connections meanwhile."""
    found = []
    for port in random.sample(range(20000, 32000), 1000):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            found.append(port)
        if len(found) == count:
            return found
    raise AssertionError("no free ports from 20000 to 32000")


class Ensemble:
    """Members as processes of their own, from one file."""

    def __init__(self, count=3):
        self.folder = tempfile.mkdtemp(prefix="ensemble-")
        ports = quiet_ports(2 * count)
        self.ports = {number: ports.pop() for number in range(1, count + 1)}
        members = ", ".join(f'{number}: "127.0.0.1:{ports.pop()}"' for number in self.ports)
        self._file = pathlib.Path(self.folder, "ensemble.yaml")
        self._file.write_text(DEPLOYMENT.format(folder=self.folder, members=members))
        self._processes = {}

    @property
    def hosts(self):
        return ",".join(f"127.0.0.1:{port}" for port in self.ports.values())

    def start(self, number):
        with open(os.path.join(self.folder, f"{number}.log"), "ab") as log:
            self._processes[number] = subprocess.Popen(
                [servers.troupe_program(), "run", str(self._file), "--set", f"node.id={number}"],
                stdout=log, stderr=log,
                env={**os.environ, "MEMBER": str(number), "PORT": str(self.ports[number])})

    def end(self, number, how):
        """Sends the signal and waits for the end."""
        process = self._processes.pop(number)
        process.send_signal(how)
        return process.wait(servers.STOP_DEADLINE_S)

    def mode(self, number):
        """What the member says that it is; nothing if it does not serve."""
        with contextlib.suppress(OSError):
            for line in four_letter(("127.0.0.1", self.ports[number]), "srvr").splitlines():
                if line.startswith("Mode: "):
                    return line[len("Mode: "):]
        return None

    def modes(self):
        return {number: self.mode(number) for number in self._processes}

    def leader(self):
        leaders = [number for number, mode in self.modes().items() if mode == "leader"]
        return leaders[0] if len(leaders) == 1 else None

    def wait(self):
        """For a leader, and everybody who runs following it."""
        def complete():
            modes = sorted(self.modes().values(), key=str)
            return modes == ["follower"] * (len(modes) - 1) + ["leader"]
        try:
            wait_until(complete, "one leader, and the others following it", 30.0)
        except AssertionError as gave_up:
            raise AssertionError(f"{gave_up}: {self.modes()}\n{self.tails()}") from gave_up
        return self.leader()

    def tails(self):
        """The ends of the logs, for messages."""
        return "\n".join(f"{number}: " + pathlib.Path(self.folder, f"{number}.log").read_text()[-2500:]
                         for number in self._processes)

    def remove(self):
        for number in list(self._processes):
            self.end(number, signal.SIGKILL)
        shutil.rmtree(self.folder, ignore_errors=True)


class Shipped(unittest.TestCase):

    def test_one_file_for_all_members(self):
        file = servers.ROOT / "configs" / "ensemble-3.yaml"
        for number in (1, 2, 3):
            with self.subTest(number):
                ended = subprocess.run([servers.troupe_program(), "check", str(file), "--set",
                                        f"node.id={number}"], capture_output=True, text=True,
                                       check=False)
                self.assertEqual((ended.returncode, ended.stderr), (0, ""))
                self.assertIn("broadcast.zab", ended.stdout)


class Killed(unittest.TestCase):

    def setUp(self):
        self.ensemble = Ensemble()
        self.addCleanup(self.ensemble.remove)
        for number in self.ensemble.ports:
            self.ensemble.start(number)
        self.ensemble.wait()

    def client(self, hosts=None):
        forever = KazooRetry(max_tries=-1, delay=0.02, backoff=1.2, max_delay=0.2)
        client = KazooClient(hosts or self.ensemble.hosts, timeout=10.0,
                             connection_retry=forever, command_retry=forever.copy())
        client.start(30)
        self.addCleanup(client.close)
        self.addCleanup(client.stop)
        return client

    def member_client(self, number):
        return self.client(f"127.0.0.1:{self.ensemble.ports[number]}")

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
        owner = KazooClient(f"127.0.0.1:{self.ensemble.ports[follower]}", timeout=1.0)
        owner.start(30)
        self.addCleanup(owner.close)
        lost = []
        owner.add_listener(lambda state: lost.append(state) if state == "LOST" else None)
        owner.create("/here", ephemeral=True)
        # A session that says nothing expires meanwhile, so time enough has passed.
        silent = wire.Wire.open(("127.0.0.1", self.ensemble.ports[follower]), timeout_ms=4000)
        silent.ok(wire.create("/gone", b"", flags=1))
        self.addCleanup(silent.drop)
        wait_until(lambda: witness.exists("/gone") is None, "the end of the silent session", 60.0)
        self.assertIsNotNone(witness.exists("/here"))
        self.assertEqual(lost, [])
        owner.stop()
        wait_until(lambda: witness.exists("/here") is None, "the end of the closed session")

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
