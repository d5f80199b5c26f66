"""create, create2, createContainer, createTTL: modes, sequences, order of checks."""

from support import wire
from support.wire import Acl, create, create2, create_container, create_ttl, delete, exists


def modes(r):
    r.section("modes")
    r.connect("a")
    r.do("a", create("/modes", b"top"))
    for flags in range(4):
        for make in (create, create2):
            path = f"/modes/{make.__name__}-{flags}"
            r.do("a", make(path, b"x" * flags, flags=flags))
    r.do("a", create_container("/modes/container"))
    r.do("a", create_container("/modes/container-0", flags=0))
    r.do("a", create_ttl("/modes/ttl", 100000))
    r.do("a", create_ttl("/modes/ttl-", 100000, flags=6))
    r.do("a", wire.get_children2("/modes"))
    for name in r["a"].ok(wire.get_children("/modes"))["children"]:
        r.do("a", wire.get_data(f"/modes/{name}"))
    for flags in (-1, 7, 8, 100, 2**31 - 1):
        r.do("a", create("/modes/bad", flags=flags))
        r.do("a", create2("/modes/bad", flags=flags))
        r.do("a", create_container("/modes/bad", flags=flags))
        r.do("a", create_ttl("/modes/bad", 5000, flags=flags))
    for flags in (1, 2, 3, 5, 6):
        r.do("a", create_container(f"/modes/odd-container-{flags}", flags=flags))
    for flags in (0, 1, 2, 3, 4):
        r.do("a", create_ttl(f"/modes/odd-ttl-{flags}", 5000, flags=flags))
    for flags in (5, 6):
        r.do("a", create(f"/modes/odd-create-{flags}", flags=flags))
        r.do("a", create2(f"/modes/odd-create2-{flags}", flags=flags))
    for ttl in (0, -1, -5, 1 << 40, (1 << 40) - 1, 1 << 62):
        r.do("a", create_ttl(f"/modes/ttl{ttl}", ttl))
    data_sizes(r)
    r.do("a", wire.get_children2("/modes"))
    r.do("a", wire.get_all_children_number("/modes"))
    r.end_section()


def data_sizes(r):
    for name, data in (("null", None), ("empty", b""), ("zero", b"\0"), ("64k", b"k" * 65536),
                       ("900k", b"m" * 900000)):
        r.do("a", create(f"/modes/data-{name}", data))
        r.do("a", wire.get_data(f"/modes/data-{name}"))
        r.do("a", delete(f"/modes/data-{name}"))


def container_flag(r):
    """Flags 4 with the opcodes of plain creates, apart because Troupe may answer differently."""
    r.section("container-flag")
    r.connect("a")
    r.quiet("a", create("/conflag"))
    for make in (create, create2):
        r.note(f"{make.__name__} with flags 4",
               r["a"].call(make(f"/conflag/{make.__name__}", flags=4)).err)
    r.end_section()


def sequences(r):
    r.section("sequences")
    r.connect("a")
    r.do("a", create("/seq"))
    r.do("a", create("/seq/n-", flags=2))
    r.do("a", create("/seq/n-", flags=3))
    r.do("a", create("/seq/other-", flags=2))
    r.do("a", create("/seq/plain"))
    r.do("a", create("/seq/n-", flags=2))
    r.do("a", delete("/seq/plain"))
    r.do("a", delete("/seq/n-0000000000"))
    r.do("a", create("/seq/n-", flags=2))
    r.do("a", create("/seq/", flags=2))
    r.do("a", create("/seq/..", flags=2))
    r.do("a", create("/seq/.", flags=2))
    r.do("a", create("/seq//", flags=2))
    r.do("a", create("/seq", flags=2))
    r.do("a", create("/", flags=2))
    r.do("a", create("/seq/n-", flags=2), label="a: create after refused sequentials")
    r.do("a", exists("/seq"))
    r.do("a", create("/seq/plain"))
    r.do("a", create("/seq/plain"))
    r.do("a", create("/seq/n-", flags=2), label="a: create after NODEEXISTS")
    r.do("a", create2("/seq/eph", flags=1))
    r.do("a", create("/seq/eph/n-", flags=2))
    r.do("a", create("/seq/missing/n-", flags=2))
    r.do("a", create_ttl("/seq/t-", 100000, flags=6))
    r.do("a", wire.get_children2("/seq"))
    for name in r["a"].ok(wire.get_children("/seq"))["children"]:
        r.quiet("a", delete(f"/seq/{name}"))
    r.do("a", create("/seq/n-", flags=2), label="a: create after all children are gone")
    r.quiet("a", delete("/seq/" + r["a"].ok(wire.get_children("/seq"))["children"][0]))
    r.do("a", exists("/seq"))
    r.do("a", delete("/seq"))
    r.do("a", create("/seq"))
    r.do("a", create("/seq/n-", flags=2), label="a: create under the recreated parent")
    r.do("a", exists("/seq"))
    r.end_section()


NO_CREATE = (Acl(wire.PERM_ALL & ~wire.PERM_CREATE, "world", "anyone"),)
BAD_ACLS = {
    "null": None,
    "empty": (),
    "scheme": (Acl(31, "nosuch", "x"),),
    "world": (Acl(31, "world", "x"),),
    "auth": (Acl(31, "auth", ""),),
    "digest": (Acl(31, "digest", "nocolon"),),
    "digest2": (Acl(31, "digest", "a:b:c"),),
    "ip": (Acl(31, "ip", "not-an-address"),),
    "ip-bits": (Acl(31, "ip", "10.0.0.0/99"),),
    "super": (Acl(31, "super", "x"),),
    "null-scheme": (Acl(31, None, "x"),),
    "null-id": (Acl(31, "digest", None),),
    "second": (Acl(31, "world", "anyone"), Acl(31, "nosuch", "x")),
}


def order_of_checks(r):
    """Requests with several faults at once: which one is reported?"""
    r.section("order")
    r.connect("a")
    r.quiet("a", create("/order"), create("/order/there"), create("/order/eph", flags=1),
            create("/order/closed", acl=NO_CREATE))
    for name, acl in BAD_ACLS.items():
        r.do("a", create(f"/order/acl-{name}", acl=acl))
        r.do("a", create(f"/order/missing/acl-{name}", acl=acl))
        r.do("a", wire.set_acl("/order/there", acl=acl))
        r.do("a", wire.set_acl("/order/missing", acl=acl, version=99))
    bad = BAD_ACLS["scheme"]
    r.each(
        "a",
        create("/order/there"),
        create("/order/there", flags=1),
        create("/order/missing/x"),
        create("/order/eph/x"),
        create("/order/eph/x", flags=1),
        create("/order/closed/x"),
        create("/order/closed/../x"),
        create("/order/closed/bad\u0001"),
        create("/order/missing/bad\u0001"),
        create("/order/eph/bad\u0001"),
        create("/order/eph", acl=bad),
        create("/order/there", flags=9),
        create("noslash", flags=9),
        create("noslash", acl=bad),
        create("/nul\0", acl=bad),
        create("/order/bad\u0001", acl=bad),
        create("/order/missing/x", acl=bad),
        create("/order/missing/x", flags=9),
        create("/", flags=0),
        create("/", flags=1),
        create("/zookeeper"),
        create("/zookeeper/config"),
        create("/zookeeper/config/x"),
        create("/zookeeper/mine"),
        create("/zookeeper/quota/mine"),
        create_ttl("/order/there", 0),
        create_ttl("noslash", 0),
        create_ttl("/order/missing/x", 0, acl=bad),
        create_container("/order/there"),
        create_container("/order/missing/x"),
        create_container("/order/eph/x"),
        create_container("/order/closed/x"),
        delete("/zookeeper/mine"),
        delete("/zookeeper/quota/mine"),
        wire.set_data("/order/missing", b"", 7),
        wire.set_data("/order/there", b"", 7),
        wire.set_data("/order//there", b"", 7),
        delete("/order/missing/x", 7),
        delete("/order", 7),
        delete("/order/there", 7),
    )
    r.end_section()
