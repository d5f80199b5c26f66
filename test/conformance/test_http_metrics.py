#!/usr/bin/python3
"""/metrics, taken apart strictly: against its documentation and against what was done."""

import os
import re

from support import servers, wire
from support.case import main
from support.http import NAME, HttpCase

DOCUMENT = servers.ROOT / "docs" / "metrics.md"


def documented_metrics(types):
    """The names in the tables of docs/metrics.md, without those of other component types."""
    names = set()
    for section in DOCUMENT.read_text().split("\n## "):
        title = section.split("\n", 1)[0]
        if "." not in title or title in types:
            names.update(re.findall(rf"^\| `({NAME})` \|", section, re.MULTILINE))
    return names


class Metrics(HttpCase):
    """/metrics against its documentation and against what was done."""

    def value(self, families, name, **labels):
        values = [value for (_, found), value in families[name][2].items()
                  if labels.items() <= dict(found).items()]
        self.assertEqual(len(values), 1, (name, labels))
        return values[0]

    def test_what_is_exported_is_documented_and_the_other_way_round(self):
        exported = self.http.metrics()
        types = {dict(labels).get("type") for _, _, samples in exported.values()
                 for _, labels in samples}
        self.assertEqual(set(exported), documented_metrics(types))

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
        session = wire.Wire.open(self.address)
        session.close()
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
