#!/usr/bin/python3
"""The commands that work on a tree, against a real server, as people and scripts use them."""

import json
import os
import signal
import subprocess
import unittest

from kazoo.client import KazooClient
from support import servers
from support.case import main
from support.ports import free_port

DEADLINE_S = 60


class Shell(unittest.TestCase):

    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.server = servers.Troupe(config=servers.troupe_config("single.yaml"),
                                    options={"native.listen": f"127.0.0.1:{port}"})
        cls.addClassCleanup(cls.server.remove)
        cls.addClassCleanup(cls.server.stop)
        cls.server.start()
        cls.environment = {**os.environ, "TROUPE_SERVER": f"127.0.0.1:{port}"}

    def run_it(self, *words, lines=None):
        return subprocess.run([servers.troupe_program(), *words], input=lines, text=True,
                              capture_output=True, timeout=DEADLINE_S, env=self.environment,
                              check=False)

    def said(self, *words):
        done = self.run_it(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def kazoo(self):
        client = KazooClient(self.server.hosts, timeout=10.0)
        client.start(DEADLINE_S)
        self.addCleanup(client.close)
        self.addCleanup(client.stop)
        return client

    def test_single_commands(self):
        self.assertEqual(self.said("create", "/single", "some data"), "/single\n")
        self.assertEqual(self.kazoo().get("/single")[0], b"some data")
        self.assertEqual(self.said("get", "/single"), "some data\n")
        self.said("multi", "create", "/single/a", ",", "create", "/single/b", ",",
                  "set", "/single", "new")
        self.assertEqual(self.said("tree", "/single"), "/single\n  a\n  b\n")
        about = json.loads(self.said("--json", "get", "-s", "/single"))
        self.assertEqual((about["data"], about["stat"]["version"]), ("new", 1))
        self.assertEqual(self.said("deleteall", "/single"), "3\n")
        self.assertIn("standalone", self.said("status"))

    def test_exit_codes(self):
        refused = self.run_it("get", "/none")
        self.assertEqual((refused.returncode, refused.stderr),
                         (3, "troupe: /none: there is no such node (NONODE)\n"))
        self.assertEqual(self.run_it("get").returncode, 2)
        nobody = self.run_it("--server", f"127.0.0.1:{free_port()}", "--timeout", "0.3", "ls")
        self.assertEqual(nobody.returncode, 4)
        self.assertIn("--server HOST:PORT", nobody.stderr)

    def test_a_script(self):
        done = self.run_it("shell", lines="create -e /mine 'a b'\nget /mine\nls /none\nephemerals\n")
        self.assertEqual(done.stdout, "/mine\na b\n/mine\n")
        self.assertEqual(done.stderr, "troupe: /none: there is no such node (NONODE)\n")
        self.assertEqual(done.returncode, 0)
        # The session was closed, not left to its timeout.
        self.assertIsNone(self.kazoo().exists("/mine"))

    def test_identities_and_access(self):
        acl = "digest:ann:" + servers.SUPER_DIGEST.split(":")[1] + ":cdrwa"
        self.said("create", "/guarded", "x", acl)
        self.assertEqual(self.run_it("get", "/guarded").returncode, 3)
        self.assertIn("digest  ann:", self.said("whoami", "--auth", "digest:ann:secret"))
        self.assertEqual(self.run_it("--auth", "nonsense:x", "ls").returncode, 4)

    def test_watching(self):
        watcher = subprocess.Popen(
            [servers.troupe_program(), "watch", "-r", "-n", "2", "--json", "/watched"],
            stdout=subprocess.PIPE, text=True, env=self.environment)
        self.addCleanup(watcher.stdout.close)
        client = self.kazoo()
        # Until the watch is set nothing is told, so something happens until it is.
        client.create("/watched", b"")
        while watcher.poll() is None:
            client.set("/watched", b"")
        lines = watcher.stdout.read().splitlines()
        watcher.wait(DEADLINE_S)
        self.assertEqual({json.loads(line)["path"] for line in lines}, {"/watched"})
        self.assertEqual(len(lines), 2)

    def test_interrupted(self):
        watcher = subprocess.Popen([servers.troupe_program(), "watch", "/"],
                                   stdout=subprocess.PIPE, text=True, env=self.environment)
        self.addCleanup(watcher.stdout.close)
        watcher.send_signal(signal.SIGINT)
        self.assertEqual(watcher.wait(DEADLINE_S), -signal.SIGINT)


if __name__ == "__main__":
    main()
