#!/usr/bin/python3
"""kazoo's watching recipes, unmodified: DataWatch, ChildrenWatch, TreeCache, SetPartitioner."""

from kazoo.recipe.cache import TreeCache, TreeEvent
from kazoo.recipe.partitioner import PartitionState
from kazoo.recipe.watchers import ChildrenWatch, DataWatch

from support.case import main
from support.kazoo_case import WAIT_S, Inbox, KazooCase
from support.servers import wait_until


class Watchers(KazooCase):

    def test_data_watch(self):
        path = f"{self.root}/data"
        inbox = Inbox()

        def seen(data, stat, event):
            inbox((data, stat.version if stat else None, event.type if event else None))

        DataWatch(self.zk, path, seen)
        writer = self.client()
        self.assertEqual(inbox.take(), (None, None, None))
        writer.create(path, b"0")
        self.assertEqual(inbox.take(), (b"0", 0, "CREATED"))
        for number in range(1, 20):
            writer.set(path, str(number).encode())
            data, version, kind = inbox.take()
            self.assertEqual((data, version, kind), (str(number).encode(), number, "CHANGED"))
        writer.delete(path)
        self.assertEqual(inbox.take(), (None, None, "DELETED"))
        writer.create(path, b"again")
        self.assertEqual(inbox.take(), (b"again", 0, "CREATED"))

    def test_data_watch_catches_up_with_a_fast_writer(self):
        path = f"{self.root}/data"
        inbox = Inbox()
        self.zk.create(path, b"0")
        DataWatch(self.zk, path, lambda data, stat: inbox(int(data)))
        writer = self.client()
        for pending in [writer.set_async(path, str(n).encode()) for n in range(1, 101)]:
            pending.get(timeout=WAIT_S)
        seen = [inbox.take()]
        while seen[-1] != 100:
            seen.append(inbox.take())
        self.assertEqual(seen, sorted(seen))

    def test_children_watch(self):
        inbox = Inbox()
        ChildrenWatch(self.zk, self.root, lambda children: inbox(sorted(children)))
        self.assertEqual(inbox.take(), [])
        writer = self.client()
        names = []
        for number in range(10):
            names.append(f"c{number}")
            writer.create(f"{self.root}/c{number}")
            self.assertEqual(inbox.until(lambda children: children == names), names)
        for number in range(10):
            names.pop(0)
            writer.delete(f"{self.root}/c{number}")
            self.assertEqual(inbox.until(lambda children: children == names), names)

    def test_children_watch_stops_when_told(self):
        inbox = Inbox()

        def once(children):
            inbox(children)
            return False

        ChildrenWatch(self.zk, self.root, once)
        inbox.take()
        self.client().create(f"{self.root}/c")
        self.zk.get_children(self.root)
        self.assertTrue(inbox.empty)

    def test_tree_cache(self):
        writer = self.client()
        writer.create(f"{self.root}/t/a/b", b"0", makepath=True)
        cache = TreeCache(self.zk, f"{self.root}/t")
        self.addCleanup(cache.close)
        inbox = Inbox()
        faults = Inbox()
        cache.listen(inbox)
        cache.listen_fault(faults)
        cache.start()
        inbox.until(lambda event: event.event_type == TreeEvent.INITIALIZED)
        self.assertEqual(cache.get_data(f"{self.root}/t/a/b").data, b"0")

        def next_change(kind, path):
            event = inbox.until(lambda e: e.event_type == kind and e.event_data.path == path)
            return event.event_data

        writer.set(f"{self.root}/t/a/b", b"1")
        self.assertEqual(next_change(TreeEvent.NODE_UPDATED, f"{self.root}/t/a/b").data, b"1")
        writer.create(f"{self.root}/t/c", b"c")
        self.assertEqual(next_change(TreeEvent.NODE_ADDED, f"{self.root}/t/c").data, b"c")
        writer.create(f"{self.root}/t/c/d", b"d")
        next_change(TreeEvent.NODE_ADDED, f"{self.root}/t/c/d")
        writer.delete(f"{self.root}/t/c", recursive=True)
        next_change(TreeEvent.NODE_REMOVED, f"{self.root}/t/c")
        self.assertEqual(set(cache.get_children(f"{self.root}/t")), {"a"})
        self.assertTrue(faults.empty)


class Partitioners(KazooCase):

    def _settle(self, partitioners):
        """Drives every partitioner until all have acquired their share."""
        def step():
            for partitioner in partitioners:
                if partitioner.state == PartitionState.RELEASE:
                    partitioner.release_set()
                elif partitioner.state == PartitionState.ALLOCATING:
                    partitioner.wait_for_acquire(0.05)
                self.assertFalse(partitioner.failed)
            return all(p.state == PartitionState.ACQUIRED for p in partitioners)
        wait_until(step, "all partitioners to acquire", 60)

    def test_set_partitioner(self):
        items = tuple(range(6))
        clients = [self.client() for _ in range(3)]

        def partitioner(client, name):
            return client.SetPartitioner(f"{self.root}/part", set=items, identifier=name,
                                         time_boundary=0.2)

        first = partitioner(clients[0], "one")
        self._settle([first])
        self.assertEqual(sorted(first), list(items))
        second = partitioner(clients[1], "two")
        wait_until(lambda: first.state == PartitionState.RELEASE, "the first to release")
        self._settle([first, second])
        self.assertEqual(sorted(list(first) + list(second)), list(items))
        self.assertEqual((len(list(first)), len(list(second))), (3, 3))
        third = partitioner(clients[2], "three")
        wait_until(lambda: PartitionState.RELEASE in (first.state, second.state), "a release")
        self._settle([first, second, third])
        self.assertEqual(sorted(list(first) + list(second) + list(third)), list(items))
        clients[2].stop()
        wait_until(lambda: PartitionState.RELEASE in (first.state, second.state), "a release")
        self._settle([first, second])
        self.assertEqual(sorted(list(first) + list(second)), list(items))
        first.finish()
        second.finish()


if __name__ == "__main__":
    main()
