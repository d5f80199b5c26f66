"""Every operation on every kind of wrong or odd path."""

from support import wire
from support.wire import check, create, create2, multi

PATHS = [
    None, "", "x", "x/y", "/p/", "/p//q", "//", "//p", "/p/.", "/p/..", "/./p", "/../p", "/p/./q",
    "/p/../q", "/p/...", "/p/.hidden", "/p/a b", "/p/a:b", "/p/\u00e4\u4e2d", "/p/nul\0",
    "/p/\u0001", "/p/\u001f", "/p/\u0020", "/p/\u007f", "/p/\u0080", "/p/\u009f", "/p/\u00a0",
    "/p/\ud7ff", "/p/\ue000", "/p/\uf8ff", "/p/\uf900", "/p/\uffef", "/p/\ufff0", "/p/\uffff",
    "/p/\U0001f600", "/p/" + "long" * 200,
]


def table(r):
    r.section("paths")
    r.connect("a")
    r.quiet("a", create("/p"), create("/p/q"))
    for path in PATHS:
        r.each("a", create(path), create2(path, flags=2), wire.set_data(path, b"x"),
               wire.set_acl(path, wire.OPEN), multi(check(path)), wire.exists(path),
               wire.get_data(path), wire.get_children(path), wire.get_children2(path),
               wire.get_acl(path), wire.get_all_children_number(path), wire.sync(path),
               wire.get_ephemerals(path), wire.delete(path))
        if path is not None:  # ZooKeeper stores a watch on null and breaks when it cleans up
            r.each("a", wire.exists(path, watch=True), wire.add_watch(path, 0),
                   wire.check_watches(path, 3), wire.remove_watches(path, 3),
                   wire.remove_watches(path, 3))
        if not r.alive("a"):
            r.drop("a")
            r.connect("a")
    r.do("a", wire.get_children2("/p"))
    r.end_section()
