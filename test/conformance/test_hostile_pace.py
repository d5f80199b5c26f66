#!/usr/bin/python3
"""Clients that write too slowly or do not read: bounded in memory, closed for a logged reason, and
nobody else waits for them."""

import select
import struct

from support import hostile, wire
from support.case import Worker, main
from support.servers import wait_until


class SlowWriters(hostile.HostileCase):
    server_options = {"options": {"clients.handshake_timeout": "1s"}}

    def drip(self, link, data):
        """Sends byte by byte, each when the server had time to close; true if it did."""
        for byte in data:
            if select.select([link], [], [], 0.03)[0]:
                return hostile.is_closed(link)
            try:
                link.sendall(bytes([byte]))
            except OSError:
                return True
        return False

    def test_handshake_byte_by_byte(self):
        link = hostile.connect(self.address)
        record = hostile.frame(wire.connect_record(5000) + b"\0" * 1000)
        self.assertTrue(self.drip(link, record))
        self.assert_logged("connection_closed", hostile.HOSTILE_ADDRESS,
                           "handshake_timeout (1000 ms)")
        self.served_anew()

    def test_silence_before_a_session(self):
        links = [hostile.connect(self.address) for _ in range(100)]
        links[0].sendall(b"mnt")
        for link in links:
            self.assertEqual(hostile.read_to_end(link), b"")
        self.served_anew()

    def test_packet_byte_by_byte_in_a_session(self):
        """It counts as a sign of life, and holds no more than the packet."""
        link = hostile.greeted(self.address, timeout_ms=1000)
        packet = hostile.request_frame(5, wire.create(self.path + "/slow", b"x"))
        self.assertFalse(self.drip(link, packet))
        link.settimeout(15)
        self.assertEqual(struct.unpack_from(">iqi", hostile.receive_frame(link))[::2], (5, 0))
        # Half of one and then silence ends with the session's timeout.
        link.sendall(packet[:-1])
        self.assertEqual(hostile.read_to_end(link), b"")


class HalfPackets(hostile.HostileCase):
    server_options = {"options": {"clients.max_held_bytes": "8MiB"}}

    def test_half_packets(self):
        """More of them than fit: those that hold most go, and say why."""
        before = self.rss_mib()
        links = [hostile.greeted(self.address) for _ in range(40)]
        for link in links:
            try:
                link.sendall(struct.pack(">i", 900_000) + b"x" * 800_000)
            except OSError:
                pass  # closed already
        wait_until(lambda: any(hostile.is_closed(link) for link in links), "one to be closed")
        self.served_anew()
        self.assertLess(self.rss_mib(), before + 8 + 20)
        self.assert_logged("connection_closed", hostile.HOSTILE_ADDRESS,
                           "max_held_bytes (8388608)")
        self.assertLess(int(hostile.monitor(self.address)["zk_held_bytes"]), 8 << 20)
        for link in links:
            link.close()


class SlowReaders(hostile.HostileCase):
    LIMIT_MIB = 64
    server_options = {"options": {"clients.max_held_bytes": f"{LIMIT_MIB}MiB"}}

    def setUp(self):
        super().setUp()
        self.big = self.path + "-big"
        self.witness.ok(wire.create(self.big, b"x" * 900_000))

    def test_large_answers_that_nobody_reads(self):
        before = self.rss_mib()
        links = [hostile.greeted(self.address, receive_buffer=4096) for _ in range(40)]
        many = b"".join(hostile.request_frame(i + 1, wire.get_data(self.big)) for i in range(300))
        for link in links:
            try:
                link.sendall(many)
            except OSError:
                pass  # closed already
        for _ in range(50):
            self.served()
        self.served_anew()
        # The system's socket buffers are not in it.
        self.assertLess(self.rss_mib(), before + self.LIMIT_MIB + 80)
        for link in links:
            link.close()
        wait_until(lambda: int(hostile.monitor(self.address)["zk_held_bytes"]) < 1 << 20,
                   "what was held to be given back")

    def test_reader_that_is_always_behind(self):
        """It reads all the time, but never all: what was sent must not stay in memory."""
        link = hostile.greeted(self.address, receive_buffer=65536)
        asked = taken = 0
        before = self.rss_mib()
        while taken < 300 << 20:
            while asked * 900_000 < taken + (12 << 20):
                asked += 1
                link.sendall(hostile.request_frame(asked, wire.get_data(self.big)))
            taken += len(link.recv(1 << 20))
        self.assertLess(self.rss_mib(), before + 40)
        self.served_anew()
        link.close()

    def test_answers_to_one_who_reads_at_last(self):
        link = hostile.greeted(self.address)
        count = 60
        link.sendall(b"".join(hostile.request_frame(i + 1, wire.get_data(self.big))
                              for i in range(count)))
        self.served()
        for expected in range(1, count + 1):
            answer = struct.unpack_from(">iqi", hostile.receive_frame(link))
            self.assertEqual(answer[::2], (expected, 0))
        link.close()


class Deaf(hostile.HostileCase):
    """Watch events that are not read, while others read theirs."""

    server_options = {"options": {"clients.max_unsent_bytes": "128KiB",
                                  "clients.max_unsent_event_bytes": "256KiB"}}

    @staticmethod
    def hear(listener, count):
        while len(listener.events) < count:
            listener.receive()
        return len(listener.take_events())

    def test_events_that_nobody_reads(self):
        before = self.rss_mib()
        path = self.path + "/" + "n" * 900
        self.witness.ok(wire.create(path, b""))
        watch = hostile.request_frame(1, wire.add_watch(path, 0))
        deaf = [hostile.greeted(self.address, receive_buffer=4096) for _ in range(5)]
        for link in deaf:
            link.sendall(watch)
        listener = self.wire(timeout_ms=20000)
        listener.ok(wire.add_watch(path, 0))
        count = 8000
        heard = Worker(self.hear, listener, count)
        last = 0
        for _ in range(count):
            last = self.witness.submit(wire.set_data(path, b"x"))
        self.witness.wait(last)
        self.assertEqual(heard.finish(60), count)
        wait_until(lambda: all(hostile.is_closed(link) for link in deaf), "the deaf to be closed")
        self.assert_logged("connection_closed", hostile.HOSTILE_ADDRESS,
                           "does not read its events", "max_unsent_event_bytes (262144)")
        self.assertLess(self.rss_mib(), before + 60)
        self.served_anew()


if __name__ == "__main__":
    main()
