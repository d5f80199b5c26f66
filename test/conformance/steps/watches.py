"""What fires what, in which order, for whom."""

from support import wire
from support.wire import (Acl, add_watch, check_watches, create, delete, exists, get_children,
                          get_data, remove_watches, set_acl, set_data)

CHILDREN, DATA, ANY = wire.CHILD_WATCH, wire.DATA_WATCH, wire.ANY_WATCH


def one_shot(r):
    r.section("one-shot")
    r.connect("a")
    r.quiet("a", create("/w"))
    r.do("a", exists("/w/x", watch=True))
    r.do("a", get_data("/w/x", watch=True))
    r.do("a", get_children("/w/x", watch=True))
    r.do("a", create("/w/x"))
    r.do("a", set_data("/w/x"))
    r.do("a", exists("/w/x", watch=True))
    r.do("a", get_data("/w/x", watch=True))
    r.do("a", set_acl("/w/x"))
    r.do("a", create("/w/x/c"))
    r.do("a", delete("/w/x/c"))
    r.do("a", set_data("/w/x"))
    r.do("a", set_data("/w/x"))
    r.do("a", get_children("/w/x", watch=True))
    r.do("a", wire.get_children2("/w/x", watch=True))
    r.do("a", set_data("/w/x"))
    r.do("a", create("/w/x/c"))
    r.do("a", delete("/w/x/c"))
    r.each("a", get_data("/w/x", watch=True), get_children("/w/x", watch=True),
           get_children("/w", watch=True), exists("/w", watch=True))
    r.do("a", delete("/w/x"))
    r.do("a", create("/w/x"))
    r.do("a", exists("/w/x", watch=True))
    r.do("a", delete("/w/x"))
    r.do("a", exists("/w/x", watch=True))
    r.do("a", delete("/w/x"))
    r.do("a", create("/w/x", flags=1))
    r.each("a", get_data("/w/x", watch=True), get_data("/w/x", watch=False))
    r.do("a", set_data("/w/x"))
    r.each("a", get_children("/w", watch=True), exists("/w/m", watch=True))
    r.do("a", wire.multi(create("/w/m"), set_data("/w/m"), delete("/w/m")))
    r.each("a", get_data("/w/x", watch=True), get_children("/w", watch=True))
    r.do("a", wire.multi(set_data("/w/x", b"1"), create("/w/y"), delete("/w/y"), wire.check("/w")))
    r.each("a", get_data("/w/x", watch=True), exists("/w/none", watch=True))
    r.do("a", wire.multi(set_data("/w/x", b"1"), create("/w/none"), wire.check("/w", 55)))
    r.do("a", set_data("/w/x", b"2"))
    r.each("a", exists("/", watch=True), get_children("/", watch=True))
    r.do("a", create("/w2"))
    r.do("a", set_data("/"))
    r.do("a", wire.create("/w/s-", flags=2))
    r.end_section()


def persistent(r):
    r.section("persistent")
    r.connect("a")
    r.connect("b")
    r.quiet("a", create("/pw"))
    r.do("a", add_watch("/pw/p", 0))
    r.do("a", add_watch("/pw", 1))
    r.do("b", add_watch("/pw/p", 1))
    for mode in (-1, 2, 3, 100):
        r.do("a", add_watch("/pw", mode))
    for _ in range(2):
        r.each("a", create("/pw/p"), set_data("/pw/p"), create("/pw/p/c"), set_data("/pw/p/c"),
               create("/pw/p/c/d"), set_data("/pw/p/c/d"), set_acl("/pw/p"),
               delete("/pw/p/c/d"), delete("/pw/p/c"), delete("/pw/p"))
        r.events("b")
    r.each("a", create("/pw/p"), get_data("/pw/p"))
    r.do("a", wire.multi(create("/pw/p/1"), create("/pw/p/2"), set_data("/pw/p"),
                         delete("/pw/p/1"), delete("/pw/p/2"), delete("/pw/p")))
    r.events("b")
    r.do("a", set_data("/pw"))
    r.do("b", add_watch("/", 1))
    r.each("a", create("/pw-elsewhere"), delete("/pw-elsewhere"), set_data("/"))
    r.events("b", "a recursive watch on the root")
    r.connect("c")
    r.do("c", add_watch("/", 0))
    r.do("a", create("/pw-elsewhere"))
    r.do("a", create("/pw-elsewhere/x"))
    r.do("a", delete("/pw-elsewhere/x"))
    r.do("a", delete("/pw-elsewhere"))
    r.events("c", "a persistent watch on the root")
    modes_together(r)
    r.end_section()


def modes_together(r):
    """Several kinds of watch by one connection on one path."""
    r.connect("d")
    r.quiet("a", create("/pw/t"))
    r.each("d", add_watch("/pw/t", 0), exists("/pw/t", watch=True),
           get_children("/pw/t", watch=True))
    for _ in range(2):
        r.each("a", set_data("/pw/t"), create("/pw/t/c"), delete("/pw/t/c"))
        r.events("d", "persistent first, then one-shot")
    r.connect("e")
    r.each("e", exists("/pw/t", watch=True), get_children("/pw/t", watch=True),
           add_watch("/pw/t", 0))
    for _ in range(2):
        r.each("a", set_data("/pw/t"), create("/pw/t/c"), delete("/pw/t/c"))
        r.events("e", "one-shot first, then persistent")
    r.connect("f")
    r.each("f", add_watch("/pw/t", 0), add_watch("/pw/t", 1))
    r.each("a", set_data("/pw/t"), create("/pw/t/c"), delete("/pw/t/c"))
    r.events("f", "persistent first, then recursive")
    r.connect("g")
    r.each("g", add_watch("/pw/t", 1), add_watch("/pw/t", 0))
    r.each("a", set_data("/pw/t"), create("/pw/t/c"), set_data("/pw/t/c"), delete("/pw/t/c"))
    r.events("g", "recursive first, then persistent")
    r.connect("h")
    r.each("h", add_watch("/pw/t", 1), get_data("/pw/t", watch=True),
           get_children("/pw/t", watch=True))
    for _ in range(2):
        r.each("a", set_data("/pw/t"), create("/pw/t/c"), delete("/pw/t/c"))
        r.events("h", "recursive first, then one-shot")


def removal(r):
    r.section("removal")
    r.connect("a")
    r.connect("b")
    r.quiet("a", create("/rm"))
    for kind in (-1, 0, 1, 2, 3, 4, 5, 6):
        r.do("a", check_watches("/rm", kind))
        r.do("a", remove_watches("/rm", kind))
    setups = {
        "data": [get_data("/rm", watch=True)],
        "exist": [exists("/rm", watch=True)],
        "missing": [exists("/rm/none", watch=True)],
        "child": [get_children("/rm", watch=True)],
        "both": [get_data("/rm", watch=True), get_children("/rm", watch=True)],
        "persistent": [add_watch("/rm", 0)],
        "recursive": [add_watch("/rm", 1)],
    }
    for name, setup in setups.items():
        path = "/rm/none" if name == "missing" else "/rm"
        # What children and data mean for the persistent kinds changed in 3.9: only "any" here.
        kinds = (ANY,) if name in ("persistent", "recursive") else (CHILDREN, DATA, ANY)
        for kind in kinds:
            r.quiet("a", *[s for s in setup if s.opcode != 3 or path == "/rm"])
            if name == "missing":
                r["a"].call(exists("/rm/none", watch=True))
            for checked in kinds:
                r.do("a", check_watches(path, checked), label=f"a: {name}: check {checked}")
            r.do("b", remove_watches(path, kind), label=f"b: {name}: not the owner {kind}")
            r.do("a", remove_watches(path, kind), label=f"a: {name}: remove {kind}")
            r.do("a", remove_watches(path, kind), label=f"a: {name}: remove {kind} again")
            r.each("a", set_data("/rm"), create("/rm/none"), set_data("/rm/none"),
                   delete("/rm/none"))
            r["a"].call(remove_watches(path, ANY))
    r.each("a", exists("/rm/x/", watch=True), remove_watches("/rm/x", ANY),
           remove_watches("/rm/x/", ANY), check_watches("/rm/never", ANY))
    r.end_section()


def several_connections(r):
    r.section("several")
    for name in "abc":
        r.connect(name)
    r.quiet("a", create("/sev"), create("/sev/x"))
    for name in "bc":
        r.each(name, get_data("/sev/x", watch=True), get_children("/sev", watch=True),
               exists("/sev/y", watch=True), get_children("/sev/x", watch=True))
    r.each("a", set_data("/sev/x", b"1"), create("/sev/y"), create("/sev/x/c"),
           delete("/sev/y"))
    for name in "bc":
        r.events(name)
    r.do("b", get_data("/sev/x", watch=True))
    r.do("a", set_data("/sev/x", b"2"))
    r.do("b", get_data("/sev/x"), label="b: the event comes before the data it announces")
    r.do("b", exists("/sev/x", watch=True))
    r.do("a", set_data("/sev/x", b"3"))
    r.do("b", wire.sync("/sev/x"), label="b: the event comes before the sync")
    r.do("b", exists("/sev/x", watch=True))
    r.do("a", set_data("/sev/x", b"4"))
    r.do("b", wire.ping(), label="b: the event comes before the ping reply")
    r.do("b", get_data("/sev/x", watch=True))
    gone = r.drop("b")
    r.do("a", set_data("/sev/x", b"5"))
    r.connect("b2", session=gone, last_zxid=gone.last_zxid)
    r.events("b2", "watches end with their connection")
    r.end_section()


def filtered(r):
    """Events of nodes that the watcher may not read."""
    r.section("filtered")
    r.connect("a")
    r.connect("b")
    r.do("a", wire.auth("digest", b"alice:pw"))
    secret = (Acl(31, "auth", ""),)
    r.quiet("a", create("/flt"))
    r.each("b", add_watch("/flt", 1), exists("/flt/x", watch=True), get_children("/flt", True))
    r.do("a", create("/flt/x", acl=secret))
    r.events("b", "created unreadable")
    r.do("a", set_data("/flt/x", b"1"))
    r.do("a", create("/flt/x/c"))
    r.events("b", "below the unreadable")
    r.do("a", delete("/flt/x/c"))
    r.do("a", delete("/flt/x"))
    r.events("b", "deleted unreadable")
    r.do("a", create("/flt/x"))
    r.do("b", exists("/flt/x", watch=True))
    r.do("a", set_acl("/flt/x", secret))
    r.do("a", set_data("/flt/x", b"2"))
    r.do("a", set_acl("/flt/x", wire.OPEN))
    r.do("a", set_data("/flt/x", b"3"))
    r.events("b", "closed, changed, opened, changed")
    r.do("b", exists("/flt/x", watch=True))
    r.do("a", set_acl("/flt", secret))
    r.do("b", check_watches("/flt/x", DATA))
    r.do("a", delete("/flt/x"))
    r.events("b", "child of an unreadable parent")
    r.connect("s")
    r.do("s", wire.auth("digest", b"super:test"))
    r.do("s", add_watch("/flt", 0))
    r.do("a", create("/flt/y", acl=secret))
    r.events("s", "the super user sees all")
    r.end_section()
