#!/usr/bin/python3
"""Wrong bytes at the client port, and wrong set-ups: told apart, explained, and survived.

CONFORMANCE_SEED chooses the random bytes.
"""

import os
import pathlib
import random
import re
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import unittest

from support import servers, wire
from support.case import ServerCase, main
from support.ports import free_port
from support.servers import four_letter, wait_until

SEED = int(os.environ.get("CONFORMANCE_SEED", "11"))


def closes(link):
    """Waits for the server to close; returns what it sent."""
    parts = []
    try:
        while part := link.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def finish(link):
    """Half-closes a connection that the server may have reset already."""
    try:
        link.shutdown(socket.SHUT_WR)
    except OSError:
        pass


class ClientPort(ServerCase):
    """Whatever one connection sends, the others are served."""

    def setUp(self):
        self.witness = self.wire()
        self.count = 0
        self.path = "/" + self.id().rpartition(".")[2]
        self.witness.ok(wire.create(self.path, b""))
        self.addCleanup(self.served)

    def served(self):
        """The witness, and a client that connects only now, read and write."""
        stat = self.witness.ok(wire.set_data(self.path, b"w", self.count))["stat"]
        self.assertEqual(stat.version, self.count + 1)
        self.count += 1
        late = wire.Wire.open(self.address)
        self.assertEqual(late.ok(wire.get_data(self.path))["data"], b"w")
        late.close()

    def link(self):
        opened = socket.create_connection(self.address, timeout=15)
        self.addCleanup(opened.close)
        return opened

    def test_random_bytes(self):
        print(f"seed {SEED}", file=sys.stderr)
        chance = random.Random(SEED)
        for _ in range(100):
            with socket.create_connection(self.address, timeout=15) as link:
                link.sendall(chance.randbytes(chance.randrange(1, 400)))
                finish(link)
                closes(link)
        self.served()

    def test_random_frames(self):
        """Well-formed lengths with random contents, before and after the handshake."""
        chance = random.Random(SEED + 1)
        for number in range(100):
            with socket.create_connection(self.address, timeout=15) as link:
                if number % 2:
                    record = wire.connect_record(5000)
                    link.sendall(wire.pack_int(len(record)) + record)
                for _ in range(5):
                    frame = chance.randbytes(chance.randrange(0, 100))
                    try:
                        link.sendall(wire.pack_int(len(frame)) + frame)
                    except OSError:
                        break
                finish(link)
                closes(link)
        self.served()

    def test_mutated_requests(self):
        """Valid requests with some bytes changed: an answer or a close, and nothing else."""
        chance = random.Random(SEED + 2)
        requests = [wire.create("/m/x", b"data"), wire.get_data("/m"), wire.set_data("/m", b"1"),
                    wire.multi(wire.create("/m/y"), wire.check("/m", 0), wire.delete("/m/y")),
                    wire.set_acl("/m"), wire.set_watches2(0, ["/m"], [], ["/m"], ["/m"], ["/m"]),
                    wire.auth("digest", b"u:p"), wire.create_ttl("/m/t", 5),
                    wire.add_watch("/m", 1), wire.multi_read(wire.get_data("/m"))]
        self.witness.call(wire.create("/m", b""))
        client = wire.Wire.open(self.address)
        answered = closed = 0
        for number in range(600):
            request = chance.choice(requests)
            body = bytearray(request.body)
            for _ in range(chance.randrange(1, 4)):
                body[chance.randrange(len(body))] = chance.randrange(256)
            packet = wire.pack_int(number + 1) + wire.pack_int(request.opcode) + bytes(body)
            try:
                client.send_frame(packet)
                while True:
                    xid, _, err = struct.unpack_from(">iqi", client.read_frame())
                    if xid == number + 1:
                        break
                    self.assertIn(xid, (wire.EVENT_XID,))
                self.assertLessEqual(err, 0)
                answered += 1
            except (wire.Closed, OSError):
                closed += 1
                client = wire.Wire.open(self.address)
        client.close()
        self.assertGreater(answered, 300, f"{closed} connections were closed")
        self.served()

    def test_wrong_lengths(self):
        for length in (-1, -2**31, 2**31 - 1, 1 << 20, 0x7f000000, 0x16030100):
            with self.subTest(length=length), socket.create_connection(self.address, 15) as link:
                link.sendall(struct.pack(">i", length))
                self.assertEqual(closes(link), b"")
            self.served()

    def test_half_frames(self):
        record = wire.connect_record(5000)
        packet = wire.pack_int(len(record)) + record
        for cut in range(1, len(packet)):
            with socket.create_connection(self.address, timeout=15) as link:
                link.sendall(packet[:cut])
                finish(link)
                closes(link)
        self.served()

    def test_half_requests_inside_a_session(self):
        request = wire.create(f"{self.path}/never", b"x")
        payload = wire.pack_int(1) + wire.pack_int(request.opcode) + request.body
        packet = wire.pack_int(len(payload)) + payload
        for cut in (1, 3, 4, 7, 11, 12, len(packet) - 1):
            client = wire.Wire.open(self.address)
            client.send_bytes(packet[:cut])
            client.half_close()
            with self.assertRaises((wire.Closed, OSError)):
                client.read_frame()
            client.drop()
        self.assertEqual(self.witness.call(wire.exists(f"{self.path}/never")).err, -101)

    def test_silent_connections(self):
        """Connections that say nothing cost nothing and hinder nobody."""
        silent = [self.link() for _ in range(50)]
        half = [self.link() for _ in range(50)]
        for link in half:
            link.sendall(b"\0\0\0\x2d\0\0")
        self.served()
        for link in silent + half:
            link.close()
        self.served()

    def test_connections_are_given_back(self):
        def count():
            text = four_letter(self.address, "mntr")
            return int(re.search(r"zk_num_alive_connections\s+(\d+)", text)[1])
        before = count()
        for _ in range(100):
            with socket.create_connection(self.address, timeout=15) as link:
                link.sendall(b"\xff\xff\xff\xff")
                closes(link)
        wait_until(lambda: count() <= before, "the broken connections to be forgotten")

    def test_client_that_does_not_read(self):
        """Answers pile up for one client: it is held back, the others are not."""
        self.witness.ok(wire.set_data(self.path, b"x" * 900000, self.count))
        self.count += 1
        greedy = wire.Wire.open(self.address, timeout_ms=20000)
        for _ in range(200):
            try:
                greedy._socket.settimeout(0.2)
                greedy.submit(wire.get_data(self.path))
            except (TimeoutError, OSError):
                break
        self.served()
        greedy.drop()

    def test_pipelined_garbage_behind_valid_requests(self):
        client = wire.Wire.open(self.address)
        request = wire.create(f"{self.path}/valid", b"x")
        _, frame = client.encode(request)
        client.send_bytes(frame + b"\xff\xff\xff\xff garbage")
        client.wait_closed()
        wait_until(lambda: self.witness.call(wire.exists(f"{self.path}/valid")).err == 0,
                   "the valid request to be executed")
        client.drop()

    def test_http_and_tls_at_the_client_port(self):
        for hello in (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
                      b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc"):
            with socket.create_connection(self.address, timeout=15) as link:
                link.sendall(hello)
                closes(link)
        self.served()


CONFIG = """\
troupe: 1
node: { id: 1, data_dir: ./data }
components:
  log:      { type: storage.memory }
  zab:      { type: broadcast.local }
  tree:     { type: tree.znode }
  sessions: { type: session.replicated }
  clients:  { type: gateway.zookeeper, listen: "127.0.0.1:0" }
"""


@unittest.skipUnless(servers.chosen() == "troupe", "these are about Troupe's own set-up")
class SetUp(unittest.TestCase):
    """Errors that a person can cause: exit code, what, where, what to do."""

    def setUp(self):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="bad-input-"))
        self.addCleanup(shutil.rmtree, self.home, ignore_errors=True)

    def troupe(self, *arguments, config=None):
        """Runs the program, which must refuse; returns what it said."""
        line = [servers.troupe_program(), "run"]
        if config is not None:
            path = self.home / "deployment.yaml"
            path.write_text(config, "utf-8")
            line.append(str(path))
        try:
            ended = subprocess.run([*line, *map(str, arguments)], capture_output=True, text=True,
                                   timeout=20, cwd=self.home, check=False)
        except subprocess.TimeoutExpired as running:
            self.fail(f"it runs instead of refusing: {running.stdout} {running.stderr}")
        said = ended.stdout + ended.stderr
        self.assertGreater(ended.returncode, 0, f"exit code {ended.returncode}: {said}")
        self.assertNotRegex(said, r"terminate called|Assertion|AddressSanitizer|std::")
        return said

    def test_missing_file(self):
        said = self.troupe(self.home / "nothing.yaml")
        self.assertIn("nothing.yaml", said)
        self.assertRegex(said, r"(?i)no such file|not (be )?(found|opened|read)|does not exist")

    def test_directory_instead_of_a_file(self):
        self.assertIn(str(self.home), self.troupe(self.home))

    def test_wrong_yaml(self):
        """Every mistake is shown with file and line, all of them before anything starts."""
        cases = {
            "syntax": (CONFIG.replace("node: {", "node: {{"), "", 2),
            "tab": (CONFIG.replace("  tree:", "\ttree:"), "", 6),
            "unknown key": (CONFIG.replace("data_dir", "data_dri"), "data_dri", 2),
            "unknown type": (CONFIG.replace("tree.znode", "tree.znod"), "tree.znod", 6),
            "unknown option": (CONFIG.replace("listen:", "lisen:"), "lisen", 8),
            "no version": (CONFIG.replace("troupe: 1\n", ""), "troupe", 0),
            "other version": (CONFIG.replace("troupe: 1", "troupe: 99"), "99", 1),
            "wrong unit": (CONFIG.replace("session.replicated",
                                          "session.replicated, timeout: { min: 4parsecs }"),
                           "4parsecs", 7),
            "twice": (CONFIG + "  tree: { type: tree.znode }\n", "tree", 9),
            "missing need": (CONFIG.replace("  tree:     { type: tree.znode }\n", ""), "tree", 0),
            "not a map": ("- 1\n- 2\n", "", 1),
            "empty": ("", "", 0),
            "binary": ("\x01\x02\x7f\n", "", 0),
        }
        for name, (config, culprit, line) in cases.items():
            with self.subTest(name):
                said = self.troupe(config=config)
                self.assertIn("deployment.yaml", said)
                self.assertIn(culprit, said)
                if line:
                    self.assertRegex(said, rf"deployment\.yaml:{line}\b")

    def test_did_you_mean(self):
        for wrong, right in (("data_dri", "data_dir"), ("tree.znod", "tree.znode"),
                             ("lisen", "listen")):
            said = self.troupe(config=CONFIG.replace(right, wrong, 1))
            self.assertRegex(said, rf"(?i)did you mean.*{re.escape(right)}")

    def test_several_mistakes_at_once(self):
        config = CONFIG.replace("listen:", "lisen:").replace("tree.znode", "tree.znod")
        said = self.troupe(config=config)
        self.assertIn("lisen", said)
        self.assertIn("tree.znod", said)

    def test_wrong_set_option(self):
        for setting in ("clients.lisen=127.0.0.1:1", "nothing.at=all", "clients.listen", "=",
                        "clients.listen=no-such-host.invalid:x"):
            with self.subTest(setting):
                said = self.troupe("--set", setting, config=CONFIG)
                self.assertTrue(said.strip())
                self.assertIn(setting.partition("=")[0].rpartition(".")[2], said)

    def test_port_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            said = self.troupe("--set", f"clients.listen=127.0.0.1:{port}", config=CONFIG)
        self.assertIn(str(port), said)
        self.assertRegex(said, r"(?i)in use")

    def test_second_server_on_the_same_directory(self):
        single = servers.troupe_config("single.yaml")
        with servers.Troupe(config=single, data_dir=self.home / "data") as first:
            client = wire.Wire.open(first.address)
            client.ok(wire.create("/mine", b"x"))
            said = self.troupe(single, "--set", f"node.data_dir={self.home / 'data'}",
                               "--set", f"clients.listen=127.0.0.1:{free_port()}",
                               "--set", "native.listen=127.0.0.1:0")
            self.assertIn(str(self.home / "data"), said)
            self.assertRegex(said, r"(?i)lock|in use|already|another")
            self.assertEqual(client.ok(wire.get_data("/mine"))["data"], b"x")
            client.close()
        with servers.Troupe(config=single, data_dir=self.home / "data") as again:
            client = wire.Wire.open(again.address)
            self.assertEqual(client.ok(wire.get_data("/mine"))["data"], b"x")
            client.close()

    def refused_directory(self, directory):
        said = self.troupe(servers.troupe_config("single.yaml"), "--set",
                           f"node.data_dir={directory}", "--set",
                           f"clients.listen=127.0.0.1:{free_port()}", "--set",
                           "native.listen=127.0.0.1:0")
        self.assertIn(str(directory), said)

    def test_directory_that_cannot_be_made(self):
        (self.home / "file").write_text("a file", "utf-8")
        self.refused_directory(self.home / "file" / "data")
        self.refused_directory("/proc/troupe-data")

    def test_directory_is_a_file(self):
        (self.home / "file").write_text("a file", "utf-8")
        self.refused_directory(self.home / "file")

    def test_read_only_directory(self):
        directory = self.home / "read-only"
        directory.mkdir()
        directory.chmod(0o555)
        if os.access(directory, os.W_OK):
            self.skipTest("this user may write everywhere; see the tests with other directories")
        self.refused_directory(directory)

    def test_terminate(self):
        server = servers.Troupe().start()
        try:
            client = wire.Wire.open(server.address)
            client.ok(wire.create("/x"))
            self.assertEqual(server.stop(), 0, server.log_tail())
            client.drop()
        finally:
            server.remove()


if __name__ == "__main__":
    main()
