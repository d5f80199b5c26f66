#!/usr/bin/python3
"""Writes the seeds of the fuzz targets, corpus/NAME/seed-*, from the protocol and from samples.

Findings are kept beside them under names of their own; this script leaves those alone.
"""

import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "test" / "conformance"))

from support import wire  # noqa: E402

FROZEN = ROOT / "test" / "frozen"


def write(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"seed-{name}").write_bytes(data)


def requests():
    """One request of each type, in an order that makes a conversation."""
    return [
        ("create", wire.create("/a", b"data")), ("create2", wire.create2("/a/b", b"")),
        ("ephemeral", wire.create("/e", b"x", flags=1)),
        ("sequential", wire.create("/a/s-", b"", flags=2)),
        ("container", wire.create_container("/c")), ("ttl", wire.create_ttl("/t", 5000)),
        ("exists", wire.exists("/a", watch=True)), ("get_data", wire.get_data("/a", watch=True)),
        ("set_data", wire.set_data("/a", b"new", 0)), ("get_acl", wire.get_acl("/a")),
        ("set_acl", wire.set_acl("/a")), ("get_children", wire.get_children("/a")),
        ("get_children2", wire.get_children2("/", watch=True)), ("sync", wire.sync("/a")),
        ("ping", wire.ping()), ("check_watches", wire.check_watches("/a", 3)),
        ("add_watch", wire.add_watch("/a", 1)), ("remove_watches", wire.remove_watches("/a", 3)),
        ("multi", wire.multi(wire.create("/m", b"1"), wire.check("/m", 0),
                             wire.set_data("/m", b"2"), wire.delete("/m"))),
        ("multi_fails", wire.multi(wire.create2("/n", b"1"), wire.check("/none", 0))),
        ("multi_read", wire.multi_read(wire.get_data("/a"), wire.get_children("/none"))),
        ("auth", wire.auth("digest", b"user:password")),
        ("set_watches", wire.set_watches(0, ["/a"], ["/none"], ["/a"])),
        ("set_watches2", wire.set_watches2(1, ["/a"], [], ["/"], ["/a"], ["/"])),
        ("get_ephemerals", wire.get_ephemerals("/")),
        ("get_all_children_number", wire.get_all_children_number("/")),
        ("who_am_i", wire.who_am_i()), ("delete", wire.delete("/a/b")),
        ("quota", wire.create("/zookeeper/quota/a", b"")),
        ("quota_limits", wire.create("/zookeeper/quota/a/zookeeper_limits",
                                     b"count=3,bytes=-1;byteHardLimit=5;countHardLimit=4")),
        ("close", wire.close_session()),
    ]


def payload(request, xid):
    return wire.pack_int(xid) + wire.pack_int(request.opcode) + request.body


def framed(data):
    return struct.pack(">I", len(data)) + data


def jute():
    for name, request in requests():
        write("jute", name, wire.pack_int(request.opcode) + request.body)
    write("jute", "connect", wire.connect_record(4000))
    write("jute", "connect_old", wire.connect_record(4000, 7, b"secret", 9, None))
    write("jute", "negative_count", wire.pack_int(101) + wire.pack_long(-1) + wire.pack_int(-2) * 3)


def frames():
    write("frames", "several", b"\x05" + framed(b"one") + framed(b"") + framed(b"x" * 100)
          + b"\0\0\0\x09half")
    write("frames", "negative", b"\x01" + framed(b"one") + b"\xff\xff\xff\xfe more")
    write("frames", "too_long", b"\x02" + framed(b"x" * 300) + b"\0\0\x01\x2d")


def connection():
    """Mode, pace, stream; see targets/connection.cpp."""
    everything = b""
    for xid, (name, request) in enumerate(requests()):
        if name != "close":
            everything += framed(payload(request, request.xid or xid + 1))
            one = payload(request, request.xid or 1)
            if len(one) < 256:
                write("connection", f"piece_{name}", b"\xdf\x0b" + bytes([len(one)]) + one)
    close = framed(payload(requests()[-1][1], 99))
    hello = framed(wire.connect_record(4000))
    write("connection", "all", b"\x9f\x0a" + everything + close)
    write("connection", "all_slowly", b"\x82\x00" + everything)
    write("connection", "all_at_once", b"\x1f\x3f" + hello + everything + close)
    write("connection", "byte_by_byte", b"\x00\x01" + hello + everything[:200])
    write("connection", "resume", b"\x0f\x01" + framed(wire.connect_record(4000, 5, b"p" * 16)))
    write("connection", "unknown", b"\x9f\x01" + framed(wire.pack_int(1) + wire.pack_int(77)))
    write("connection", "half_closed", b"\xbf\x00" + everything[:60])
    for word in ("ruok", "mntr", "stmk", "cons"):
        write("connection", word, b"\x05\x01" + word.encode() + b"\0\0\0\0\0\0\x01\x32")


def journal():
    """Steps as in targets/journal.cpp: 0 segment, 1 mark, 2 transaction, 3 to 8 what is wrong."""
    def txn(body):
        return b"\x02" + bytes([len(body)]) + body
    honest = b"\x00\x01" + txn(b"first") + txn(b"second") + b"\x01" + txn(b"third")
    write("journal", "honest", b"\x00" + honest)
    write("journal", "clean", b"\x03" + honest)
    write("journal", "two_segments", b"\x00" + honest + b"\x00\x01" + txn(b"fourth") + b"\x05")
    write("journal", "sealed", b"\x00" + honest + b"\x05\x07\xff" + b"\x01" + txn(b"later"))
    write("journal", "torn", b"\x00" + honest + b"\x09\x00\xf0\x04")
    write("journal", "damaged", b"\x00" + honest + b"\x01" + txn(b"x") + b"\x09\x00\x70\x04")
    write("journal", "cut", b"\x00" + honest + b"\x0a\x01\x20")
    write("journal", "gap", b"\x00\x00\x01" + b"\x03" + struct.pack(">Q", 1 << 32 | 9) + b"\x01x")
    write("journal", "garbage", b"\x00" + honest + b"\x06\x20" + b"\xff" * 32)
    write("journal", "other_header", b"\x00\x08\x02\x01\x00\x40" + b"\0" * 16 + b"\x01" + txn(b"x"))
    log = (FROZEN / "storage" / "v1" / "log" / "0000000000000001.log").read_bytes()
    write("journal", "frozen", b"\x00\x08\x01\0\0\0" + b"\0" * 16
          + b"".join(b"\x06" + bytes([len(log[i:i + 200])]) + log[i:i + 200]
                     for i in range(64, min(len(log), 1264), 200)))


def snapshot():
    """0: records, with a byte that cuts them. 1: a file, in steps."""
    records = (FROZEN / "tree" / "snapshot-0.1.0.bin").read_bytes()
    # The frozen one is of another transaction; the first record's zxid becomes the target's.
    mine = records[:9] + struct.pack("<Q", 1 << 32 | 3) + records[17:]
    write("snapshot", "records", b"\x00\x07" + mine)
    write("snapshot", "other_zxid", b"\x00\x07" + records)
    write("snapshot", "cut", b"\x00\x07" + mine[:len(mine) // 2])
    pieces = [mine[i:i + 200] for i in range(0, len(mine), 200)]
    steps = b"".join(b"\x00" + bytes([len(p)]) + p for p in pieces)
    write("snapshot", "file", b"\x01\0\0" + steps + b"\x02")
    write("snapshot", "file_flipped", b"\x01\0\0" + steps + b"\x02\x05\x00\x90\x10")
    write("snapshot", "file_not_packed", b"\x01\0\0\x01\x08notzstd!\0\0\1\0\x02")
    write("snapshot", "file_huge", b"\x01\0\0\x01\x08notzstd!\xff\xff\xff\xff\x02")
    write("snapshot", "file_no_trailer", b"\x01\0\0" + steps[:100])


def transaction():
    sample = (FROZEN / "tree" / "txn-0.1.0.bin").read_bytes()
    write("transaction", "frozen", sample)
    write("transaction", "cut", sample[:len(sample) // 16 * 8])
    write("transaction", "empty", b"\0" * 8)
    write("transaction", "many_segments", b"\xff\xff\0\0" + b"\0" * 12)


def server_files():
    """0 identity, 1 epochs, 2 the mark of a clean end."""
    for number, name in enumerate(("identity", "epochs", "clean")):
        text = (FROZEN / "storage" / "v1" / name).read_bytes()
        write("server_files", name, bytes([number]) + text)
        write("server_files", f"{name}_newer", bytes([number]) + text.replace(b" 1\n", b" 2\n", 1))
        write("server_files", f"{name}_cut", bytes([number]) + text[:-9])


def peer_hello(sender, to, secret=True, versions=(1, 1)):
    """schemas/peer.capnp, PeerHello, as one segment."""
    root = struct.pack("<IHH", 0, 3, 1)
    data = struct.pack("<HHIIHHQ", *versions, sender, to, 1, int(secret), 1000 + sender)
    nonce = struct.pack("<II", 1, 32 << 3 | 2) + b"n" * 32
    body = root + data + nonce
    return struct.pack("<II", 0, len(body) // 8) + body


def peer_refusal(reason):
    body = struct.pack("<IHH", 0, 2, 0) + struct.pack("<HHHHI", reason, 1, 1, 0, 2) + b"\0" * 4
    return struct.pack("<II", 0, len(body) // 8) + body


def peer_frame(kind, payload):
    return struct.pack("<IB3x", len(payload), kind) + payload


def peer_greeting():
    write("peer_greeting", "hello", peer_hello(2, 1))
    write("peer_greeting", "cut", peer_hello(2, 1)[:40])
    write("peer_greeting", "refusal", peer_refusal(3))
    write("peer_greeting", "unknown_refusal", peer_refusal(99))


def peer_link():
    """Bit 0: the end that dialed hears it, else the other one. Bit 1: they have greeted before."""
    magic = b"\xf2troupe\x01"
    hello, proof = peer_frame(1, peer_hello(2, 1)), peer_frame(2, b"p" * 32)
    write("peer_link", "dials", b"\x00\x01" + magic + hello + proof)
    write("peer_link", "without_secret",
          b"\x00\x02" + magic + peer_frame(1, peer_hello(2, 1, secret=False)))
    write("peer_link", "stranger", b"\x00\x03" + magic + peer_frame(1, peer_hello(9, 1)))
    write("peer_link", "versions",
          b"\x00\x04" + magic + peer_frame(1, peer_hello(2, 1, versions=(2, 9))))
    write("peer_link", "answers", b"\x01\x05" + magic + peer_frame(1, peer_hello(1, 2))
          + peer_frame(3, b"w" * 32))
    write("peer_link", "refuses", b"\x01\x06" + magic + peer_frame(4, peer_refusal(0)))
    write("peer_link", "other_protocol", b"\x00\x07GET / HTTP/1.1\r\n")
    messages = b"".join(peer_frame(5, b"m" * size) for size in (0, 1, 300)) + peer_frame(6, b"")
    write("peer_link", "messages", b"\x02\x08" + messages)
    write("peer_link", "too_long", b"\x03\x09" + messages + peer_frame(5, b"m" * 301))
    write("peer_link", "greets_again", b"\x02\x0a" + messages + hello + messages)
    write("peer_link", "header", b"\x03\x0b" + messages + b"\0\0\0\0\x05\0\1\0")


def deployment():
    golden = ROOT / "test" / "golden" / "config"
    for path in sorted(golden.glob("*.yaml")):
        text = path.read_bytes()
        if len(text) > 2500:
            continue
        settings = [line[9:] for line in text.splitlines() if line.startswith(b"#! --set ")]
        write("deployment", path.stem, text + b"".join(b"\0" + one for one in settings))
    write("deployment", "nested_flow", b"a: " + b"[" * 600)
    write("deployment", "nested_maps", b"{a: " * 400)
    write("deployment", "nested_blocks", b"- " * 500 + b"x")
    write("deployment", "nested_keys", b"? " * 500 + b"x")
    write("deployment", "bomb", b"a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n")
    write("deployment", "escapes", b"a: \"\\x1b[31m\\u0000\\n\"\n\x1b[2J: x\n")


if __name__ == "__main__":
    for make in (jute, frames, connection, journal, snapshot, transaction, server_files,
                 peer_greeting, peer_link, deployment):
        make()
