#!/usr/bin/python3
"""What Troupe does where it departs from ZooKeeper 3.8 on purpose, or promises more.

The other side of known_differences.py: what the comparison accepts is pinned down here.
"""

import struct
import unittest

from support import servers, wire
from support.case import ServerCase, main
from support.wire import (ANY_WATCH, CHILD_WATCH, DATA_WATCH, PERSISTENT_WATCH, RECURSIVE_WATCH,
                          Acl, add_watch, check_watches, create, create2, delete, exists,
                          get_children, get_data, multi, raw, remove_watches, set_acl, set_data)

NONODE, NOAUTH, NOWATCHER, UNIMPLEMENTED, BADARGUMENTS, MARSHALLING = -101, -102, -121, -6, -8, -5


@unittest.skipIf(servers.chosen() == "zookeeper", "ZooKeeper does these differently")
class RuleCase(ServerCase):

    def setUp(self):
        self.a = self.wire()
        self.root = "/" + self.id().rpartition(".")[2]
        self.a.ok(create(self.root))

    def pipelined(self, client, *requests):
        """Sends everything in one piece; returns the replies by request."""
        frames = [client.encode(request) for request in requests]
        client.send_bytes(b"".join(frame for _, frame in frames))
        return [client.wait(ticket) for ticket, _ in frames]

    def event_texts(self, client):
        return [(wire.EVENT_NAMES[e.type], e.path) for e in client.settled_events()]


class Replies(RuleCase):

    def test_auth_is_answered_in_its_place(self):
        for number in range(20):
            client = self.wire()
            replies = self.pipelined(
                client, create(f"{self.root}/before{number}"),
                get_data(f"{self.root}/secret"),
                wire.auth("digest", b"user:pass"),
                create(f"{self.root}/mine{number}", b"x", wire.CREATOR),
                get_data(f"{self.root}/mine{number}"))
            self.assertEqual([r.err for r in replies], [0, NONODE, 0, 0, 0])
            xids = [reply.xid for reply in client.arrivals]
            self.assertEqual(xids, [1, 2, wire.AUTH_XID, 3, 4])

    def test_identity_counts_from_its_place_on(self):
        owner = self.wire()
        owner.ok(wire.auth("digest", b"user:pass"))
        owner.ok(create(f"{self.root}/secret", b"x", wire.CREATOR))
        client = self.wire()
        replies = self.pipelined(client, get_data(f"{self.root}/secret"),
                                 wire.auth("digest", b"user:pass"),
                                 get_data(f"{self.root}/secret"))
        self.assertEqual([r.err for r in replies], [NOAUTH, 0, 0])

    def test_unknown_opcodes_are_answered_in_their_place_then_close(self):
        for opcode in (0, -1, 10, 13, 20, 23, 77, 1000, -10, -2):
            client = self.wire()
            path = f"{self.root}/before{opcode}"
            client.submit(create(path))
            client.submit(raw(opcode, wire.pack_string(self.root) + wire.pack_int(-1)))
            client.submit(create(f"{self.root}/behind{opcode}"))
            packets = client.wait_closed()
            self.assertEqual([(p.xid, p.err) for p in packets], [(1, 0), (2, UNIMPLEMENTED)],
                             f"opcode {opcode}")
            self.assertEqual(self.a.call(exists(path)).err, 0)
            self.assertEqual(self.a.call(exists(f"{self.root}/behind{opcode}")).err, NONODE)

    def test_refusals_take_no_zxid(self):
        first = self.a.call(create(f"{self.root}/x"))
        for refused in (create(f"{self.root}/x"), delete(f"{self.root}/none"),
                        set_data(f"{self.root}/x", b"", 9), multi(wire.check(self.root, 9)),
                        multi(create(f"{self.root}/y"), delete(f"{self.root}/z"))):
            self.assertEqual(self.a.call(refused).zxid, first.zxid, str(refused))
        self.assertEqual(self.a.call(create(f"{self.root}/y")).zxid, first.zxid + 1)

    def test_refusals_wait_for_what_they_depend_on(self):
        """A refusal that rests on a write in flight carries at least that write's zxid."""
        replies = self.pipelined(self.a, create(f"{self.root}/x"), create(f"{self.root}/x"),
                                 delete(f"{self.root}/x"), delete(f"{self.root}/x"))
        self.assertEqual([r.err for r in replies], [0, -110, 0, NONODE])
        zxids = [r.zxid for r in replies]
        self.assertEqual(zxids, [zxids[0], zxids[0], zxids[0] + 1, zxids[0] + 1])

    def test_read_zxid_is_the_state_it_shows(self):
        other = self.wire()
        for _ in range(50):
            written = other.call(set_data(self.root))
            read = self.a.call(get_data(self.root))
            self.assertEqual((read.zxid, read.value["stat"].mzxid), (written.zxid, written.zxid))

    def test_notifications_carry_their_zxid_or_none(self):
        self.a.call(exists(self.root, watch=True))
        written = self.a.call(set_data(self.root))
        self.assertIn(self.a.take_events()[0].zxid, (-1, written.zxid))

    def test_errors_have_no_body(self):
        for request in (multi(wire.check(None)), multi(exists("/")), get_data(None)):
            reply = self.a.call(request)
            self.assertEqual((reply.err, reply.extra), (MARSHALLING, 0), str(request))

    def test_create2_in_a_multi(self):
        value = self.a.ok(multi(create2(f"{self.root}/c", b"123"),
                                wire.create_container(f"{self.root}/box")))
        self.assertEqual([kind for kind, _ in value], [15, 15])
        self.assertEqual(value[0][1]["stat"], self.a.ok(exists(f"{self.root}/c"))["stat"])


class Checks(RuleCase):

    def test_exists_needs_read(self):
        hidden = f"{self.root}/hidden"
        self.a.ok(create(hidden, b"", (Acl(wire.PERM_WRITE, "world", "anyone"),)))
        self.assertEqual(self.a.call(exists(hidden)).err, NOAUTH)
        self.assertEqual(self.a.call(exists(hidden, watch=True)).err, NOAUTH)
        self.assertEqual(self.a.call(check_watches(hidden, ANY_WATCH)).err, NOWATCHER)

    def test_flags_4_never_makes_a_plain_node(self):
        for make in (create, create2):
            path = f"{self.root}/{make.__name__}"
            reply = self.a.call(make(path, flags=4))
            self.assertIn(reply.err, (0, BADARGUMENTS))
            if reply.err == 0:  # then it is a container: it goes after its last child
                self.a.ok(create(f"{path}/child"))
                self.a.ok(delete(f"{path}/child"))
                servers.wait_until(lambda path=path: self.a.call(exists(path)).err == NONODE,
                                   "the container to go")

    def test_ip6_in_an_acl(self):
        for number, address in enumerate(("::1", "fe80::/10", "2001:db8::1/128")):
            self.a.ok(create(f"{self.root}/{number}", b"", (Acl(31, "ip", address),)))
        self.assertEqual(self.a.call(get_data(f"{self.root}/0")).err, NOAUTH)

    def test_null_lists_of_watches_are_empty(self):
        self.assertEqual(self.a.call(wire.set_watches(1, None, None, None)).err, 0)
        self.assertEqual(self.a.call(wire.set_watches2(1, None, None, None, None, None)).err, 0)


class Watches(RuleCase):

    def test_kinds_stand_side_by_side(self):
        """All kinds by one connection on one path, set in two orders."""
        one_shot = [exists(self.root, watch=True), get_children(self.root, watch=True)]
        standing = [add_watch(self.root, 0), add_watch(self.root, 1)]
        for order in (one_shot + standing, standing + one_shot):
            client = self.wire()
            for request in order:
                client.ok(request)
            for _ in range(2):
                self.a.ok(set_data(self.root))
                self.a.ok(create(f"{self.root}/c"))
                self.a.ok(delete(f"{self.root}/c"))
                self.assertEqual(self.event_texts(client), [
                    ("changed", self.root), ("created", f"{self.root}/c"),
                    ("children", self.root), ("deleted", f"{self.root}/c"),
                    ("children", self.root)])

    def test_removal_takes_its_kind_only(self):
        kinds = {DATA_WATCH: exists(self.root, watch=True),
                 CHILD_WATCH: get_children(self.root, watch=True),
                 PERSISTENT_WATCH: add_watch(self.root, 0),
                 RECURSIVE_WATCH: add_watch(self.root, 1)}
        for removed in kinds:
            client = self.wire()
            for kind, request in kinds.items():
                self.assertEqual(client.call(check_watches(self.root, kind)).err, NOWATCHER)
                client.ok(request)
                client.ok(check_watches(self.root, kind))
            client.ok(remove_watches(self.root, removed))
            for kind in kinds:
                expected = NOWATCHER if kind == removed else 0
                self.assertEqual(client.call(check_watches(self.root, kind)).err, expected)
            client.ok(remove_watches(self.root, ANY_WATCH))
            for kind in (*kinds, ANY_WATCH):
                self.assertEqual(client.call(check_watches(self.root, kind)).err, NOWATCHER)
                self.assertEqual(client.call(remove_watches(self.root, kind)).err, NOWATCHER)
            self.a.ok(set_data(self.root))
            self.assertEqual(self.event_texts(client), [])

    def test_watches_of_others_do_not_count(self):
        for request in (exists(self.root, watch=True), get_children(self.root, watch=True),
                        add_watch(self.root, 0), add_watch(self.root, 1)):
            other = self.wire()
            other.ok(request)
            for kind in (DATA_WATCH, CHILD_WATCH, ANY_WATCH, PERSISTENT_WATCH, RECURSIVE_WATCH):
                self.assertEqual(self.a.call(check_watches(self.root, kind)).err, NOWATCHER)
                self.assertEqual(self.a.call(remove_watches(self.root, kind)).err, NOWATCHER)
            other.ok(check_watches(self.root, ANY_WATCH))

    def test_relative_zxid_is_signed(self):
        self.a.call(wire.set_watches(-1, [self.root], [], [self.root]))
        self.assertEqual(self.event_texts(self.a),
                         [("changed", self.root), ("children", self.root)])
        self.a.call(wire.set_watches(2**63 - 1, [self.root], [], [self.root]))
        self.assertEqual(self.event_texts(self.a), [])

    def test_wrong_kinds(self):
        for kind in (-1, 0, 6, 100):
            self.assertEqual(self.a.call(check_watches(self.root, kind)).err, MARSHALLING)
            self.assertEqual(self.a.call(remove_watches(self.root, kind)).err, MARSHALLING)


class Sessions(RuleCase):

    def test_wrong_password_does_not_disturb_the_owner(self):
        for password in (b"\1" * 16, b"", b"x" * 15, b"x" * 17):
            stranger = wire.Wire.open(self.address, session=self.a, password=password)
            self.assertTrue(stranger.expired)
            self.assertEqual(stranger.session_id, 0)
            stranger.wait_closed()
            self.assertEqual(self.a.call(exists("/")).err, 0)

    def test_ids_and_passwords(self):
        opened = [self.wire() for _ in range(20)]
        self.assertEqual(len({w.session_id for w in opened}), 20)
        self.assertEqual(len({w.password for w in opened}), 20)
        for one in opened:
            self.assertEqual(one.session_id >> 56, 1)  # the server's id
            self.assertEqual(len(one.password), 16)

    def test_never_another_id(self):
        for session in (1, 0x0100000000000000, -2, -2**63, 2**63 - 1):
            late = wire.Wire.open(self.address, session=session, password=b"\0" * 16)
            self.assertTrue(late.expired)
            self.assertEqual((late.session_id, late.password), (0, b"\0" * 16))
            late.wait_closed()


class Bytes(RuleCase):
    """The documented frames, byte for byte."""

    def exchange(self, link, frame):
        link.send_bytes(bytes.fromhex(frame))
        return link.read_frame()

    def test_frames(self):
        link = wire.Wire(self.address)
        self.addCleanup(link.drop)
        greeting = self.exchange(
            link, "0000002d000000000000000000000000000027100000000000000000000000100000000000"
                  "000000000000000000000000")
        self.assertEqual(len(greeting), 37)
        self.assertEqual((greeting[:8], greeting[16:20], greeting[36:]),
                         (b"\0\0\0\0\0\0\x27\x10", b"\0\0\0\x10", b"\0"))
        created = self.exchange(
            link, "000000320000000100000001000000022f610000000178000000010000001f00000005776f726c"
                  "6400000006616e796f6e6500000000")
        self.assertEqual((created[:4], created[12:]),
                         (b"\0\0\0\1", b"\0\0\0\0" + b"\0\0\0\x02/a"))
        got = self.exchange(link, "0000000f0000000200000004000000022f6101")
        self.assertEqual((len(got), got[:4], got[12:21]),
                         (0x59, b"\0\0\0\2", b"\0\0\0\0\0\0\0\1x"))
        missing = self.exchange(link, "0000000f0000000300000004000000022f6d00")
        self.assertEqual((len(missing), struct.unpack(">i", missing[12:])[0]), (16, NONODE))
        both = self.exchange(
            link, "00000037000000040000000e0000000d00ffffffff000000022f61000000000000000200ffffff"
                  "ff000000022f61ffffffffffffffff01ffffffff")
        self.assertEqual(both[:4], b"\xff\xff\xff\xff")  # the watch of request 2
        self.assertEqual(both[12:], bytes.fromhex("000000000000000200000003000000022f61"))
        both = link.read_frame()
        self.assertEqual(both[12:], bytes.fromhex("000000000000000d00000000000000000200000000"
                                                  "00ffffffff01ffffffff"))
        authorised = self.exchange(
            link, "00000023fffffffc00000064000000000000000664696765737400000009757365723a70617373")
        self.assertEqual(authorised, bytes.fromhex("fffffffc000000000000000000000000"))
        pinged = self.exchange(link, "00000008fffffffe0000000b")
        self.assertEqual((len(pinged), pinged[:4], pinged[12:]),
                         (16, b"\xff\xff\xff\xfe", b"\0\0\0\0"))
        closed = self.exchange(link, "0000000800000005fffffff5")
        self.assertEqual((len(closed), closed[:4], closed[12:]), (16, b"\0\0\0\5", b"\0\0\0\0"))
        with self.assertRaises(wire.Closed):
            link.read_frame()

    def test_expired_frame(self):
        for record, expected in (
                (wire.connect_record(5000, 77, b"\0" * 16),
                 "000000000000000000000000000000000000001000000000000000000000000000000000"
                 "00"),
                (wire.connect_record(5000, 77, b"\0" * 16, read_only=None),
                 "000000000000000000000000000000000000001000000000000000000000000000000000")):
            link = wire.Wire(self.address)
            link.send_frame(record)
            self.assertEqual(link.read_frame(), bytes.fromhex(expected))
            with self.assertRaises(wire.Closed):
                link.read_frame()
            link.drop()


class SuperUser(RuleCase):

    def test_set_acl_by_the_super_user_on_the_config_node(self):
        boss = self.wire()
        boss.ok(wire.auth("digest", b"super:test"))
        self.assertEqual(self.a.call(set_acl("/zookeeper/config")).err, NOAUTH)
        before = boss.ok(wire.get_acl("/zookeeper/config"))
        boss.ok(set_acl("/zookeeper/config", tuple(before["acl"])))


if __name__ == "__main__":
    main()
