"""Connecting, resuming, negotiating."""

from support import wire
from support.wire import pack_int


def opening(r):
    r.section("opening")
    for wanted in (0, -5, 1, 999, 1000, 1500, 6789, 20000, 20001, 2**31 - 1, -2**31):
        r.connect(f"t{wanted}", timeout_ms=wanted)
        r.alive(f"t{wanted}")
    r.connect("without-byte", read_only=None)
    r.alive("without-byte")
    r.connect("read-only", read_only=True)
    r.do("read-only", wire.create("/opening", b""))
    r.connect("null-password", password=None)
    r.alive("null-password")
    r.connect("zxid-zero", last_zxid=0)
    r.connect("zxid-minus", last_zxid=-1)
    r.connect("zxid-seen", last_zxid=r["read-only"].last_zxid)
    r.alive("zxid-seen")
    r.connect("zxid-too-high", last_zxid=r["read-only"].last_zxid + (1 << 40))
    odd_records(r)
    r.end_section()


def _first_answer(r, what, payload, then=b""):
    """Connects by hand, sends a first frame and writes down how the server reacts."""
    link = wire.Wire(r.address, timeout_s=10)
    try:
        link.send_bytes(pack_int(len(payload)) + payload + then)
        greeting = link.read_handshake()
        value = {"timeout": greeting.timeout_ms, "length": greeting.length,
                 "zero_session": greeting.session_id == 0}
    except (wire.Closed, ConnectionError):
        value = {"closed": True}
    r.note(what, value)
    return link


def odd_records(r):
    record = wire.connect_record(5000)
    _first_answer(r, "bytes behind the record", record + b"xyz").drop()
    _first_answer(r, "protocol version 7", pack_int(7) + record[4:]).drop()
    _first_answer(r, "record one byte short of 44", wire.connect_record(5000, read_only=None)[:-1])
    _first_answer(r, "empty record", b"")
    _first_answer(r, "null password", record[:24] + pack_int(-1) + b"\0").drop()
    _first_answer(r, "short password", record[:24] + pack_int(4) + b"abcd\0").drop()
    _first_answer(r, "password of length -7", record[:24] + pack_int(-7) + b"\0")
    request = wire.exists("/")
    packet = pack_int(1) + pack_int(request.opcode) + request.body
    link = _first_answer(r, "request sent behind the record", record,
                         pack_int(len(packet)) + packet)
    link._pending[1] = __import__("collections").deque([request])
    r.note("its reply", r.shown_reply(request, link.wait(1))["err"])
    link.send_bytes(b"ruok")
    r.note("four letters inside a session", len(link.wait_closed()))


def resuming(r):
    r.section("resuming")
    r.connect("a", timeout_ms=8000)
    r.do("a", wire.create("/resuming", b"", flags=0))
    r.do("a", wire.create("/resuming/e", b"", flags=1))
    gone = r.drop("a")
    r.connect("a2", session=gone, timeout_ms=6000, last_zxid=gone.last_zxid)
    r.do("a2", wire.exists("/resuming/e"))
    r.note("same password", r["a2"].password == gone.password)
    r.connect("kicker", session=gone, timeout_ms=7000, read_only=None)
    r.closed("a2", "replaced by a second connection of the session")
    r.do("kicker", wire.exists("/resuming/e"))
    r.connect("wrong", session=gone, password=b"\1" * 16)
    r.closed("wrong", "after the wrong password")
    r.alive("kicker", "owner after somebody's wrong password")
    r.connect("wrong-old", session=gone, password=b"\1" * 16, read_only=None)
    r.connect("short", session=gone, password=b"\1" * 3)
    r.connect("empty", session=gone, password=b"")
    r.connect("again", session=gone, timeout_ms=100)
    r.connect("unknown", session=0x1234567, password=b"\0" * 16)
    r.closed("unknown")
    r.connect("negative", session=-2, password=b"\0" * 16)
    r.connect("future", session=gone, last_zxid=gone.last_zxid + (1 << 40))
    r.connect("back", session=gone, timeout_ms=9000)
    r.do("back", wire.get_ephemerals())
    r.do("back", wire.close_session())
    r.closed("back", "after closeSession")
    r.connect("too-late", session=gone)
    r.closed("too-late")
    r.connect("b")
    r.do("b", wire.exists("/resuming/e"))
    r.do("b", wire.exists("/resuming"))
    r.end_section()
