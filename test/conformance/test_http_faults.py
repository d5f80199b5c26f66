#!/usr/bin/python3
"""gateway.http when things go wrong: it never takes the server down, and nobody blocks others."""

import contextlib
import os
import pathlib
import socket
import subprocess
import tempfile

from support import servers, wire
from support.case import main
from support.http import Http, HttpCase
from support.ports import free_port
from support.servers import wait_until


class PortInUse(HttpCase):
    """The server serves without its HTTP gateway, which comes when the port is free."""

    @classmethod
    def setUpClass(cls):
        cls.taken = socket.create_server(("127.0.0.1", 0))
        port = cls.taken.getsockname()[1]
        cls.server_options = {"which": "troupe", "config": servers.troupe_config("single.yaml"),
                              "options": {"http.listen": f"127.0.0.1:{port}"}}
        super(HttpCase, cls).setUpClass()
        cls.http = Http(port)

    def test_conflict(self):
        session = self.wire()
        session.ok(wire.create("/served", b""))
        log = self.server.log_path
        wait_until(lambda: log.read_text().count("component_restarts component=http") >= 2,
                   "another try")
        text = log.read_text()
        self.assertRegex(text, "http cannot listen on 127.0.0.1:[0-9]+: Address already in use. "
                               "The server goes on without it")
        self.assertIn("info ready", text)
        self.taken.close()
        wait_until(self.http.answers, "the HTTP gateway, once its port is free", timeout_s=60)
        session.ok(wire.delete("/served"))
        status = self.http.json("/status")
        restarts = {one["name"]: one["restarts"] for one in status["components"]}
        self.assertGreaterEqual(restarts.pop("http"), 2)
        self.assertEqual(set(restarts.values()), {0})
        self.assertEqual(self.server.stop(), 0)


class SlowClients(HttpCase):
    """Clients that dawdle lose their place, and never somebody else's."""

    options = {"http.max_connections": "8", "http.request_timeout": "1s"}

    def test_slow_heads(self):
        with contextlib.ExitStack() as all_slow:
            for _ in range(40):
                link = all_slow.enter_context(socket.create_connection(
                    ("127.0.0.1", self.http.port), timeout=30))
                link.sendall(b"GET /metrics HTTP/1.1\r\nx: ")
            wait_until(self.http.answers, "an answer beside 40 slow clients")
            self.assertEqual(self.http.get("/health")[0], 200)
            self.wire().call(wire.exists("/"))
            self.assertEqual(link.recv(100), b"")  # closed for its silence
        families = self.http.metrics()
        closed = families["troupe_http_connections_closed_for_room_total"][2]
        self.assertGreater(sum(closed.values()), 0)

    def test_clients_that_do_not_read(self):
        with contextlib.ExitStack() as all_deaf:
            for _ in range(6):
                link = all_deaf.enter_context(socket.socket())
                link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
                link.connect(("127.0.0.1", self.http.port))
                link.sendall(b"GET /metrics HTTP/1.1\r\n\r\n" * 300)
            wait_until(self.http.answers, "an answer beside clients that do not read")
            self.assertEqual(self.http.get("/metrics")[0], 200)
            self.wire().call(wire.exists("/"))


class Starting(HttpCase):
    """Health says why it is not well."""

    def test_stopped_components_are_told_apart(self):
        # A process that is stopped by a signal does not answer, and says so by not answering.
        self.server.pause()
        try:
            with self.assertRaises(OSError):
                self.http.get("/health", timeout_s=0.5)
        finally:
            self.server.unpause()
        wait_until(lambda: self.http.get("/health")[0] == 200, "a healthy server")

    def test_after_kill_9_the_port_is_taken_again(self):
        self.server.kill9()
        self.server.start()
        wait_until(lambda: self.http.answers("/health"), "the HTTP gateway of the next process")


class OtherReactor(HttpCase):
    """The gateway on a thread that is not the supervisor's, which makes it."""

    options = {"runtime.reactors": "2", "http.on": "1"}

    def test_works_and_stops(self):
        self.assertEqual(self.http.get("/metrics")[0], 200)
        self.assertEqual(self.http.get("/commands/stat")[0], 200)
        self.assertEqual(self.server.stop(), 0)
        self.assertNotIn("component_failed", self.server.log_path.read_text())


class FullDisk(HttpCase):
    """read_only, as long as there is no space."""

    def test_read_only(self):
        if os.geteuid() != 0:
            self.skipTest("mounting a small file system needs root")
        home = pathlib.Path(tempfile.mkdtemp(prefix="http-small-"))
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", str(home)],
                                 capture_output=True, check=False)
        if mounted.returncode != 0:
            home.rmdir()
            self.skipTest("no file system can be mounted here")
        try:
            self.fill(home)
        finally:
            subprocess.run(["umount", "-l", str(home)], check=True)
            home.rmdir()

    def fill(self, home):
        port = free_port()
        options = {"http.listen": f"127.0.0.1:{port}", "log.segment_bytes": "1MiB"}
        with servers.running("troupe", config=servers.troupe_config("single.yaml"),
                             options=options, data_dir=home / "data") as server:
            http = Http(port)
            wait_until(lambda: http.answers("/health"), "a healthy server")
            ballast = home / "ballast"
            with open(ballast, "wb") as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(65536))
                    file.flush()
            session = wire.Wire.open(server.address)
            number = 0
            while session.call(wire.create(f"/full{number}", bytes(60000))).err == 0:
                number += 1
            health = wait_until(lambda: self.unwell(http), "a health that says what is wrong")
            self.assertEqual(health["status"], "read_only")
            self.assertIn(str(home / "data"), health["reason"])
            self.assertEqual(http.get("/health/live")[0], 200)
            self.assertEqual(http.get("/commands/ruok")[0], 200)
            ballast.unlink()
            wait_until(lambda: http.answers("/health"), "writes are taken again")
            session.close()

    @staticmethod
    def unwell(http):
        status, _, _ = http.get("/health")
        return http.json("/health", 503) if status == 503 else None


if __name__ == "__main__":
    main()
