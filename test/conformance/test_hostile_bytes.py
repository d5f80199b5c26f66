#!/usr/bin/python3
"""Packets that no client would send: each is answered or ends its connection, for a reason that is
logged, and nobody else notices."""

import struct

from support import hostile, wire
from support.case import main

HUGE = (-2, -2**31, 2**31 - 1, 0x00ffffff)


def text(data):
    return wire.pack_int(len(data)) + data


class Packets(hostile.HostileCase):
    """Inside a session, and before one."""

    def setUp(self):
        super().setUp()
        self.before = self.rss_mib()

    def tearDown(self):
        self.served_anew()
        self.assertLess(self.rss_mib(), self.before + 20)

    def answer(self, opcode, body):
        """The error code that a session gets for a request, or None if it is closed."""
        link = hostile.greeted(self.address)
        link.sendall(hostile.frame(wire.pack_int(7) + wire.pack_int(opcode) + body))
        link.sendall(hostile.frame(wire.pack_int(8) + wire.pack_int(3) + text(b"/") + b"\0"))
        answers = {}
        try:
            while 8 not in answers:
                xid, _, error = struct.unpack_from(">iqi", hostile.receive_frame(link))
                answers[xid] = error
        except (wire.Closed, ConnectionError):
            pass
        link.close()
        return answers.get(7), 8 in answers

    def test_lengths(self):
        for length in (-1, -2**31, 2**31 - 1, 1 << 20, 0x16030100):
            with self.subTest(length=length):
                link = hostile.greeted(self.address)
                peer = "%s:%d" % link.getsockname()
                link.sendall(struct.pack(">i", length))
                self.assertEqual(hostile.read_to_end(link), b"")
                self.assert_logged("connection_closed", peer, f"a packet of {length} bytes",
                                   "max_packet_bytes is 1048575")

    def test_first_packet(self):
        for length in (4097, 0xfffff, -1):
            with self.subTest(length=length):
                link = hostile.connect(self.address)
                peer = "%s:%d" % link.getsockname()
                link.sendall(struct.pack(">i", length) + b"\0" * 100)
                self.assertEqual(hostile.read_to_end(link), b"")
                self.assert_logged("connection_closed", peer, f"packet of {length} bytes")

    def test_counts(self):
        """Lengths of strings, buffers and vectors that are not there."""
        for count in HUGE:
            number = wire.pack_int(count)
            requests = {
                "path": (4, number), "data": (1, text(b"/x") + number),
                "acl": (1, text(b"/x") + text(b"") + number),
                "scheme": (7, text(b"/") + wire.pack_int(1) + wire.pack_int(31) + number),
                "watches": (101, wire.pack_long(0) + number), "prefix": (103, number),
                "set_data": (5, text(b"/") + number), "multi": (14, number),
            }
            for name, (opcode, body) in requests.items():
                with self.subTest(count=count, field=name):
                    error, alive = self.answer(opcode, body)
                    self.assertTrue(alive)
                    self.assertLess(error, 0)

    def test_auth_with_wrong_lengths(self):
        for count in HUGE:
            error, alive = self.answer(100, wire.pack_int(0) + wire.pack_int(count))
            self.assertFalse(alive)
            self.assertIsNone(error)

    def test_opcodes(self):
        for opcode in (-2**31, -12, -1, 0, 10, 13, 18 + 2, 23, 99, 108, 2**31 - 1):
            with self.subTest(opcode=opcode):
                self.assertEqual(self.answer(opcode, text(self.path.encode())), (-6, False))

    def test_paths(self):
        acl = wire.pack_int(1) + wire.pack_int(31) + text(b"world") + text(b"anyone")
        bad = (b"", b"x", b"/\0", b"/a\0b", b"/\xff", b"/\xc0\xaf", b"/\xed\xa0\x80", b"/\xf5\x80",
               b"/\x01", b"/a/", b"//", b"/a//b", b"/.", b"/a/../b", b"/" + b"\x7f",
               "/\ufff0".encode())
        for path in bad:
            with self.subTest(path=path):
                error, alive = self.answer(1, text(path) + text(b"") + acl + wire.pack_int(0))
                self.assertTrue(alive)
                self.assertIn(error, (-8, -101))
                for opcode in (3, 4, 8):
                    error, alive = self.answer(opcode, text(path) + b"\1")
                    self.assertTrue(alive)
        names = self.witness.ok(wire.get_children("/"))["children"]
        self.assertLessEqual({self.path[1:], "zookeeper"}, set(names))
        self.assertTrue(all(name.isprintable() for name in names), names)

    def test_path_of_a_megabyte(self):
        path = b"/" + b"a/" * 500_000 + b"a"
        self.assertEqual(self.answer(3, text(path) + b"\1"), (-101, True))

    def test_many_operations_in_one_multi(self):
        item = wire.pack_int(13) + b"\0" + wire.pack_int(-1) + text(b"/") + wire.pack_int(-1)
        end = wire.pack_int(-1) + b"\1" + wire.pack_int(-1)
        error, alive = self.answer(14, item * 50_000 + end)
        self.assertTrue(alive)
        self.assertEqual(error, 0)

    def test_requests_before_a_session(self):
        create = wire.create(self.path + "/never", b"x")
        for request in (create, wire.get_data("/"), wire.close_session(), wire.ping()):
            link = hostile.connect(self.address)
            link.sendall(hostile.request_frame(1, request))
            link.shutdown(1)
            hostile.read_to_end(link)
        self.assertEqual(self.witness.call(wire.exists(self.path + "/never")).err, -101)

    def test_second_connect_request(self):
        record = wire.connect_record(5000)
        link = hostile.greeted(self.address)
        link.sendall(hostile.frame(record))
        answer = hostile.read_to_end(link)
        self.assertEqual(struct.unpack_from(">iiqi", answer), (16, 0, -1, -6))

    def test_session_of_somebody_else(self):
        link = hostile.connect(self.address)
        link.sendall(hostile.frame(wire.connect_record(5000, self.witness.session_id, b"?" * 16)))
        answer = hostile.read_to_end(link)
        self.assertEqual(struct.unpack_from(">iii", answer)[2], 0)
        self.served()

    def test_identities(self):
        """As many as fit; one more is refused like a wrong one."""
        link = hostile.greeted(self.address)
        for number in range(3):
            user = b"%d" % number + b"u" * 9000 + b":p"
            link.sendall(hostile.request_frame(-4, wire.auth("digest", user)))
        answer = hostile.read_to_end(link)
        errors = [struct.unpack_from(">i", answer, at + 16)[0] for at in range(0, len(answer), 20)]
        self.assertEqual(errors, [0, -115])


if __name__ == "__main__":
    main()
