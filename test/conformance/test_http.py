#!/usr/bin/python3
"""The pages of gateway.http, and what it does with requests that are none."""

import contextlib
import json
import re
import socket

from support import servers
from support.case import main
from support.http import HttpCase
from support.servers import wait_until


class Pages(HttpCase):
    """What the gateway itself knows."""

    def test_index_names_pages_that_exist(self):
        for path in self.http.json("/"):
            self.assertEqual(self.http.get(path)[0], 200, path)

    def test_health(self):
        wait_until(lambda: self.http.get("/health")[0] == 200, "a healthy server")
        for path in ("/health", "/health/ready"):
            health = self.http.json(path)
            self.assertEqual((health["status"], health["reason"]), ("serving", None))
            self.assertEqual(set(health["components"].values()), {"ready"})
        self.assertEqual(self.http.json("/health/live"), {"status": "alive"})

    def test_status(self):
        status = self.http.json("/status")
        self.assertEqual((status["server"], status["mode"]), (1, "standalone"))
        self.assertTrue(status["ready"])
        self.assertGreater(status["uptime_ms"], 0)
        self.assertRegex(status["zxid"], r"^0x[0-9a-f]+$")
        self.assertIn("CAF", status["versions"])
        components = {one["name"]: one for one in status["components"]}
        self.assertEqual(components["tree"]["wires"], {"storage": "log"})
        self.assertEqual(components["clients"]["options"]["listen"], self.server.hosts)
        self.assertEqual(components["log"]["options"]["segment_bytes"], "64MiB")  # a default
        self.assertEqual(components["log"]["facts"]["log_format"], "1")
        self.assertFalse(components["http"]["needed"])

    def test_secrets_are_not_shown(self):
        text = self.http.get("/status")[2]
        self.assertNotIn(servers.SUPER_DIGEST.removeprefix("super:"), text)
        self.assertIn('"super_digest": "(not shown)"', text)

    def test_what_is_refused(self):
        for path, method, status in (
                ("/nosuch", "GET", 404), ("/metricsx", "GET", 404), ("/commandsx", "GET", 404),
                ("/health", "POST", 405), ("/commands/srst", "DELETE", 405),
                ("/%zz", "GET", 400), ("/commands/%2", "GET", 400)):
            with self.subTest(path=path, method=method):
                found, headers, body = self.http.get(path, method, b"" if method == "POST" else None)
                self.assertEqual(found, status)
                self.assertTrue(json.loads(body)["error"])
                if status == 405:
                    self.assertEqual(headers["Allow"], "GET, HEAD")

    def test_head_has_the_headers_only(self):
        status, headers, body = self.http.get("/status", "HEAD")
        self.assertEqual((status, body), (200, ""))
        self.assertGreater(int(headers["Content-Length"]), 1000)

    def raw(self, data, timeout_s=20.0):
        """What the server answers to bytes, until it closes or has said enough."""
        with socket.create_connection(("127.0.0.1", self.http.port), timeout=timeout_s) as link:
            with contextlib.suppress(OSError):  # it may have closed already
                link.sendall(data)
                link.shutdown(socket.SHUT_WR)
            parts = []
            with contextlib.suppress(ConnectionResetError):
                while part := link.recv(65536):
                    parts.append(part)
            return b"".join(parts)

    def test_bad_requests(self):
        for data in (b"GARBAGE\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nbroken\r\n\r\n",
                     b"\x00\x00\x00\x2c" + bytes(44)):
            with self.subTest(data=data):
                answer = self.raw(data)
                self.assertTrue(not answer or re.match(rb"HTTP/1.1 (4\d\d|501) ", answer), answer)
        self.assertTrue(self.http.answers())

    def test_endless_headers_are_cut(self):
        answer = self.raw(b"GET / HTTP/1.1\r\n" + b"x: " + b"a" * 2_000_000)
        self.assertNotIn(b" 200 ", answer)
        self.assertTrue(self.http.answers())

    def test_large_body_is_not_kept(self):
        answer = self.raw(b"POST /health HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n"
                          + b"a" * 3_000_000)
        self.assertTrue(not answer or answer.startswith(b"HTTP/1.1 405 "), answer[:100])
        self.assertTrue(self.http.answers())

    def test_pipelined_requests_are_answered_in_order(self):
        answer = self.raw(b"GET /health/live HTTP/1.1\r\n\r\nGET /nosuch HTTP/1.1\r\n\r\n"
                          b"GET / HTTP/1.1\r\n\r\n")
        self.assertEqual(re.findall(rb"HTTP/1.1 (\d+) ", answer), [b"200", b"404", b"200"])


if __name__ == "__main__":
    main()
