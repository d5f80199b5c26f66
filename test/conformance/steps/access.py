"""ACLs, schemes, identities."""

import base64
import hashlib

from support import wire
from support.wire import Acl, auth, create, delete, exists, get_acl, get_data, set_acl, set_data


def digest_id(user, password):
    raw = hashlib.sha1(f"{user}:{password}".encode()).digest()
    return f"{user}:{base64.b64encode(raw).decode()}"


ALICE = Acl(31, "digest", digest_id("alice", "pw"))
BOB_READS = Acl(1, "digest", digest_id("bob", "pw"))


def schemes(r):
    r.section("schemes")
    r.connect("a")
    r.connect("b")
    r.quiet("a", create("/acl"))
    r.do("a", create("/acl/auth", acl=wire.CREATOR))
    r.do("a", auth("digest", b"alice:pw"))
    r.do("a", wire.who_am_i())
    r.do("a", create("/acl/auth", acl=wire.CREATOR))
    r.do("a", get_acl("/acl/auth"))
    r.do("b", get_acl("/acl/auth"))
    r.do("b", get_data("/acl/auth"))
    r.do("b", exists("/acl/auth"))
    r.do("b", exists("/acl/auth", watch=True))
    r.do("a", set_data("/acl/auth", b"x"))
    r.events("b", "after an exists that was refused")
    r.do("a", auth("digest", b"bob:pw"))
    r.do("a", wire.who_am_i())
    r.do("a", create("/acl/both", acl=wire.CREATOR))
    r.do("a", get_acl("/acl/both"))
    r.do("a", create("/acl/both2", acl=(Acl(1, "auth", "ignored"), Acl(2, "world", "anyone"),
                                         Acl(1, "auth", ""))))
    r.do("a", get_acl("/acl/both2"))
    r.do("a", create("/acl/mixed", b"m", acl=(ALICE, BOB_READS, Acl(1, "ip", "127.0.0.1"))))
    r.do("a", get_acl("/acl/mixed"))
    r.do("b", get_acl("/acl/mixed"))
    r.do("b", get_data("/acl/mixed"))
    r.do("b", set_data("/acl/mixed", b"n"))
    for address in ("127.0.0.1", "127.0.0.0/8", "127.0.0.0/32", "10.0.0.0/8", "0.0.0.0/0",
                    "127.0.0.1/31", "127.0.0.1/0", "127.0.0.1/33", "127.0.0.1/-1",
                    "127.0.0.1/x", "127.0.0", "localhost", "1.2.3.4.5", "256.1.1.1", "",
                    "127.0.0.1/", "127.0.0.1/8/8"):
        path = "/acl/ip-" + address.replace("/", "_").replace(":", "+")
        r.do("b", create(path, acl=(Acl(31, "ip", address),)))
        r.do("b", get_data(path))
    r.do("b", auth("ip", b"ignored"))
    r.do("b", wire.who_am_i())
    digest_forms(r)
    refused_auth(r)
    r.end_section()


def ip6(r):
    """IPv6 in ACLs, apart because Debian's ZooKeeper refuses it."""
    r.section("ip6")
    r.connect("a")
    r.quiet("a", create("/ip6"))
    for number, address in enumerate(("::1", "::/0", "fe80::/10", "2001:db8::1")):
        r.note(f"acl ip:{address}",
               r["a"].call(create(f"/ip6/{number}", acl=(Acl(31, "ip", address),))).err)
    r.end_section()


def digest_forms(r):
    for form in ("u:h", "u:", ":h", ":", "u", "", "u:h:x", "u:h:", "::"):
        r.do("b", create(f"/acl/digest-{form.replace(':', '_')}", acl=(Acl(31, "digest", form),)))
    r.connect("c")
    for data in (b"nocolon", b"", b"a:b:c", b":pw", b"user:", b"\xff\xfe:x", None):
        r.do("c", auth("digest", data))
        if not r.alive("c"):
            r.drop("c")
            r.connect("c")
    r.do("c", wire.who_am_i())
    r.do("c", auth("digest", b"positive:xid"), xid=77)
    r.do("c", auth("digest", b"positive:xid"), xid=78)
    r.do("c", wire.who_am_i())


def refused_auth(r):
    for number, (scheme, data) in enumerate([("nosuch", b"x"), ("world", b"anyone"),
                                             ("auth", b""), ("super", b"x"), ("", b""),
                                             ("sasl", b"x"), (None, b"x"), ("x509", b"x")]):
        name = f"refused-{number}"
        r.connect(name)
        r.do(name, auth(scheme, data))
        r.closed(name)


def permissions(r):
    r.section("permissions")
    r.connect("admin")
    r.connect("user")
    r.do("admin", auth("digest", b"alice:pw"))
    r.quiet("admin", create("/perm"))
    for perms in (0, 1, 2, 4, 8, 16, 31, 30, 29, 27, 23, 15):
        path = f"/perm/{perms}"
        acl = (Acl(perms, "world", "anyone"), ALICE)
        r.quiet("admin", create(path, b"d", acl=acl), create(f"{path}/child"))
        r.each("user", exists(path), get_data(path), wire.get_children(path),
               wire.get_children2(path), get_acl(path), wire.get_all_children_number(path),
               create(f"{path}/new"), delete(f"{path}/child"), set_data(path, b"u"),
               wire.multi(wire.check(path, 0)), wire.multi(wire.check(path, -1)),
               wire.multi_read(get_data(path), wire.get_children(path)),
               set_acl(path, acl), exists(path, watch=True), get_data(path, watch=True))
        r.do("admin", set_data(path, b"seen by whom"))
        r.events("user")
    r.do("user", wire.get_all_children_number("/perm"))
    r.end_section()


def identities(r):
    r.section("identities")
    r.connect("a")
    r.do("a", auth("digest", b"alice:pw"))
    r.quiet("a", create("/ident", b"d", acl=(ALICE,)))
    gone = r.drop("a")
    r.connect("a2", session=gone)
    r.do("a2", get_data("/ident"), label="identity after resuming")
    r.do("a2", auth("digest", b"alice:wrong"))
    r.do("a2", get_data("/ident"))
    r.do("a2", auth("digest", b"alice:pw"))
    r.do("a2", get_data("/ident"))
    r.do("a2", wire.who_am_i())
    r.connect("root")
    r.do("root", get_data("/ident"))
    r.do("root", auth("digest", b"super:wrong"))
    r.do("root", get_data("/ident"))
    r.do("root", wire.who_am_i())
    r.do("root", auth("digest", b"super:test"))
    r.do("root", wire.who_am_i())
    r.each("root", get_data("/ident"), get_acl("/ident"), set_data("/ident", b"by super"),
           create("/ident/x", acl=wire.CREATOR), get_acl("/ident/x"), delete("/ident/x"),
           set_acl("/ident", wire.OPEN), set_data("/zookeeper/config", b""),
           wire.delete("/zookeeper/config"))
    r.do("root", wire.reconfig(joining="server.2=127.0.0.1:1:2;3"))
    r.alive("root")
    # Pipelined: what is sent behind the auth has the new identity, what is sent before has not.
    r.quiet("a2", set_acl("/ident", (Acl(31, "digest", digest_id("carol", "pw")),)))
    r.connect("c")
    requests = [get_data("/ident"), auth("digest", b"carol:pw"), get_data("/ident")]
    tickets = [r["c"].submit(request) for request in requests]
    for request, ticket in zip(requests[1:], tickets[1:]):
        r.note(f"pipelined {request}", r.shown_reply(request, r["c"].wait(ticket)))
    r.end_section()
