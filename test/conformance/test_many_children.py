#!/usr/bin/python3
"""A node with very many children: made, listed, and gone again, while others are served.

TROUPE_CHILDREN is their number; 1,000,000 takes some minutes.
"""

import os
import struct
import sys
import threading
import time

from support import hostile, wire
from support.case import main

COUNT = int(os.environ.get("TROUPE_CHILDREN", "100000"))
PER_MULTI = 500
NAME = "child-%07d"


class ManyChildren(hostile.HostileCase):
    def make(self, parent):
        """Creates all of them, in multis that do not wait for one another."""
        tickets = []
        for first in range(0, COUNT, PER_MULTI):
            names = [NAME % i for i in range(first, min(first + PER_MULTI, COUNT))]
            tickets.append(self.witness.submit(
                wire.multi(*[wire.create(f"{parent}/{name}", b"") for name in names])))
            if len(tickets) > 20:
                self.assertEqual(self.witness.wait(tickets.pop(0)).err, 0)
        for ticket in tickets:
            self.assertEqual(self.witness.wait(ticket).err, 0)

    def listed(self, link, parent):
        """Lists the children raw, because the tests' own decoder would take longer; the reply."""
        link.sendall(hostile.request_frame(1, wire.get_children(parent)))
        return hostile.receive_frame(link)

    def test_listing(self):
        parent = self.path + "/many"
        self.witness.ok(wire.create(parent, b""))
        self.make(parent)
        link = hostile.greeted(self.address)
        payload = self.listed(link, parent)
        xid, _, error, count = struct.unpack_from(">iqii", payload)
        self.assertEqual((xid, error, count), (1, 0, COUNT))
        self.assertEqual(len(payload), 20 + COUNT * (4 + len(NAME % 0)))
        self.assertEqual(payload[24:24 + len(NAME % 0)].decode()[:6], NAME[:6])

        before = self.rss_mib()
        latency = Latency(self.address, self.path)
        began = time.monotonic()
        for _ in range(5):
            self.listed(link, parent)
        each = (time.monotonic() - began) / 5
        print(f"{COUNT} children: listed in {each * 1000:.0f} ms; meanwhile another client waited "
              f"{latency.stop() * 1000:.1f} ms at most", file=sys.stderr)
        megabytes = len(payload) / (1 << 20)
        self.assertLess(self.rss_mib(), before + 8 * megabytes + 20, "memory comes back")
        self.unread(parent, megabytes)
        link.close()

    def unread(self, parent, megabytes):
        """Many listings asked for at once and never read: only a few are made."""
        before = self.rss_mib()
        links = [hostile.greeted(self.address, receive_buffer=4096) for _ in range(3)]
        for link in links:
            link.sendall(b"".join(hostile.request_frame(i + 1, wire.get_children(parent))
                                  for i in range(64)))
        for _ in range(20):
            self.served()
        self.served_anew()
        self.assertLess(self.rss_mib(), before + len(links) * 4 * megabytes * 2 + 60)
        for link in links:
            link.close()


class Latency(threading.Thread):
    """Reads in a loop; the longest time that one took."""

    def __init__(self, address, path):
        super().__init__(daemon=True)
        self.longest = 0.0
        self._client = wire.Wire.open(address)
        self._path = path
        self._ended = threading.Event()
        self.start()

    def run(self):
        while not self._ended.is_set():
            began = time.monotonic()
            self._client.ok(wire.get_data(self._path))
            self.longest = max(self.longest, time.monotonic() - began)

    def stop(self):
        self._ended.set()
        self.join()
        self._client.close()
        return self.longest


if __name__ == "__main__":
    main()
