"""Ephemerals, closing, expiry, pipelining."""

from support import wire
from support.wire import (add_watch, create, delete, exists, get_children, get_data, multi,
                          set_data)


def ephemerals(r):
    r.section("ephemerals")
    for name in "abw":
        r.connect(name)
    r.quiet("w", create("/eph"), create("/eph/p"), create("/eph/q"))
    r.do("a", wire.create2("/eph/one", b"1", flags=1))
    r.do("a", create("/eph/p/n-", flags=3))
    r.do("a", create("/eph/q/n-", flags=3))
    r.do("b", create("/eph/q/n-", flags=3))
    r.do("b", exists("/eph/one"))
    r.do("b", set_data("/eph/one", b"by another session"))
    r.do("b", create("/eph/one/child"))
    r.do("b", delete("/eph/p/n-0000000000"))
    r.do("a", wire.get_ephemerals())
    r.do("b", create("/eph/p/taken", flags=1))
    r.do("a", create("/eph/p/taken", flags=1))
    r.do("w", get_data("/eph/one", watch=True))
    r.do("w", get_children("/eph", watch=True))
    r.do("w", add_watch("/eph/q", 1))
    r.close("a")
    r.events("w", "the closing session's nodes go", sort_events=True)
    r.each("w", exists("/eph"), exists("/eph/p"), exists("/eph/q"), exists("/eph/one"),
           get_children("/eph/q"))
    first, second = (r["w"].ok(exists(p))["stat"].pzxid for p in ("/eph", "/eph/q"))
    r.note("all ephemerals of a session go in one zxid", first == second)
    r.connect("c")
    r.do("c", create("/eph/again", flags=1))
    r.do("c", delete("/eph/again"))
    r.do("c", wire.create_container("/eph/again"))
    r.do("c", wire.get_ephemerals())
    r.do("c", multi(create("/eph/m1", flags=1), create("/eph/m2", flags=1),
                    delete("/eph/m1")))
    r.do("c", wire.get_ephemerals("/eph/m"))
    r.do("w", add_watch("/eph", 1))
    r.close("c")
    r.events("w")
    r.do("w", wire.get_children2("/eph"))
    pipelined_close(r)
    r.end_section()


def pipelined_close(r):
    """Requests behind closeSession, and a close by a client that does not wait."""
    r.connect("d")
    tickets = [(q, r["d"].submit(q)) for q in (create("/eph/d", flags=1), wire.close_session())]
    for request, ticket in tickets:
        r.note(f"d: {request}", r.shown_reply(request, r["d"].wait(ticket)))
    r.closed("d", "after closeSession")
    r.do("w", exists("/eph/d"))
    r.connect("e")
    r.quiet("e", create("/eph/e", flags=1))
    r.do("w", exists("/eph/e", watch=True))
    r["e"].submit(wire.close_session())
    gone = r.drop("e")
    r.until("w", exists("/eph/e"), lambda reply: reply.err == -101, "the ephemeral of e to go")
    r.events("w", "closeSession by a client that does not wait")
    r.connect("e2", session=gone)


def expiry(r):
    r.section("expiry")
    r.connect("w")
    r.quiet("w", create("/exp"))
    r.do("w", add_watch("/exp", 1))
    r.connect("a", timeout_ms=1000)
    r.do("a", create("/exp/e", b"soon gone", flags=1))
    r.do("w", exists("/exp/e", watch=True))
    gone = r.drop("a")
    r.connect("a2", session=gone, timeout_ms=1000)
    r.do("a2", exists("/exp/e"))
    gone = r.drop("a2")
    r.until("w", exists("/exp/e"), lambda reply: reply.err == -101, "the session of a to expire")
    r.events("w", "the expired session's node goes")
    r.connect("a3", session=gone)
    r.closed("a3", "after the expiry was announced")
    r.do("w", wire.get_children2("/exp"))
    r.connect("silent", timeout_ms=1000)
    r.do("silent", create("/exp/silent", flags=1))
    r.closed("silent", "connection of a session without heartbeats")
    r.until("w", exists("/exp/silent"), lambda reply: reply.err == -101, "the silent to expire")
    r.events("w")
    r.end_section()


def pipelining(r):
    """Many requests in one write: replies in order, reads see the writes before them."""
    r.section("pipelining")
    r.connect("a")
    r.quiet("a", create("/pipe", b"0"))
    requests = []
    for number in range(10):
        requests += [set_data("/pipe", str(number).encode(), number), get_data("/pipe"),
                     create("/pipe/s-", flags=2), get_children("/pipe"),
                     create("/pipe/s-0000000000"), delete("/pipe/none"), exists("/pipe"),
                     set_data("/pipe", b"", 99), wire.sync("/pipe"), get_data("/pipe", watch=True)]
    frames = [r["a"].encode(request) for request in requests]
    r["a"].send_bytes(b"".join(frame for _, frame in frames))
    for request, (ticket, _) in zip(requests, frames):
        reply = r["a"].wait(ticket)
        value = r.shown_reply(request, reply)
        value["events"] = r.shown_events(r["a"].take_events())
        r.note(f"a: {request}", value)
    order = [p.xid for p in r["a"].arrivals if isinstance(p, wire.Reply) and p.xid > 1]
    r.note("replies in request order", order == sorted(order))
    r.end_section()
