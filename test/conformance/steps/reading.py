"""Reads: the fresh tree, and every read operation with its refusals."""

from support import wire
from support.wire import create, exists, get_data

BUILT_IN = ("/", "/zookeeper", "/zookeeper/quota", "/zookeeper/config")


def fresh_tree(r):
    r.section("fresh")
    r.connect("a")
    for path in BUILT_IN:
        r.each("a", exists(path), get_data(path), wire.get_children2(path), wire.get_acl(path),
               wire.get_all_children_number(path))
    r.do("a", wire.get_children("/"))
    r.do("a", wire.get_ephemerals())
    r.do("a", wire.who_am_i())
    r.do("a", wire.sync("/"))
    r.do("a", wire.reconfig(joining="server.2=127.0.0.1:1:2;3"))
    r.do("a", wire.reconfig(members=""))
    r.alive("a")
    r.end_section()


def reads(r):
    r.section("reads")
    r.connect("a")
    r.connect("b")
    r.quiet("a", create("/reads", b"d"), create("/reads/x", b"xx"), create("/reads/x/y"),
            create("/reads/e1", flags=1), create("/reads/e2", flags=1), create("/readsE", flags=1),
            create("/reads/secret", b"s", acl=(wire.Acl(wire.PERM_WRITE, "world", "anyone"),)))
    for path in ("/reads", "/reads/x", "/reads/x/y", "/reads/e1", "/reads/none", "/reads/secret"):
        r.each("a", exists(path), get_data(path), wire.get_children(path),
               wire.get_children2(path), wire.get_acl(path), wire.get_all_children_number(path),
               wire.sync(path))
    for prefix in (None, "", " ", "/", "/reads", "/reads/", "/reads/e1", "/readsE", "/none", "x"):
        r.do("a", wire.get_ephemerals(prefix))
    r.do("b", wire.get_ephemerals())
    r.do("b", wire.ping())
    r.do("b", wire.exists("/reads"), xid=0)
    r.do("b", wire.exists("/reads"), xid=-77)
    r.do("b", wire.exists("/reads"), xid=2**31 - 1)
    r.do("b", wire.create("/reads/odd-xid"), xid=-5)
    r.do("b", wire.ping(), xid=5)
    r.end_section()
