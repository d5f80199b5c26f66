"""A seeded random script of three clients over a few paths."""

import os
import random

from support import wire
from support.wire import (Acl, add_watch, check, create, create2, delete, exists, get_children,
                          get_data, multi, set_data)

SEED = int(os.environ.get("CONFORMANCE_SEED", "20240607"))
LENGTH = int(os.environ.get("CONFORMANCE_WALK", "600"))
NAMES = ("a", "b", "a/x", "a/y", "b/x", "a/x/z", "c")
# Everybody may read everything: exists on an unreadable node is a known difference.
ACLS = (wire.OPEN, wire.OPEN, wire.OPEN, (Acl(13, "world", "anyone"),),
        (Acl(31, "auth", ""), Acl(1, "world", "anyone")))


def _change(random_, allow_multi=True):
    path = "/walk/" + random_.choice(NAMES)
    version = random_.choice((-1, -1, 0, 1, 2))
    pick = random_.randrange(14 if allow_multi else 11)
    if pick < 3:
        return create(path, bytes([65 + pick]) * pick, random_.choice(ACLS),
                      random_.choice((0, 0, 0, 1, 2, 3)))
    if pick < 5 and allow_multi:
        return create2(path, b"2", wire.OPEN, random_.choice((0, 1, 2)))
    if pick < 7:
        return set_data(path, b"s" * random_.randrange(5), version)
    if pick < 9:
        return delete(path, version)
    if pick < 10:
        return check(path, version) if not allow_multi else wire.set_acl(
            path, random_.choice(ACLS), version)
    if pick < 11:
        return delete(path, version)
    return multi(*[_change(random_, False) for _ in range(random_.randrange(1, 5))])


def _read(random_, persistent):
    """One read; a client sets one-shot or persistent watches, never both: 3.8 mixes them up."""
    path = "/walk/" + random_.choice(NAMES)
    watch = not persistent and random_.random() < 0.5
    choices = [
        exists(path, watch), get_data(path, watch), get_children(path, watch),
        wire.get_children2(path, watch), wire.get_acl(path), wire.get_all_children_number(path),
        wire.get_ephemerals("/walk/a"), wire.multi_read(get_data(path), get_children(path)),
        wire.sync(path), wire.remove_watches(path, 3), wire.check_watches(path, 3)]
    if persistent:
        choices += [add_watch(path, 1 if path.endswith(("a", "x")) else 0)] * 3
    return random_.choice(choices)


def walk(r):
    r.section(f"walk-{SEED}")
    random_ = random.Random(SEED)
    for name in "123":
        r.connect(name)
        r.do(name, wire.auth("digest", f"user{name}:pw".encode()))
    r.quiet("1", create("/walk"))
    for _ in range(LENGTH):
        name = random_.choice("123")
        dice = random_.random()
        if dice < 0.01:
            for watcher in "123":
                r.events(watcher, "before a session ends")
            r.close(name)
            for watcher in sorted(set("123") - {name}):
                r.events(watcher, "a session ends", sort_events=True)
            r.connect(name)
            r.do(name, wire.auth("digest", f"user{name}:pw".encode()))
        elif dice < 0.6:
            r.do(name, _change(random_))
        else:
            r.do(name, _read(random_, persistent=name == "3"))
    for name in "123":
        r.events(name)
    for path in NAMES:
        r.each("1", exists("/walk/" + path), wire.get_children2("/walk/" + path))
    r.do("1", exists("/walk"))
    r.end_section()
