"""multi and multiRead."""

import itertools

from support import wire
from support.wire import (Acl, check, create, create2, create_container, create_ttl, delete, exists,
                          get_children, get_data, multi, multi_read, set_data)


def _successes(r):
    r.do("a", multi())
    r.do("a", multi(create("/multi/one", b"1")))
    r.do("a", multi(create("/multi/p"), create("/multi/p/c"), create("/multi/p/c/d"),
                    set_data("/multi/p", b"new"), check("/multi/p", 1)))
    r.each("a", exists("/multi/p"), exists("/multi/p/c"), exists("/multi/p/c/d"))
    r.do("a", multi(delete("/multi/p/c/d"), delete("/multi/p/c"), delete("/multi/p")))
    r.do("a", multi(create("/multi/s-", flags=2), create("/multi/s-", flags=2),
                    create("/multi/e-", flags=3), delete("/multi/s-0000000002")))
    r.do("a", multi(create("/multi/again"), delete("/multi/again"), create("/multi/again", b"2"),
                    set_data("/multi/again", b"33", 0), set_data("/multi/again", b"4", 1)))
    r.each("a", get_data("/multi/again"), wire.get_children2("/multi"))
    r.do("a", multi(check("/multi/again", 2), check("/multi", -1)))
    r.do("a", multi(create_container("/multi/container"), create_ttl("/multi/ttl", 100000)))
    r.do("a", multi(create2("/multi/c2", b"22"), create2("/multi/c2-", flags=2)))
    r.each("a", exists("/multi/c2"), exists("/multi"))
    r.do("a", multi(set_data("/multi/one", b"same"), set_data("/multi/one", b"same"),
                    set_data("/multi/one", None)))
    r.do("a", get_data("/multi/one"))


def successes(r):
    r.section("multi")
    r.connect("a")
    r.do("a", create("/multi", b"m"))
    _successes(r)
    r.end_section()


FAILURES = {
    "exists": create("/mf/there"),
    "no-parent": create("/mf/none/x"),
    "missing": delete("/mf/none"),
    "version": set_data("/mf/there", b"", 9),
    "not-empty": delete("/mf/full"),
    "check": check("/mf/there", 5),
    "check-missing": check("/mf/none", -1),
    "bad-path": create("/mf//x"),
    "bad-acl": create("/mf/acl", acl=()),
    "under-ephemeral": create("/mf/eph/x"),
    "noauth": set_data("/mf/locked", b"x"),
    "check-noauth": check("/mf/unreadable", -1),
    "flags": create("/mf/flags", flags=12),
    "ttl": create_ttl("/mf/ttl", 0),
    "root": delete("/"),
    "null-path": delete(None),
    "quiet-config": set_data("/zookeeper/config", b""),
}


def failures(r):
    """Every kind of refusal at the start, in the middle and at the end."""
    r.section("multi-failures")
    r.connect("a")
    r.quiet("a", create("/mf"), create("/mf/there", b"t"), create("/mf/full"),
            create("/mf/full/x"), create("/mf/eph", flags=1),
            create("/mf/locked", acl=(Acl(1, "world", "anyone"),)),
            create("/mf/unreadable", acl=(Acl(2, "world", "anyone"),)))
    good = [create("/mf/new"), set_data("/mf/there", b"changed"), create("/mf/s-", flags=2)]
    for name, failing in FAILURES.items():
        for position in range(3):
            requests = good[:]
            requests.insert(position, failing)
            r.do("a", multi(*requests), label=f"a: {name} in position {position}")
        r.do("a", exists("/mf"), label=f"a: parent after {name}")
    r.do("a", get_data("/mf/there"))
    r.do("a", exists("/mf/new"))
    r.do("a", create("/mf/s-", flags=2), label="a: sequence after refused multis")
    for one, two in itertools.product(("missing", "version"), ("exists", "check")):
        r.do("a", multi(FAILURES[one], FAILURES[two]), label=f"a: {one} then {two}")
    r.do("a", multi(create("/mf/self"), create("/mf/self")))
    r.do("a", multi(create("/mf/self"), check("/mf/self", 1)))
    r.do("a", multi(create("/mf/self"), delete("/mf/self"), delete("/mf/self")))
    r.do("a", multi(delete("/mf/full/x"), delete("/mf/full"), check("/mf/none")))
    r.do("a", exists("/mf/full"))
    r.do("a", multi(set_data("/mf/there", b"1", 0), set_data("/mf/there", b"2", 0)))
    r.do("a", multi(create("/mf/e2", flags=1), create("/mf/e2/x")))
    for alien in (exists("/mf"), wire.set_acl("/mf"), wire.sync("/mf"), get_data("/mf"),
                  wire.raw(99), wire.raw(-1, wire.pack_int(0)), wire.raw(11), wire.raw(20)):
        r.do("a", multi(create("/mf/alien"), alien), label=f"a: multi with {alien}")
        if not r.alive("a"):
            r.drop("a")
            r.connect("a")
    r.do("a", exists("/mf/alien"))
    r.do("a", wire.get_children2("/mf"))
    r.end_section()


def multi_reads(r):
    r.section("multi-read")
    r.connect("a")
    r.quiet("a", create("/mr", b"m"), create("/mr/x", b"xx"),
            create("/mr/locked", acl=(Acl(2, "world", "anyone"),)))
    r.do("a", multi_read())
    r.do("a", multi_read(get_data("/mr")))
    r.do("a", multi_read(get_data("/mr"), get_children("/mr"), get_data("/mr/x"),
                         get_children("/mr/x")))
    r.do("a", multi_read(get_data("/none"), get_data("/mr"), get_children("/none")))
    r.do("a", multi_read(get_data("/mr/locked"), get_children("/mr/locked"), get_data("/mr")))
    r.do("a", multi_read(get_data("/mr", watch=True), get_children("/mr", watch=True)))
    r.quiet("a", set_data("/mr", b"n"), create("/mr/y"))
    r.events("a", "no watches by multiRead")
    r.do("a", multi_read(get_data(""), get_data("x"), get_data("/mr/"), get_children("//")))
    for alien in (exists("/mr"), create("/mr/z"), check("/mr"), wire.get_acl("/mr"), wire.raw(99)):
        r.do("a", multi_read(get_data("/mr"), alien), label=f"a: multiRead with {alien}")
        if not r.alive("a"):
            r.drop("a")
            r.connect("a")
    r.do("a", exists("/mr"))
    r.end_section()
