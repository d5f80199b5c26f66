"""Unknown opcodes, bodies that do not decode, frames that are none."""

from support import wire
from support.wire import pack_int, pack_string, raw

UNKNOWN = (0, -1, 10, 23, 50, 99, 108, 255, 1000, -2, -100, -2**31, 2**31 - 1)


def _fresh(r, name):
    r.connect(name, record=False)
    r.quiet(name, wire.exists("/"))


def opcodes(r):
    r.section("opcodes")
    for number, opcode in enumerate(UNKNOWN):
        for body in (b"", pack_string("/") + pack_int(0)):
            name = f"o{number}-{len(body)}"
            _fresh(r, name)
            r.do(name, raw(opcode, body))
            r.closed(name)
            r.drop(name)
    _fresh(r, "pipelined")
    for request in (wire.create("/op", b""), raw(77)):
        r["pipelined"].submit(request)
    # In ZooKeeper the refusal can overtake the reply to the create: only the end is compared.
    r["pipelined"].wait_closed()
    r.drop("pipelined")
    _fresh(r, "reap")
    r.do("reap", wire.exists("/op"))
    r.quiet("reap", wire.create("/reap"))
    r.do("reap", raw(20, b"/reap"))
    r.alive("reap")
    _fresh(r, "check")
    r.do("check", wire.check("/reap", 9))
    r.alive("check")
    _fresh(r, "sasl")
    r.do("sasl", raw(102, wire.pack_buffer(b""), "sasl with an empty token",
                     lambda reader: {"token": reader.buffer()}))
    r.alive("sasl")
    r.end_section()


REQUESTS = [
    wire.create("/bad/x", b"d"), wire.create2("/bad/x", b"d"), wire.create_container("/bad/x"),
    wire.create_ttl("/bad/x", 1000), wire.delete("/bad/x"), wire.exists("/bad"),
    wire.get_data("/bad"), wire.set_data("/bad", b"d"), wire.get_acl("/bad"),
    wire.set_acl("/bad"), wire.get_children("/bad"), wire.get_children2("/bad"),
    wire.sync("/bad"), wire.multi(wire.create("/bad/x"), wire.delete("/bad/x")),
    wire.multi_read(wire.get_data("/bad")), wire.check_watches("/bad", 3),
    wire.remove_watches("/bad", 3), wire.add_watch("/bad", 0), wire.set_watches(0, ["/bad"]),
    wire.set_watches2(0, ["/bad"]), wire.get_ephemerals("/"),
    wire.get_all_children_number("/bad"), wire.auth("digest", b"u:p"),
]


def bodies(r):
    r.section("bodies")
    _fresh(r, "a")
    r.quiet("a", wire.create("/bad"))
    for request in REQUESTS:
        body = request.body
        variants = {"empty": b"", "one byte": body[:1], "half": body[:len(body) // 2],
                    "all but one": body[:-1], "trailing": body + b"trailing",
                    "negative": pack_int(-2) + body[4:], "huge": pack_int(2**31 - 1) + body[4:]}
        for what, variant in variants.items():
            if what == "trailing" and request.writes:
                continue
            decode = request.decode if what == "trailing" else None
            r.do("a", raw(request.opcode, variant, f"{request.name}: {what}", decode,
                          xid=request.xid))
            if not r.alive("a"):
                r.drop("a")
                _fresh(r, "a")
    for text, body in (("vector of 2^31-1 ACLs", pack_string("/bad/v") + wire.pack_buffer(b"")
                        + pack_int(2**31 - 1)),
                       ("vector of -9 ACLs", pack_string("/bad/v") + wire.pack_buffer(b"")
                        + pack_int(-9) + pack_int(0)),
                       ("data of length -9", pack_string("/bad/v") + pack_int(-9))):
        r.do("a", raw(1, body, f"create: {text}"))
        r.alive("a")
    r.do("a", raw(8, pack_string("/bad") + b"\x02", "getChildren: watch byte 2",
                  lambda reader: {"children": reader.vector(reader.string)}))
    r.do("a", wire.check_watches("/bad", 1))
    r.do("a", raw(4, wire.pack_buffer(b"/bad\xff\xfe") + b"\0", "getData: path is not UTF-8"))
    r.do("a", raw(1, wire.pack_buffer(b"/bad/\xff") + wire.pack_buffer(b"")
                  + wire.pack_vector(wire.OPEN, wire.pack_acl) + pack_int(0),
                  "create: path is not UTF-8", lambda reader: reader.string()))
    r.do("a", raw(1, wire.pack_buffer(b"/bad/\xed\xa0\x80") + wire.pack_buffer(b"")
                  + wire.pack_vector(wire.OPEN, wire.pack_acl) + pack_int(0),
                  "create: surrogate in UTF-8", lambda reader: reader.string()))
    r.do("a", wire.get_children("/bad"))
    r.end_section()


def frames(r):
    r.section("frames")
    for what, data in (("length -1", pack_int(-1)), ("length -2^31", pack_int(-2**31)),
                       ("length 2^31-1", pack_int(2**31 - 1)), ("length 1 MiB", pack_int(1 << 20)),
                       ("empty frame", pack_int(0)), ("header of 4 bytes", pack_int(4) + b"abcd"),
                       ("header of 7 bytes", pack_int(7) + b"abcdefg")):
        _fresh(r, "f")
        r["f"].send_bytes(data)
        r.closed("f", what)
        r.drop("f")
    _fresh(r, "g")
    limit = 0xfffff
    overhead = len(wire.set_data("/frame", b"").body) + 8
    r.quiet("g", wire.create("/frame"))
    r.do("g", wire.set_data("/frame", b"x" * (limit - overhead)), label="g: the largest frame")
    r.do("g", wire.exists("/frame"))
    r.do("g", wire.set_data("/frame", b"x" * (limit - overhead + 1)), label="g: one byte more")
    r.drop("g")
    _fresh(r, "h")
    packet = pack_int(5) + pack_int(3) + wire.exists("/").body
    r["h"]._pending[5] = __import__("collections").deque([wire.exists("/")])
    for byte in pack_int(len(packet)) + packet:
        r["h"].send_bytes(bytes([byte]))
    r.note("a frame byte by byte", r.shown_reply(wire.exists("/"), r["h"].wait(5))["err"])
    r.end_section()
