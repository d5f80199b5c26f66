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
from support.case import Worker, main

COUNT = int(os.environ.get("TROUPE_CHILDREN", "100000"))
PER_MULTI = 500
NAME = "child-%07d"
LATER = "later-%07d"
NAME_BYTES = len(NAME % 0)
CHILDREN_CHANGED = 4


class Many(hostile.HostileCase):
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


class ManyChildren(Many):
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
        self.changed(link, parent)
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

    def changed(self, link, parent):
        """Lists while the witness changes the children in a known order: each list is that of one
        moment, with the Stat of that moment, and the event of the next change comes behind it."""
        ended = threading.Event()
        zxids = []

        def change():
            for number in range(COUNT):
                if ended.is_set():
                    return
                self.witness.ok(wire.delete(f"{parent}/{NAME % number}"))
                zxids.append(self.witness.last_zxid)
                self.witness.ok(wire.create(f"{parent}/{LATER % number}", b""))
                zxids.append(self.witness.last_zxid)

        changing = Worker(change)
        seen = []
        for _ in range(5):
            seen.append(self.list_and_event(link, parent))
        ended.set()
        changing.finish()
        for changes, zxid, event_zxid in seen:
            self.assertEqual(zxids[changes - 1] if changes else zxid, zxid)
            self.assertEqual(zxids[changes], event_zxid)
        self.assertGreater(seen[-1][0], seen[0][0], "writes go on meanwhile")

    def list_and_event(self, link, parent):
        """How many changes a list shows, their zxid, and that of the event behind it."""
        link.sendall(hostile.request_frame(1, wire.get_children2(parent, watch=True)))
        payload = hostile.receive_frame(link)
        xid, _, error, count = struct.unpack_from(">iqii", payload)
        self.assertEqual((xid, error), (1, 0))
        step = 4 + NAME_BYTES
        end = 20 + count * step
        names = {payload[at + 4:at + step] for at in range(20, end, step)}
        pzxid, = struct.unpack_from(">q", payload, end + 60)
        children_changed, = struct.unpack_from(">i", payload, end + 36)
        # Every creation and every deletion counts one.
        changes = children_changed - COUNT
        removed, added = (changes + 1) // 2, changes // 2
        expected = {(NAME % i).encode() for i in range(removed, COUNT)}
        expected.update((LATER % i).encode() for i in range(added))
        self.assertEqual(len(names), count, "no name comes twice")
        self.assertEqual(names, expected)
        event = hostile.receive_frame(link)
        xid, zxid, _, kind = struct.unpack_from(">iqii", event)
        self.assertEqual((xid, kind), (-1, CHILDREN_CHANGED))
        return changes, pzxid, zxid


class Crowd(Many):
    """Many clients that ask for the list and never read it, at a server with little room."""

    LIMIT_MIB = 64
    CLIENTS = 200
    server_options = {"options": {"clients.max_held_bytes": f"{LIMIT_MIB}MiB"}}

    def test_crowd(self):
        parent = self.path + "/many"
        self.witness.ok(wire.create(parent, b""))
        self.make(parent)
        before = self.rss_mib()
        listing = COUNT * (4 + NAME_BYTES) / (1 << 20)
        links = [hostile.greeted(self.address, receive_buffer=4096) for _ in range(self.CLIENTS)]
        most = 0
        for link in links:
            link.sendall(b"".join(hostile.request_frame(i + 1, wire.get_children(parent))
                                  for i in range(4)))
            self.served()
            most = max(most, self.rss_mib())

        # Lists are made one after another; when one that is asked for now is here, the others are.
        reader = hostile.greeted(self.address)
        reader.settimeout(120)
        self.assertEqual(len(self.listed(reader, parent)), 20 + COUNT * (4 + NAME_BYTES))
        reader.close()
        most = max(most, self.rss_mib())
        self.served_anew()
        held = int(hostile.monitor(self.address)["zk_held_bytes"]) / (1 << 20)
        print(f"{self.CLIENTS} clients that do not read {listing:.0f} MiB each: {most - before:.0f} "
              f"MiB more at most", file=sys.stderr)
        self.assertLess(held, self.LIMIT_MIB + 1)
        self.assertLess(most, before + self.LIMIT_MIB + listing + 40)
        if listing * self.CLIENTS > 4 * self.LIMIT_MIB:
            self.assert_logged("connection_closed", "max_held_bytes")
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
