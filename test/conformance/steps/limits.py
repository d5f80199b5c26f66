"""Containers, TTL nodes, quotas."""

from support import wire
from support.wire import (add_watch, create, create_container, create_ttl, delete, exists,
                          get_data, set_data)


def _gone(reply):
    return reply.err == -101


def containers(r):
    r.section("containers")
    r.connect("a")
    r.quiet("a", create("/con"))
    r.do("a", add_watch("/con", 1))
    r.do("a", create_container("/con/never"))
    r.do("a", create_container("/con/c", b"data"))
    r.do("a", create("/con/c/x"))
    r.do("a", wire.get_children2("/con"))
    r.do("a", delete("/con/c/x"))
    r.until("a", exists("/con/c"), _gone, "the empty container to go")
    r.events("a", "the empty container goes")
    r.do("a", wire.get_children2("/con"))
    r.do("a", create_container("/con/d"))
    r.do("a", create("/con/d/e", flags=1))
    r.do("a", create_container("/con/d/n-", flags=2))
    r.do("a", wire.get_children2("/con/d"))
    r.do("a", delete("/con/d"))
    r.do("a", delete("/con/d/e"))
    r.do("a", exists("/con/d"))
    r.do("a", exists("/con/never"))
    r.do("a", set_data("/con/never", b"x"))
    r.do("a", delete("/con/never"))
    r.end_section()


def ttl(r):
    r.section("ttl")
    r.connect("a")
    r.quiet("a", create("/ttl"))
    r.do("a", add_watch("/ttl", 1))
    r.do("a", create_ttl("/ttl/long", 1 << 39))
    r.do("a", create_ttl("/ttl/parent", 300))
    r.do("a", create("/ttl/parent/c"))
    r.do("a", create_ttl("/ttl/short", 50))
    r.until("a", exists("/ttl/short"), _gone, "the TTL node to go")
    r.events("a", "a TTL node goes")
    r.do("a", exists("/ttl/parent"))
    r.do("a", delete("/ttl/parent/c"))
    r.until("a", exists("/ttl/parent"), _gone, "the TTL parent to go once it is empty")
    r.events("a", "a TTL parent goes once it is empty")
    r.do("a", exists("/ttl/long"))
    r.do("a", wire.get_children2("/ttl"))
    r.end_section()


def _quota(r, path, text):
    parts = ("/zookeeper/quota" + path).split("/")
    for depth in range(4, len(parts) + 1):
        node = "/".join(parts[:depth])
        if r["a"].call(exists(node)).err != 0:
            r.do("a", create(node))
    r.do("a", create(f"/zookeeper/quota{path}/zookeeper_limits", text))
    r.do("a", create(f"/zookeeper/quota{path}/zookeeper_stats", b"count=0,bytes=0"))


def quotas(r):
    r.section("quotas")
    r.connect("a")
    stats = "/zookeeper/quota/quo/zookeeper_stats"
    r.quiet("a", create("/quo", b"12345"), create("/quo/a", b"1"), create("/quo/a/b", b"22"))
    _quota(r, "/quo", b"count=4,bytes=20=;byteHardLimit=20;countHardLimit=5")
    r.do("a", get_data(stats))
    r.do("a", exists(stats, watch=True))
    for request in (create("/quo/c", b"333"), create("/quo/d"), create("/quo/e"),
                    create("/quo/a/b/deep"), set_data("/quo/c", b"1" * 12),
                    set_data("/quo/c", b"1" * 13), set_data("/quo/c", b"1" * 12, 9),
                    set_data("/quo/c", b"1" * 13, 9), delete("/quo/d"), create("/quo/d", b"z"),
                    set_data("/quo/c", None), create("/quo/d", b"z"), create("/quo/d", b"z"),
                    create("/quo/f"), create("/quo/missing/f"), create("/quo/s-", flags=2)):
        r.do("a", request)
        r.do("a", get_data(stats), label="a: usage")
    r.do("a", wire.multi(set_data("/quo", b"1" * 30), wire.check("/quo")))
    r.do("a", wire.multi(delete("/quo/d"), create("/quo/d2"), create("/quo/d3")))
    r.do("a", get_data(stats))
    soft_limits(r)
    odd_limits(r)
    r.do("a", delete(f"{stats}"))
    r.do("a", delete("/zookeeper/quota/quo/zookeeper_limits"))
    r.each("a", create("/quo/free1"), create("/quo/free2"), create("/quo/free3", b"5" * 100))
    r.do("a", wire.get_children2("/zookeeper/quota/quo"))
    r.do("a", wire.get_children2("/quo"))
    r.do("a", create("/zookeeper/quota/quo/zookeeper_stats"))
    r.do("a", get_data("/zookeeper/quota/quo/zookeeper_stats"))
    r.end_section()


def soft_limits(r):
    r.quiet("a", create("/soft"))
    _quota(r, "/soft", b"count=2,bytes=5")
    r.each("a", create("/soft/1", b"1" * 10), create("/soft/2"), create("/soft/3"),
           get_data("/zookeeper/quota/soft/zookeeper_stats"))
    # Only the deepest quota counts.
    _quota(r, "/soft/1", b"count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2")
    r.each("a", create("/soft/1/a"), create("/soft/1/b"), create("/soft/4"),
           get_data("/zookeeper/quota/soft/1/zookeeper_stats"))
    r.do("a", get_data("/zookeeper/quota/soft/zookeeper_stats"), "a: usage around a deeper quota")
    r.each("a", set_data("/zookeeper/quota/soft/1/zookeeper_limits",
                         b"count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3"),
           create("/soft/1/b"), create("/soft/1/c"),
           get_data("/zookeeper/quota/soft/1/zookeeper_limits"))
    r.do("a", set_data("/zookeeper/quota/soft/1/zookeeper_stats", b"count=77,bytes=77"),
         "a: usage set by a client")
    r.do("a", get_data("/zookeeper/quota/soft/1/zookeeper_stats"), "a: usage set by a client")
    r.do("a", delete("/soft/1/b"))
    r.do("a", get_data("/zookeeper/quota/soft/1/zookeeper_stats"), "a: usage set by a client")


def odd_limits(r):
    """Limits that are not in the usual form, on a path that does not exist."""
    _quota(r, "/none", b"count=1,bytes=1=;byteHardLimit=1;countHardLimit=1")
    r.do("a", get_data("/zookeeper/quota/none/zookeeper_stats"))
    r.do("a", create("/none"))
    r.do("a", create("/none/x"))
    r.do("a", get_data("/zookeeper/quota/none/zookeeper_stats"))
    r.do("a", delete("/none"))
    r.do("a", get_data("/zookeeper/quota/none/zookeeper_stats"))
    r.quiet("a", create("/odd"))
    for number, text in enumerate((b"countHardLimit=1", b"bytes=3", b"byteHardLimit=0,count=0",
                                   b"count=5;countHardLimit=1")):
        r.quiet("a", create(f"/odd/{number}"))
        _quota(r, f"/odd/{number}", text)
        r.do("a", create(f"/odd/{number}/x", b"123"))
        r.do("a", set_data(f"/odd/{number}", b"1234"))
        r.do("a", get_data(f"/zookeeper/quota/odd/{number}/zookeeper_stats"))


def plain(r):
    """A server that leaves TTL nodes, quota enforcement and the super user off."""
    r.section("plain")
    r.connect("a")
    r.quiet("a", create("/plain", b"0"))
    for request in (create_ttl("/plain/ttl", 1000), create_ttl("/plain/ttl", 0),
                    create_ttl("/plain/ttl-", 1000, flags=6), create_ttl("/plain/x", 1, flags=0),
                    create_ttl("/plain/x", 1, flags=9), create_ttl("noslash", 1000),
                    create("/plain/x", flags=5), create("/plain/x", flags=6),
                    create_container("/plain/box"),
                    wire.multi(create("/plain/m"), create_ttl("/plain/ttl", 1000))):
        r.do("a", request)
    r.alive("a")
    _quota(r, "/plain", b"count=1,bytes=1=;byteHardLimit=1;countHardLimit=1")
    r.each("a", create("/plain/more", b"12345"), set_data("/plain", b"12345"),
           get_data("/zookeeper/quota/plain/zookeeper_stats"))
    r.connect("s")
    r.do("a", wire.auth("digest", b"user:pw"))
    r.do("a", create("/plain/secret", b"s", wire.CREATOR))
    r.do("s", wire.auth("digest", b"super:test"))
    r.each("s", wire.who_am_i(), get_data("/plain/secret"))
    r.each("a", wire.get_children2("/plain"), wire.get_all_children_number("/"))
    r.end_section()
