"""Requests to gateway.http, a strict reader of Prometheus's text format, and a base for test cases."""

import json
import re
import urllib.error
import urllib.request

from . import servers
from .case import ServerCase
from .ports import free_port


class Http:
    """Requests to one address."""

    def __init__(self, port, host="127.0.0.1"):
        self.port = port
        self.host = host

    def get(self, path, method="GET", data=None, timeout_s=10.0):
        """Status, headers and body."""
        request = urllib.request.Request(f"http://{self.host}:{self.port}{path}", data=data,
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

    def answers(self, path="/health/live"):
        try:
            return self.get(path)[0] == 200
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


class HttpCase(ServerCase):
    """A server for all tests of a class, with its HTTP gateway on a free port."""

    config = "single.yaml"
    options = {}

    @classmethod
    def setUpClass(cls):
        port = free_port()
        cls.server_options = {"which": "troupe", "config": servers.troupe_config(cls.config),
                              "options": {"http.listen": f"127.0.0.1:{port}", **cls.options}}
        super().setUpClass()
        cls.http = Http(port)
        servers.wait_until(cls.http.answers, "the HTTP gateway")

    def ask(self, word):
        """A four-letter word's answer."""
        return servers.four_letter(self.address, word)
