"""gateway.http: every endpoint of a real server, /metrics taken apart strictly, /commands compared
with the four-letter words of the same server and with a real ZooKeeper's AdminServer."""

import contextlib
import json
import os
import pathlib
import re
import socket
import unittest
import urllib.error
import urllib.request

from support import servers, wire
from support.case import main
from support.servers import four_letter, free_port, wait_until

DOCUMENT = servers.ROOT / "docs" / "metrics.md"
JARS = pathlib.Path("/usr/share/java")


class Http:
    """Requests to one address."""

    def __init__(self, port):
        self.port = port

    def get(self, path, method="GET", data=None, timeout_s=10.0):
        """Status, headers and body."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data,
                                         method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout_s) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.headers, answer.read().decode()

    def json(self, path, status=200):
        found, headers, body = self.get(path)
        assert found == status, (path, found, body)
        assert headers["Content-Type"] == "application/json", headers
        return json.loads(body)

    def command(self, name):
        return self.json(f"/commands/{name}")

    def metrics(self):
        status, headers, body = self.get("/metrics")
        assert status == 200
        assert headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        return parse_metrics(body)

    def answers(self):
        try:
            return self.get("/health/live")[0] == 200
        except OSError:
            return False


NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)$")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,|$)')


def parse_labels(text):
    """Labels as a dictionary; every byte of `text` must belong to one."""
    labels = {}
    at = 0
    while at < len(text):
        match = LABEL.match(text, at)
        assert match, f"no label at {at} of {text}"
        assert match[1] not in labels, f"label {match[1]} twice in {text}"
        labels[match[1]] = match[2]
        at = match.end()
    return labels


def parse_metrics(text):
    """Families of the text format by name: (type, help, {(sample name, labels): value}). Strict:
    help, type and samples in one block each, no series twice, counters end in _total, histograms
    are complete and cumulative."""
    assert text.endswith("\n"), "the last line is not finished"
    families = {}
    current = None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, explanation = line.split(" ", 3)
            assert name not in families, f"{name} twice"
            current = name
            families[name] = ["", explanation, {}]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == current and not families[name][2], line
            families[name][0] = kind
        else:
            match = SAMPLE.match(line)
            assert match, f"no sample: {line}"
            base = match[1]
            if families[current][0] == "histogram":
                base = re.sub(r"_(bucket|sum|count)$", "", base)
            assert base == current, f"{line} stands below {current}"
            labels = tuple(sorted(parse_labels(match[2] or "").items()))
            assert (match[1], labels) not in families[current][2], f"{line} twice"
            families[current][2][match[1], labels] = float(match[3])
    for name, (kind, explanation, samples) in families.items():
        assert kind in ("counter", "gauge", "histogram"), (name, kind)
        assert explanation and samples, name
        assert (kind == "counter") == name.endswith("_total"), (name, kind)
        if kind == "histogram":
            check_histogram(name, samples)
    return families


def check_histogram(name, samples):
    series = {}
    for (sample, labels), value in samples.items():
        if sample == f"{name}_bucket":
            rest = tuple(pair for pair in labels if pair[0] != "le")
            series.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    for labels, buckets in series.items():
        assert buckets == sorted(buckets), f"{name} is not cumulative: {buckets}"
        assert buckets[-1][0] == float("inf")
        assert buckets[-1][1] == samples[f"{name}_count", labels]
        assert (f"{name}_sum", labels) in samples


def documented_metrics():
    """The names in the tables of docs/metrics.md."""
    return set(re.findall(rf"^\| `({NAME})` \|", DOCUMENT.read_text(), re.MULTILINE))


class HttpCase(unittest.TestCase):
    """A server for all tests of a class, with its HTTP gateway on a free port."""

    config = "single.yaml"
    options = {}

    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.server = cls.enterClassContext(servers.running(
            "troupe", config=servers.troupe_config(cls.config),
            options={"http.listen": f"127.0.0.1:{port}", **cls.options}))
        cls.http = Http(port)
        wait_until(cls.http.answers, "the HTTP gateway")

    def wire(self, **kwargs):
        session = wire.connect(self.server.address, **kwargs)
        self.addCleanup(session.close)
        return session

    def ask(self, word):
        return four_letter(self.server.address, word)

    if not hasattr(unittest.TestCase, "enterClassContext"):
        @classmethod
        def enterClassContext(cls, manager):
            value = manager.__enter__()
            cls.addClassCleanup(manager.__exit__, None, None, None)
            return value


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
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
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


class Metrics(HttpCase):
    """/metrics against its documentation and against what was done."""

    def value(self, families, name, **labels):
        values = [value for (_, found), value in families[name][2].items()
                  if labels.items() <= dict(found).items()]
        self.assertEqual(len(values), 1, (name, labels))
        return values[0]

    def test_what_is_exported_is_documented_and_the_other_way_round(self):
        self.assertEqual(set(self.http.metrics()), documented_metrics())

    def test_series_carry_component_and_type(self):
        for name, (_, _, samples) in self.http.metrics().items():
            if name.startswith("process_") or name in ("troupe_build_info",
                                                       "troupe_uptime_seconds"):
                continue
            for _, labels in samples:
                self.assertLessEqual({"component", "type"}, set(dict(labels)), name)

    def test_counts_follow_what_is_done(self):
        session = self.wire()
        before = self.http.metrics()
        session.ok(wire.create("/metrics", b"12345"))
        for _ in range(7):
            session.call(wire.exists("/metrics"))
        session.call(wire.get_data("/metrics", watch=True))
        after = self.http.metrics()

        def grown(name, **labels):
            return self.value(after, name, **labels) - self.value(before, name, **labels)

        requests = "troupe_zookeeper_requests_total"
        self.assertEqual(grown(requests, operation="create"), 1)
        self.assertEqual(grown(requests, operation="exists"), 7)
        self.assertEqual(grown(requests, operation="getData"), 1)
        self.assertEqual(grown("troupe_storage_transactions_total"), 1)
        self.assertGreater(grown("troupe_storage_appended_bytes_total"), 5)
        self.assertEqual(grown("troupe_tree_znodes"), 1)
        self.assertEqual(grown("troupe_tree_watches"), 1)
        latency = after["troupe_zookeeper_request_seconds"][2]
        earlier = before["troupe_zookeeper_request_seconds"][2]
        count = [key for key in latency if key[0].endswith("_count")][0]
        self.assertEqual(latency[count] - earlier[count], 9)
        self.assertEqual(self.value(after, "troupe_broadcast_writable"), 1)
        session.ok(wire.delete("/metrics"))

    def test_counters_survive_srst(self):
        before = self.value(self.http.metrics(), "troupe_zookeeper_packets_received_total")
        self.http.command("srst")
        after = self.value(self.http.metrics(), "troupe_zookeeper_packets_received_total")
        self.assertGreaterEqual(after, before)

    def test_sessions_by_cause(self):
        closed = "troupe_session_closed_total"
        before = self.value(self.http.metrics(), closed, cause="client")
        session = wire.connect(self.server.address)
        session.call(wire.close_session())
        self.assertEqual(self.value(self.http.metrics(), closed, cause="client"), before + 1)

    def test_process_facts(self):
        families = self.http.metrics()
        resident = self.value(families, "process_resident_memory_bytes")
        with open(f"/proc/{self.server.pid}/statm") as statm:
            real = int(statm.read().split()[1]) * os.sysconf("SC_PAGESIZE")
        self.assertLess(abs(resident - real), 4 << 20)
        files = len(os.listdir(f"/proc/{self.server.pid}/fd"))
        self.assertLess(abs(self.value(families, "process_open_fds") - files), 5)


if __name__ == "__main__":
    main()
