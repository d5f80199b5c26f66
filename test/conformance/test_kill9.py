#!/usr/bin/python3
"""kill -9 under load, restart, and nothing acknowledged is lost.

Every worker has a session and a script of writes that cannot be refused. A session's writes take
effect in order, so after a crash its part of the tree must be what the script gives after *some*
number of steps, at least as many as were acknowledged and at most as many as were sent.
CONFORMANCE_SEED and CONFORMANCE_ROUNDS choose the run.
"""

import collections
import os
import random
import sys
import threading
import unittest

from support import servers, wire
from support.case import ServerCase, main
from support.servers import wait_until

SEED = int(os.environ.get("CONFORMANCE_SEED", "7"))
ROUNDS = int(os.environ.get("CONFORMANCE_ROUNDS", "4"))
WORKERS = 5
WINDOW = 16
CRASHED = (wire.Closed, wire.Torn, OSError)


class Script:
    """The endless list of a worker's writes, and the tree they make."""

    def __init__(self, seed, root):
        self._random = random.Random(seed)
        self._root = root
        self._count = 0
        self._tree = {}  # name -> (data, version, ephemeral), after everything made so far
        self.steps = []  # (request, changes): changes is a list of (name, node or None)

    def next(self):
        """Makes one more write; returns its request."""
        self._count += 1
        names = sorted(self._tree)
        pick = self._random.random()
        if len(names) < 5 or pick < 0.4:
            request, changes = self._create()
        elif pick < 0.7:
            request, changes = self._set(self._random.choice(names))
        elif pick < 0.85:
            request, changes = self._several(self._random.choice(names))
        else:
            name = self._random.choice(names)
            request, changes = wire.delete(f"{self._root}/{name}", -1), [(name, None)]
        for name, node in changes:
            if node is None:
                del self._tree[name]
            else:
                self._tree[name] = node
        self.steps.append((request, changes))
        return request

    def _create(self):
        name = f"n{self._count:06d}"
        ephemeral = self._random.random() < 0.1
        data = self._random.randbytes(8).hex().encode() * self._random.choice((1, 1, 1, 200))
        return (wire.create(f"{self._root}/{name}", data, flags=1 if ephemeral else 0),
                [(name, (data, 0, ephemeral))])

    def _set(self, name):
        _, version, ephemeral = self._tree[name]
        data = b"set %d" % self._count
        return (wire.set_data(f"{self._root}/{name}", data, version),
                [(name, (data, version + 1, ephemeral))])

    def _several(self, name):
        one, first = self._create()
        two, second = self._set(name)
        return wire.multi(one, two), first + second

    def trees(self, least):
        """The trees after `least`, `least` + 1, … steps."""
        tree = {}
        for number, (_, changes) in enumerate(self.steps):
            if number >= least:
                yield number, dict(tree)
            for name, node in changes:
                if node is None:
                    del tree[name]
                else:
                    tree[name] = node
        yield len(self.steps), tree

    def settle(self, taken):
        """Forgets what was sent but did not happen, and goes on from there."""
        del self.steps[taken:]
        self._tree = next(tree for number, tree in self.trees(taken) if number == taken)


class Loader:
    """One session that writes its script with a window of unanswered requests."""

    def __init__(self, number, address, seed):
        self.number = number
        self.root = f"/load/w{number}"
        self.script = Script(seed * 1000 + number, self.root)
        self.acknowledged = 0
        self.error = None
        self._thread = None
        self.wire = wire.Wire.open(address, timeout_ms=20000)

    def start(self):
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def join(self):
        self._thread.join(60)
        if self._thread.is_alive():
            raise AssertionError(f"worker {self.number} did not notice the crash")
        if self.error:
            raise self.error

    def _run(self):
        waiting = collections.deque()
        try:
            while True:
                frames = []
                while len(waiting) < WINDOW:
                    request = self.script.next()
                    ticket, frame = self.wire.encode(request)
                    waiting.append((ticket, request))
                    frames.append(frame)
                self.wire.send_bytes(b"".join(frames))
                ticket, request = waiting.popleft()
                reply = self.wire.wait(ticket, 60)
                if reply.err != 0 or (request.name == "multi"
                                      and any(k == "error" for k, _ in reply.value)):
                    raise AssertionError(f"worker {self.number}: {request}: {reply}")
                self.acknowledged += 1
        except CRASHED:
            self.wire.drop()
        except BaseException as error:  # reported by join
            self.error = error
            self.wire.drop()

    def resume(self, address):
        """Takes the session up again after the restart."""
        before = self.wire
        self.wire = wire.Wire.open(address, timeout_ms=20000, session=before,
                                   last_zxid=before.last_zxid)
        if self.wire.session_id != before.session_id:
            raise AssertionError(f"worker {self.number}: session {before.session_id:#x} is gone "
                                 f"after the restart")
        self.wire.last_zxid = before.last_zxid


def read_back(reader, root):
    """{name: (data, version, owner)} of everything below root."""
    names = reader.ok(wire.get_children(root))["children"]
    tickets = [(name, reader.submit(wire.get_data(f"{root}/{name}"))) for name in names]
    tree = {}
    for name, ticket in tickets:
        value = reader.wait(ticket).value
        stat = value["stat"]
        if stat.data_length != len(value["data"]) or not 0 < stat.czxid <= stat.mzxid:
            raise AssertionError(f"{root}/{name}: inconsistent {stat}")
        tree[name] = (value["data"], stat.version, stat.ephemeral_owner)
    return tree


class KillNine(ServerCase):

    server_options = {"config": servers.troupe_config("single.yaml")}

    @classmethod
    def setUpClass(cls):
        if servers.chosen() not in ("troupe", "zookeeper"):
            raise unittest.SkipTest("needs a server that it may kill")
        print(f"seed {SEED}", file=sys.stderr)
        super().setUpClass()

    def crash(self):
        self.server.kill9()

    def restart(self):
        self.server.start()

    def check(self, reader, loader):
        """Finds the one place in the script that the recovered tree shows."""
        found = read_back(reader, loader.root)
        shown = {name: (data, version, owner != 0) for name, (data, version, owner)
                 in found.items()}
        for taken, tree in loader.script.trees(loader.acknowledged):
            if tree == shown:
                break
        else:
            acked = next(tree for _, tree in loader.script.trees(loader.acknowledged))
            lost = {n: v for n, v in acked.items() if shown.get(n) != v}
            self.fail(f"worker {loader.number}: {loader.acknowledged} of "
                      f"{len(loader.script.steps)} writes acknowledged; no state in between fits. "
                      f"Against the acknowledged ones these differ: {sorted(lost)[:20]}")
        for name, (_, _, owner) in found.items():
            if owner:
                self.assertEqual(owner, loader.wire.session_id, f"{loader.root}/{name}")
        loader.script.settle(taken)
        loader.acknowledged = taken

    def test_rounds(self):
        chance = random.Random(SEED)
        reader = wire.Wire.open(self.address)
        reader.ok(wire.create("/load"))
        loaders = [Loader(number, self.address, SEED) for number in range(WORKERS)]
        for loader in loaders:
            reader.ok(wire.create(loader.root))
        for number in range(ROUNDS):
            goal = sum(l.acknowledged for l in loaders) + chance.randrange(50, 1500)
            for loader in loaders:
                loader.start()
            wait_until(lambda goal=goal: sum(l.acknowledged for l in loaders) >= goal
                       or any(l.error for l in loaders), f"{goal} acknowledged writes", 60, 0.001)
            self.crash()
            for loader in loaders:
                loader.join()
            self.restart()
            reader.drop()
            reader = wire.Wire.open(self.address)
            for loader in loaders:
                loader.resume(self.address)
                self.check(reader, loader)
            print(f"round {number}: {sum(l.acknowledged for l in loaders)} writes are there",
                  file=sys.stderr)
        for loader in loaders:
            loader.wire.close()
            for name, (_, _, owner) in read_back(reader, loader.root).items():
                self.assertEqual(owner, 0, f"{loader.root}/{name} outlived its session")
        reader.close()

    def test_ephemerals_outlive_the_crash_but_not_their_session(self):
        owner = self.wire(timeout_ms=5000)
        owner.ok(wire.create("/outlives", b"x", flags=1))
        closed = self.wire()
        closed.ok(wire.create("/closed", b"x", flags=1))
        closed.close()
        self.crash()
        self.restart()
        reader = self.wire()
        self.assertEqual(reader.ok(wire.exists("/outlives"))["stat"].ephemeral_owner,
                         owner.session_id)
        self.assertEqual(reader.call(wire.exists("/closed")).err, -101)
        reader.call(wire.exists("/outlives", watch=True))
        wait_until(lambda: reader.call(wire.exists("/outlives")).err == -101,
                   "the ephemeral of the abandoned session to go")
        events = reader.take_events()
        self.assertEqual([(e.type, e.path) for e in events], [(wire.DELETED, "/outlives")])
        late = self.wire(session=owner)
        self.assertTrue(late.expired)
        gone = self.wire(session=closed)
        self.assertTrue(gone.expired)

    def test_everything_else_survives_too(self):
        """ACLs, sequence counters, containers, TTL nodes, quotas, Stat: byte for byte."""
        before = self.wire()
        before.ok(wire.auth("digest", b"user:pass"))
        requests = [
            wire.create("/all", b"data"), wire.create("/all/acl", b"", wire.CREATOR),
            wire.create("/all/s-", flags=2), wire.create("/all/s-", flags=2),
            wire.delete("/all/s-0000000001"), wire.create_container("/all/box"),
            wire.create("/all/box/in"), wire.create_ttl("/all/ttl", 1 << 39),
            wire.create("/all/null", None), wire.set_data("/all/null", None),
            wire.set_acl("/all/null", wire.READ_ONLY), wire.set_data("/all", b"x" * 100000),
            wire.create("/zookeeper/quota/all"),
            wire.create("/zookeeper/quota/all/zookeeper_limits",
                        b"count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=9"),
            wire.create("/zookeeper/quota/all/zookeeper_stats", b"count=0,bytes=0"),
        ]
        for request in requests:
            before.ok(request)
        paths = ["/", "/zookeeper/quota", "/all", "/all/acl", "/all/s-0000000002", "/all/box",
                 "/all/box/in", "/all/ttl", "/all/null", "/zookeeper/quota/all/zookeeper_stats"]
        reads = [r for p in paths for r in (wire.exists(p), wire.get_data(p), wire.get_acl(p),
                                            wire.get_children(p))]
        first = [before.call(r) for r in reads]
        self.crash()
        self.restart()
        after = self.wire(session=before, last_zxid=before.last_zxid)
        self.assertEqual(after.session_id, before.session_id)
        after.ok(wire.auth("digest", b"user:pass"))
        second = [after.call(r) for r in reads]
        for request, one, two in zip(reads, first, second):
            self.assertEqual((one.err, one.value), (two.err, two.value), str(request))
        self.assertEqual(after.ok(wire.create("/all/s-", flags=2)), "/all/s-0000000006")
        self.assertEqual(after.call(wire.create("/all/more")).err, 0)
        self.assertEqual(after.call(wire.create("/all/toomany")).err, -125)
        after.ok(wire.delete("/all/box/in"))
        wait_until(lambda: after.call(wire.exists("/all/box")).err == -101, "the container to go")

    def test_crash_again_during_recovery(self):
        writer = self.wire()
        writer.ok(wire.create("/again", b"0"))
        for number in range(3):
            writer.ok(wire.set_data("/again", b"%d" % (number + 1), number))
            self.crash()
            self.restart()
            self.crash()
            self.restart()
            resumed = wire.Wire.open(self.address, session=writer, last_zxid=writer.last_zxid)
            self.assertEqual(resumed.session_id, writer.session_id)
            writer.drop()
            writer = resumed
            value = writer.ok(wire.get_data("/again"))
            self.assertEqual((value["data"], value["stat"].version),
                             (b"%d" % (number + 1), number + 1))
        writer.close()

    def test_clean_stop_keeps_everything(self):
        writer = self.wire()
        writer.ok(wire.create("/clean", b"x"))
        writer.ok(wire.create("/clean/e", b"", flags=1))
        self.server.stop()
        self.restart()
        after = self.wire(session=writer, last_zxid=writer.last_zxid)
        self.assertEqual(after.session_id, writer.session_id)
        self.assertEqual(after.ok(wire.get_ephemerals())["ephemerals"], ["/clean/e"])
        self.assertEqual(after.ok(wire.get_data("/clean"))["data"], b"x")


if __name__ == "__main__":
    main()
