"""setWatches and setWatches2 after a reconnect: each row of the table, and the order."""

from support.wire import (add_watch, create, delete, exists, get_children, get_data, set_data,
                          set_watches, set_watches2)

NODES = ("same", "changed", "deleted", "recreated", "childs", "child-gone")


def _prepare(r, root):
    """Makes nodes, remembers the zxid, breaks the connection, changes things behind its back."""
    r.connect("a")
    r.connect("b")
    r.quiet("a", create(root), *[create(f"{root}/{n}", b"0") for n in NODES])
    r.quiet("a", create(f"{root}/child-gone/c"))
    r.do("a", exists(root))
    seen = r["a"].last_zxid
    gone = r.drop("a")
    r.quiet("b", set_data(f"{root}/changed", b"1"), delete(f"{root}/deleted"),
            delete(f"{root}/recreated"), create(f"{root}/recreated"),
            create(f"{root}/childs/c"), delete(f"{root}/child-gone/c"),
            create(f"{root}/new"), create(f"{root}/came-and-went"),
            delete(f"{root}/came-and-went"))
    r.connect("a2", session=gone, last_zxid=seen)
    return seen


def _rows(root):
    paths = [f"{root}/{n}" for n in NODES + ("new", "came-and-went", "never")]
    return paths


def _touch_all(r, root):
    """One change of every kind on every path, to see which watches are there."""
    for path in _rows(root):
        if r["b"].call(exists(path)).err != 0:
            r.quiet("b", create(path))
            r.events("a2", f"create {path}")
        else:
            r.quiet("b", set_data(path, b"t"))
            r.events("a2", f"setData {path}")
        r.quiet("b", create(f"{path}/t"))
        r.events("a2", f"create {path}/t")
        r.quiet("b", delete(f"{path}/t"))
        r.events("a2", f"delete {path}/t")


def set_watches_rows(r):
    r.section("set-watches")
    for kind in ("data", "exist", "child"):
        root = f"/sw-{kind}"
        seen = _prepare(r, root)
        for path in _rows(root):
            r.do("a2", set_watches(seen, **{kind: [path]}))
        _touch_all(r, root)
        for name in ("a2", "b"):
            r.close(name)
    all_at_once(r)
    r.end_section()


def all_at_once(r):
    root = "/sw-all"
    seen = _prepare(r, root)
    paths = _rows(root)
    r.do("a2", set_watches(seen, paths, paths, paths), sort_events=True)
    r.do("a2", set_watches(seen, None, None, None))
    r.do("a2", set_watches(seen, [], [], []))
    r.do("a2", set_watches(seen, [f"{root}/same"]), xid=55)
    r.do("a2", set_watches(0, [f"{root}/same"]))
    r.do("a2", set_watches(-1, [f"{root}/same"], [], [f"{root}/same"]))
    r.do("a2", set_watches(1 << 60, [f"{root}/same"], [], [f"{root}/same"]))
    r.do("a2", set_watches(seen, ["", "x", "//", f"{root}/same/"], ["y", ""], ["z/"]))
    r.do("a2", set_watches(seen, [f"{root}/same"]))
    _touch_all(r, root)
    for name in ("a2", "b"):
        r.close(name)


def set_watches2_rows(r):
    r.section("set-watches2")
    for kind in ("data", "exist", "child", "persistent", "recursive"):
        root = f"/sw2-{kind}"
        seen = _prepare(r, root)
        for path in _rows(root)[:4] + _rows(root)[-1:]:
            r.do("a2", set_watches2(seen, **{kind: [path]}))
        _touch_all(r, root)
        for name in ("a2", "b"):
            r.close(name)
    root = "/sw2-mixed"
    seen = _prepare(r, root)
    r.do("a2", set_watches2(seen, [f"{root}/changed"], [f"{root}/new"], [f"{root}/childs"],
                            [f"{root}/same"], [root]))
    r.do("a2", set_watches2(seen, None, None, None, None, None))
    _touch_all(r, root)
    lost_between(r)
    r.end_section()


def lost_between(r):
    """A persistent watch and a one-shot watch across a break, seen through real reconnects."""
    r.connect("k")
    r.quiet("k", create("/sw2-k", b"0"))
    r.each("k", add_watch("/sw2-k", 0), get_data("/sw2-k", watch=True),
           get_children("/sw2-k", watch=True))
    gone = r.drop("k")
    r.quiet("b", set_data("/sw2-k", b"1"), create("/sw2-k/c"))
    r.connect("k2", session=gone, last_zxid=gone.last_zxid)
    r.do("k2", set_watches2(gone.last_zxid, ["/sw2-k"], [], ["/sw2-k"], ["/sw2-k"], []))
    r.do("k2", get_data("/sw2-k"))
    r.quiet("b", set_data("/sw2-k", b"2"))
    r.events("k2")
