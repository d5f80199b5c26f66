#!/usr/bin/python3
"""A scripted session of ZooKeeper's Java shell (ZooKeeperMain of Debian's package)."""

import queue
import re
import subprocess
import threading
import time
import unittest

from support import servers
from support.case import ServerCase, main
from support.servers import wait_until

DEADLINE_S = 60


class Shell:
    """The shell as a process. Every command is followed by one with a known answer, its end."""

    def __init__(self, hosts):
        self._process = subprocess.Popen(
            [servers.JAVA, *servers.JVM_FLAGS, "-Dorg.slf4j.simpleLogger.defaultLogLevel=off",
             "-cp", servers.ZOOKEEPER_CLASSPATH, "org.apache.zookeeper.ZooKeeperMain",
             "-server", hosts],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self._lines = queue.Queue()
        self._marks = 0
        self.events = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.greeting = self.run("ls /")

    def _read(self):
        for line in self._process.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def run(self, command):
        """The lines that the command printed, without those of watch events."""
        self._marks += 1
        mark = f"/end-of-command-{self._marks}"
        self._process.stdin.write(f"{command}\nstat {mark}\n")
        self._process.stdin.flush()
        printed = []
        deadline = time.monotonic() + DEADLINE_S
        while True:
            line = self._lines.get(timeout=max(0.1, deadline - time.monotonic()))
            if line is None:
                raise AssertionError(f"the shell ended while it ran {command!r}: {printed}")
            if line == f"Node does not exist: {mark}":
                return printed
            if line.startswith("WatchedEvent "):
                if " type:None " not in line:
                    self.events.append(line)
            elif line and line != "WATCHER::":
                printed.append(line)

    def event(self, kind, path):
        """Waits for a watch event and takes it."""
        wanted = f"WatchedEvent state:SyncConnected type:{kind} path:{path}"
        wait_until(lambda: self.run("version") and wanted in self.events,
                   f"{wanted} (there were {self.events})")
        self.events.remove(wanted)

    def quit(self):
        """Ends the shell as its user would; it exits with the result of its last command."""
        self._process.stdin.write("quit\n")
        self._process.stdin.close()
        self._process.wait(DEADLINE_S)

    def kill(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._process.stdin.close()
        self._reader.join(DEADLINE_S)
        self._process.stdout.close()


def fields(lines):
    """{name: value} of a printed Stat."""
    pairs = (re.fullmatch(r"(\w+) = (.*)", line) for line in lines)
    return {m[1]: m[2] for m in pairs if m}


@unittest.skipUnless(servers.ZooKeeper.installed(), "Debian's package zookeeper is not installed")
class JavaShell(ServerCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.shell = Shell(cls.server.hosts)

    @classmethod
    def tearDownClass(cls):
        cls.shell.kill()
        super().tearDownClass()

    def setUp(self):
        self.root = "/" + self.id().rpartition(".")[2]
        self.assertEqual(self.run_(f"create {self.root} top"), [f"Created {self.root}"])

    def run_(self, command):
        return self.shell.run(command.replace("@", self.root))

    def expect(self, command, *lines):
        self.assertEqual(self.run_(command), [line.replace("@", self.root) for line in lines],
                         command)

    def test_create_and_read(self):
        self.expect("create @/a one", "Created @/a")
        self.expect("create @/a two", "Node already exists: @/a")
        self.expect("create @/none/x", "Node does not exist: @/none/x")
        self.expect("create -e @/eph x", "Created @/eph")
        self.expect("create -s @/seq- y", "Created @/seq-0000000002")
        self.expect("create -s -e @/es- z", "Created @/es-0000000003")
        self.expect("create -c @/box", "Created @/box")
        self.expect("create -t 100000 @/ttl data", "Created @/ttl")
        self.expect("create -s -t 100000 @/ttl- data", "Created @/ttl-0000000006")
        self.expect("create @/eph/x", "Ephemerals cannot have children: @/eph/x")
        self.expect("get @/a", "one")
        self.expect("get @/nope", "Node does not exist: @/nope")
        self.expect("ls @", "[a, box, eph, es-0000000003, seq-0000000002, ttl, ttl-0000000006]")
        self.expect("ls -R @", "@", "@/a", "@/box", "@/eph", "@/es-0000000003",
                    "@/seq-0000000002", "@/ttl", "@/ttl-0000000006")
        self.expect("getAllChildrenNumber @", "7")
        ephemerals = self.run_("getEphemerals @")[0].strip("[]").split(", ")
        self.assertEqual(sorted(ephemerals), [f"{self.root}/eph", f"{self.root}/es-0000000003"])
        self.expect("getEphemerals @/es", "[@/es-0000000003]")
        self.assertIn("zookeeper", self.run_("ls /")[0])

    def test_stat(self):
        self.run_("create @/a one")
        lines = self.run_("get -s @/a")
        self.assertEqual(lines[0], "one")
        first = fields(lines)
        self.assertEqual(first, fields(self.run_("stat @/a")))
        self.assertEqual(first["cZxid"], first["mZxid"])
        self.assertEqual(first["ctime"], first["mtime"])
        self.assertRegex(first["cZxid"], r"^0x[0-9a-f]+$")
        self.assertEqual((first["dataVersion"], first["aclVersion"], first["cversion"],
                          first["dataLength"], first["numChildren"], first["ephemeralOwner"]),
                         ("0", "0", "0", "3", "0", "0x0"))
        changed = fields(self.run_("set -s @/a three"))
        self.assertEqual((changed["dataVersion"], changed["dataLength"]), ("1", "5"))
        self.assertGreater(int(changed["mZxid"], 16), int(first["mZxid"], 16))
        self.run_("create -e @/e")
        self.assertNotEqual(fields(self.run_("stat @/e"))["ephemeralOwner"], "0x0")
        parent = fields(self.run_("ls -s @"))
        self.assertEqual((parent["cversion"], parent["numChildren"]), ("2", "2"))

    def test_versions(self):
        self.run_("create @/a one")
        self.expect("set -v 1 @/a two", "version No is not valid : @/a")
        self.expect("set -v 0 @/a two")
        self.expect("get @/a", "two")
        self.expect("delete -v 0 @/a", "version No is not valid : @/a")
        self.expect("delete -v 1 @/a")
        self.expect("delete @/a", "Node does not exist: @/a")
        self.expect("setAcl -v 7 @ world:anyone:cdrwa", "version No is not valid : @")

    def test_delete(self):
        self.run_("create @/a")
        self.run_("create @/a/b")
        self.run_("create @/a/b/c")
        self.expect("delete @/a", "Node not empty: @/a")
        self.expect("deleteall @/a")
        self.expect("ls @", "[]")

    def test_acl(self):
        self.run_("create @/a secret")
        self.expect("getAcl @/a", "'world,'anyone", ": cdrwa")
        self.expect("addauth digest user:pass")
        self.assertEqual(self.run_("whoami"),
                         ["Auth scheme: User", "ip: 127.0.0.1", "digest: user"])
        self.expect("setAcl @/a auth:user:pass:cdrwa")
        lines = self.run_("getAcl -s @/a")
        self.assertEqual(lines[:2], ["'digest,'user:smGaoVKd/cQkjm7b88GyorAUz20=", ": cdrwa"])
        self.assertEqual(fields(lines)["aclVersion"], "1")
        stranger = Shell(self.server.hosts)
        self.addCleanup(stranger.kill)
        refusal = f"Insufficient permission : {self.root}/a"
        self.assertEqual(stranger.run(f"get {self.root}/a"), [refusal])
        self.assertEqual(stranger.run(f"set {self.root}/a x"), [refusal])
        stranger.run("addauth digest user:pass")
        self.assertEqual(stranger.run(f"get {self.root}/a"), ["secret"])
        self.expect("setAcl -R @ world:anyone:cdrwa")
        self.expect("getAcl @/a", "'world,'anyone", ": cdrwa")
        self.expect("create @/b data digest:u:h:r", "Created @/b")
        self.expect("get @/b", "Insufficient permission : @/b")
        self.expect("setAcl @/a nosuch:x:r", "Acl is not valid : @/a")

    def test_sync(self):
        self.expect("sync @", "Sync is OK")

    def test_watches(self):
        self.run_("get -w @")
        self.run_("set @ one")
        self.shell.event("NodeDataChanged", self.root)
        self.run_("ls -w @")
        self.run_("create @/a")
        self.shell.event("NodeChildrenChanged", self.root)
        self.run_("stat -w @/a")
        self.run_("delete @/a")
        self.shell.event("NodeDeleted", f"{self.root}/a")
        self.run_("addWatch -m PERSISTENT @")
        for data in ("two", "three"):
            self.run_(f"set @ {data}")
            self.shell.event("NodeDataChanged", self.root)
        self.run_("create @/b")
        self.shell.event("NodeChildrenChanged", self.root)
        self.run_("removewatches @ -a")
        self.shell.event("PersistentWatchRemoved", self.root)
        self.run_("set @ four")
        self.run_("addWatch -m PERSISTENT_RECURSIVE @/b")
        for command, kind, path in (("create @/b/c", "NodeCreated", "/b/c"),
                                    ("set @/b/c 1", "NodeDataChanged", "/b/c"),
                                    ("set @/b 1", "NodeDataChanged", "/b"),
                                    ("delete @/b/c", "NodeDeleted", "/b/c")):
            self.run_(command)
            self.shell.event(kind, self.root + path)
        self.assertEqual(self.shell.events, [])

    def test_quota(self):
        self.run_("create @/x 12345")
        limits = "absolute path is /zookeeper/quota@/zookeeper_limits"
        self.expect("listquota @", limits, "quota for @ does not exist.")
        self.expect("setquota -n 100 @")
        self.expect("listquota @", limits,
                    "Output quota for @ count=100,bytes=-1=;byteHardLimit=-1;countHardLimit=-1",
                    "Output stat for @ count=2,bytes=8")
        self.expect("setquota -N 3 @")
        self.expect("create @/y 1", "Created @/y")
        self.expect("create @/z", "Quota has exceeded : @/z")
        self.expect("setquota -B 12 @")
        self.expect("set @/y 12345", "Quota has exceeded : @/y")
        self.expect("set @/y 1234")
        self.expect("listquota @", limits,
                    "Output quota for @ count=100,bytes=-1=;byteHardLimit=12;countHardLimit=3",
                    "Output stat for @ count=3,bytes=12")
        self.expect("delquota @")
        self.expect("listquota @", limits, "quota for @ does not exist.")
        self.expect("create @/z", "Created @/z")

    def test_config_and_unknown_commands(self):
        self.expect("config", )
        self.assertIn("Command not found: Command not found nonsense", self.run_("nonsense"))


@unittest.skipUnless(servers.ZooKeeper.installed(), "Debian's package zookeeper is not installed")
class QuitAndStatus(ServerCase):

    def test_quit_closes_the_session(self):
        shell = Shell(self.server.hosts)
        self.addCleanup(shell.kill)
        self.assertIn("Welcome to ZooKeeper!", shell.greeting)
        self.assertIn("[zookeeper]", shell.greeting)
        self.assertEqual(shell.run("create -e /quits x"), ["Created /quits"])
        shell.quit()
        after = Shell(self.server.hosts)
        self.addCleanup(after.kill)
        self.assertEqual(after.run("get /quits"), ["Node does not exist: /quits"])


if __name__ == "__main__":
    main()
