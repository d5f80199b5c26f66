#!/usr/bin/python3
"""kazoo's recipes, unmodified, with several clients that compete."""

import datetime
import threading

from kazoo import exceptions as errors
from kazoo.recipe.lease import MultiNonBlockingLease, NonBlockingLease

from support.case import Worker, main, together
from support.kazoo_case import WAIT_S, Inbox, KazooCase
from support.servers import wait_until


class Inside:
    """Counts who is inside a critical section and remembers the most."""

    def __init__(self):
        self._guard = threading.Lock()
        self._now = 0
        self.most = 0
        self.entries = 0

    def __enter__(self):
        with self._guard:
            self._now += 1
            self.entries += 1
            self.most = max(self.most, self._now)

    def __exit__(self, *_):
        with self._guard:
            self._now -= 1


class Locks(KazooCase):

    def test_lock_excludes(self):
        clients = [self.client() for _ in range(3)]
        inside = Inside()
        total = {"value": 0}

        def work(client):
            lock = client.Lock(f"{self.root}/lock", f"client {client.client_id[0]:x}")
            for _ in range(10):
                with lock, inside:
                    before = total["value"]
                    client.exists(self.root)  # gives the others a chance to break in
                    total["value"] = before + 1

        together(*[lambda client=client: work(client) for client in clients])
        self.assertEqual((inside.most, inside.entries, total["value"]), (1, 30, 30))
        self.assertEqual(self.zk.get_children(f"{self.root}/lock"), [])

    def test_contenders_in_order_of_arrival(self):
        clients = [self.client() for _ in range(3)]
        locks = [c.Lock(f"{self.root}/lock", f"holder{n}") for n, c in enumerate(clients)]
        self.assertTrue(locks[0].acquire())
        waiting = []
        for number in (1, 2):
            waiting.append(Worker(locks[number].acquire))
            wait_until(lambda count=number + 1: len(locks[0].contenders()) == count,
                       "the next contender")
        self.assertEqual(locks[0].contenders(), ["holder0", "holder1", "holder2"])
        locks[0].release()
        self.assertTrue(waiting[0].finish())
        self.assertTrue(waiting[1].is_alive())
        locks[1].release()
        self.assertTrue(waiting[1].finish())
        locks[2].release()

    def test_non_blocking_timeout_and_cancel(self):
        one = self.client().Lock(f"{self.root}/lock", "one")
        two = self.client().Lock(f"{self.root}/lock", "two")
        self.assertTrue(one.acquire())
        self.assertFalse(two.acquire(blocking=False))
        with self.assertRaises(errors.LockTimeout):
            two.acquire(timeout=0.2)
        self.assertEqual(one.contenders(), ["one"])
        waiting = Worker(two.acquire)
        wait_until(lambda: len(one.contenders()) == 2, "the second contender")
        two.cancel()
        with self.assertRaises(errors.CancelledError):
            waiting.finish()
        wait_until(lambda: one.contenders() == ["one"], "the cancelled contender to go")

    def test_lock_of_a_dead_session_is_released(self):
        holder = self.client()
        self.assertTrue(holder.Lock(f"{self.root}/lock", "dying").acquire())
        heir = self.client().Lock(f"{self.root}/lock", "heir")
        waiting = Worker(heir.acquire)
        wait_until(lambda: len(heir.contenders()) == 2, "the heir to queue")
        self.assertTrue(waiting.is_alive())
        holder.stop()
        self.assertTrue(waiting.finish())
        self.assertEqual(heir.contenders(), ["heir"])

    def test_read_and_write_locks(self):
        clients = [self.client() for _ in range(4)]
        readers = [c.ReadLock(f"{self.root}/rw", f"r{n}") for n, c in enumerate(clients[:2])]
        writers = [c.WriteLock(f"{self.root}/rw", f"w{n}") for n, c in enumerate(clients[2:])]
        self.assertTrue(readers[0].acquire(timeout=WAIT_S))
        self.assertTrue(readers[1].acquire(timeout=WAIT_S))
        self.assertFalse(writers[0].acquire(blocking=False))
        writing = Worker(writers[0].acquire)
        wait_until(lambda: len(writers[0].contenders()) == 3, "the writer to queue")
        late = clients[0].ReadLock(f"{self.root}/rw", "late")
        self.assertFalse(late.acquire(blocking=False))
        readers[0].release()
        self.assertTrue(writing.is_alive())
        readers[1].release()
        self.assertTrue(writing.finish())
        self.assertFalse(writers[1].acquire(blocking=False))
        writers[0].release()
        self.assertTrue(late.acquire(timeout=WAIT_S))
        late.release()

    def test_semaphore(self):
        clients = [self.client() for _ in range(4)]
        inside = Inside()

        def work(client):
            semaphore = client.Semaphore(f"{self.root}/sem", f"{client.client_id[0]:x}",
                                         max_leases=2)
            for _ in range(5):
                with semaphore, inside:
                    client.exists(self.root)

        together(*[lambda client=client: work(client) for client in clients])
        self.assertLessEqual(inside.most, 2)
        self.assertEqual(inside.entries, 20)
        semaphores = [c.Semaphore(f"{self.root}/sem", f"h{n}", max_leases=2)
                      for n, c in enumerate(clients[:3])]
        self.assertTrue(semaphores[0].acquire())
        self.assertTrue(semaphores[1].acquire())
        self.assertFalse(semaphores[2].acquire(blocking=False))
        self.assertEqual(sorted(semaphores[2].lease_holders()), ["h0", "h1"])
        waiting = Worker(semaphores[2].acquire)
        semaphores[0].release()
        self.assertTrue(waiting.finish())
        self.assertEqual(sorted(semaphores[0].lease_holders()), ["h1", "h2"])

    def test_semaphore_with_other_limits_is_refused(self):
        self.client().Semaphore(f"{self.root}/sem", max_leases=2).acquire()
        with self.assertRaises(ValueError):
            self.client().Semaphore(f"{self.root}/sem", max_leases=3).acquire()

    def test_leases(self):
        clock = [datetime.datetime(2024, 1, 1)]

        def lease(client, who):
            return NonBlockingLease(client, f"{self.root}/lease", datetime.timedelta(minutes=5),
                                    identifier=who, utcnow=lambda: clock[0])

        one, two = self.client(), self.client()
        self.assertTrue(lease(one, "one"))
        self.assertFalse(lease(two, "two"))
        self.assertTrue(lease(one, "one"))
        clock[0] += datetime.timedelta(minutes=6)
        self.assertTrue(lease(two, "two"))
        self.assertFalse(lease(one, "one"))
        granted = [bool(MultiNonBlockingLease(self.client(), 2, f"{self.root}/leases",
                                              datetime.timedelta(minutes=5), identifier=f"m{n}"))
                   for n in range(3)]
        self.assertEqual(granted, [True, True, False])


class Elections(KazooCase):

    def test_one_leader_at_a_time_and_all_in_turn(self):
        clients = [self.client() for _ in range(3)]
        inside = Inside()
        leaders = []

        def lead(name):
            with inside:
                leaders.append(name)
                self.zk.exists(self.root)

        def run(number, client):
            client.Election(f"{self.root}/election", f"n{number}").run(lead, f"n{number}")

        together(*[lambda n=n, c=c: run(n, c) for n, c in enumerate(clients)])
        self.assertEqual(sorted(leaders), ["n0", "n1", "n2"])
        self.assertEqual(inside.most, 1)

    def test_leadership_passes_on_when_the_leader_dies(self):
        first, second = self.client(), self.client()
        leads = Inbox()
        stay = threading.Event()
        self.addCleanup(stay.set)

        def lead(name):
            leads(name)
            stay.wait(WAIT_S)

        ran = Worker(first.Election(f"{self.root}/e", "first").run, lead, "first")
        self.assertEqual(leads.take(), "first")
        election = second.Election(f"{self.root}/e", "second")
        Worker(election.run, lead, "second")
        wait_until(lambda: election.contenders() == ["first", "second"], "both to stand")
        self.assertTrue(leads.empty)
        first.stop()
        self.assertEqual(leads.take(), "second")
        stay.set()
        ran.join(WAIT_S)


class Barriers(KazooCase):

    def test_barrier(self):
        barrier = self.zk.Barrier(f"{self.root}/barrier")
        barrier.create()
        waiting = [Worker(self.client().Barrier(f"{self.root}/barrier").wait, WAIT_S)
                   for _ in range(3)]
        self.assertFalse(self.client().Barrier(f"{self.root}/barrier").wait(0.2))
        self.assertTrue(all(w.is_alive() for w in waiting))
        self.assertTrue(barrier.remove())
        self.assertEqual([w.finish() for w in waiting], [True] * 3)
        self.assertFalse(barrier.remove())
        self.assertTrue(self.zk.Barrier(f"{self.root}/barrier").wait(1))

    def test_double_barrier(self):
        clients = [self.client() for _ in range(3)]
        barriers = [c.DoubleBarrier(f"{self.root}/double", 3, f"b{n}")
                    for n, c in enumerate(clients)]
        entering = [Worker(barrier.enter) for barrier in barriers[:2]]
        wait_until(lambda: len(self.zk.get_children(f"{self.root}/double")) == 2
                   if self.zk.exists(f"{self.root}/double") else False, "two to wait")
        self.assertTrue(all(w.is_alive() for w in entering))
        barriers[2].enter()
        for worker in entering:
            worker.finish()
        self.assertTrue(all(barrier.participating for barrier in barriers))
        leaving = [Worker(barrier.leave) for barrier in barriers[:2]]
        self.assertTrue(all(w.is_alive() for w in leaving))
        barriers[2].leave()
        for worker in leaving:
            worker.finish()
        wait_until(lambda: [c for c in self.zk.get_children(f"{self.root}/double")] == [],
                   "the barrier to be empty")


class Queues(KazooCase):

    def test_queue_orders_and_delivers_once(self):
        producer = self.client().Queue(f"{self.root}/queue")
        for number in range(40):
            producer.put(b"%d" % number, priority=100 - number % 2)
        self.assertEqual(len(producer), 40)
        consumers = [self.client() for _ in range(3)]
        taken = []

        def consume(client):
            queue = client.Queue(f"{self.root}/queue")
            mine = []
            while True:
                item = queue.get()
                if item is None:
                    return mine
                mine.append(int(item))

        for mine in together(*[lambda c=c: consume(c) for c in consumers]):
            odd = [n for n in mine if n % 2]
            even = [n for n in mine if n % 2 == 0]
            self.assertEqual(odd, sorted(odd))
            self.assertEqual(even, sorted(even))
            taken += mine
        self.assertEqual(sorted(taken), list(range(40)))
        self.assertIsNone(producer.get())

    def test_one_consumer_sees_priorities_first(self):
        queue = self.zk.Queue(f"{self.root}/queue")
        for value, priority in ((b"low", 200), (b"first", 100), (b"second", 100), (b"top", 1)):
            queue.put(value, priority)
        self.assertEqual([queue.get() for _ in range(5)],
                         [b"top", b"first", b"second", b"low", None])

    def test_locking_queue(self):
        one = self.client().LockingQueue(f"{self.root}/locking")
        two = self.client().LockingQueue(f"{self.root}/locking")
        one.put_all([b"a", b"b", b"c"])
        self.assertEqual(len(one), 3)
        self.assertEqual(one.get(WAIT_S), b"a")
        self.assertEqual(two.get(WAIT_S), b"b")
        self.assertTrue(one.holds_lock())
        self.assertTrue(one.release())      # a goes back to its place
        self.assertTrue(two.consume())      # b is gone
        self.assertEqual(two.get(WAIT_S), b"a")
        self.assertTrue(two.consume())
        self.assertEqual(one.get(WAIT_S), b"c")
        self.assertTrue(one.consume())
        self.assertIsNone(one.get(0.2))
        waiting = Worker(two.get, WAIT_S)
        one.put(b"late")
        self.assertEqual(waiting.finish(), b"late")

    def test_locking_queue_of_a_dead_consumer(self):
        dying = self.client()
        queue = dying.LockingQueue(f"{self.root}/locking")
        queue.put(b"task")
        self.assertEqual(queue.get(WAIT_S), b"task")
        heir = self.client().LockingQueue(f"{self.root}/locking")
        waiting = Worker(heir.get, WAIT_S)
        dying.stop()
        self.assertEqual(waiting.finish(), b"task")
        self.assertTrue(heir.consume())


class Counters(KazooCase):

    def test_concurrent_increments(self):
        clients = [self.client() for _ in range(3)]

        def work(client):
            counter = client.Counter(f"{self.root}/counter", default=0)
            for _ in range(20):
                counter += 1
            counter -= 2

        together(*[lambda c=c: work(c) for c in clients])
        counter = self.zk.Counter(f"{self.root}/counter")
        self.assertEqual(counter.value, 3 * 18)
        floating = self.zk.Counter(f"{self.root}/float", default=1.5)
        floating += 2.0
        self.assertEqual(floating.value, 3.5)


class Parties(KazooCase):

    def _party(self, kind):
        clients = [self.client() for _ in range(3)]
        parties = [getattr(c, kind)(f"{self.root}/party", f"p{n}") for n, c in enumerate(clients)]
        for party in parties:
            party.join()
        self.assertEqual([len(p) for p in parties], [3, 3, 3])
        self.assertEqual(sorted(parties[0]), ["p0", "p1", "p2"])
        parties[1].leave()
        self.assertEqual(sorted(parties[0]), ["p0", "p2"])
        clients[2].stop()
        self.assertEqual(sorted(parties[0]), ["p0"])
        parties[0].join()
        self.assertEqual(len(parties[0]), 1)

    def test_party(self):
        self._party("Party")

    def test_shallow_party(self):
        self._party("ShallowParty")


class RecipeTransactions(KazooCase):

    def test_compare_and_swap_by_competing_clients(self):
        clients = [self.client() for _ in range(3)]
        self.zk.create(f"{self.root}/from", b"30")
        self.zk.create(f"{self.root}/to", b"0")

        def move(client):
            done = 0
            while done < 10:
                source, first = client.get(f"{self.root}/from")
                target, second = client.get(f"{self.root}/to")
                batch = client.transaction()
                batch.set_data(f"{self.root}/from", b"%d" % (int(source) - 1), first.version)
                batch.set_data(f"{self.root}/to", b"%d" % (int(target) + 1), second.version)
                batch.create(f"{self.root}/log-", sequence=True)
                if not any(isinstance(r, Exception) for r in batch.commit()):
                    done += 1
            return done

        together(*[lambda c=c: move(c) for c in clients])
        self.assertEqual(self.zk.get(f"{self.root}/from")[0], b"0")
        self.assertEqual(self.zk.get(f"{self.root}/to")[0], b"30")
        entries = sorted(c for c in self.zk.get_children(self.root) if c.startswith("log-"))
        self.assertEqual(entries, [f"log-{n:010d}" for n in range(2, 32)])


if __name__ == "__main__":
    main()
