"""Clients of an ensemble that do what clients do, and keep what they were told."""

import contextlib
import logging
import threading
import time

from kazoo.client import KazooClient
from kazoo.exceptions import (ConnectionClosedError, ConnectionLoss, KazooException,
                              LockTimeout, NodeExistsError, OperationTimeoutError, RolledBackError,
                              RuntimeInconsistency, SessionExpiredError)
from kazoo.handlers.threading import KazooTimeoutError
from kazoo.protocol.states import KazooState
from kazoo.retry import KazooRetry

from support.case import Worker
from support.servers import wait_until

from .history import Hold, Read, Write

ROOT = "/history"
# A session must outlive an election, and be short enough for pauses to matter.
SESSION_S = 4.0
# After these the outcome is unknown, and the same is tried again.
TRY_AGAIN = (ConnectionLoss, ConnectionClosedError, SessionExpiredError, OperationTimeoutError,
             KazooTimeoutError)
logging.getLogger("kazoo").setLevel(logging.CRITICAL)


def connect(hosts):
    """A client that tries for ever, quickly."""
    forever = KazooRetry(max_tries=-1, delay=0.02, backoff=1.2, max_delay=0.1)
    client = KazooClient(hosts, timeout=SESSION_S, connection_retry=forever)
    client.start(30)
    return client


def end(client):
    with contextlib.suppress(KazooException, KazooTimeoutError):
        client.stop()
    client.close()


def make_registers(hosts, writers):
    client = connect(hosts)
    for number in range(writers):
        client.create(f"{ROOT}/{number}", b"-1", makepath=True)
    end(client)


class Load:
    """Writers, readers and rivals for a lock; each has a thread and a client of its own."""

    def __init__(self, hosts, history, writers=3, readers=2, rivals=2):
        self._hosts = hosts
        self._history = history
        self._stopping = threading.Event()
        make_registers(hosts, writers)
        self._writers = writers
        self._counted = [*(("writer", number) for number in range(writers)),
                         *(("reader", number) for number in range(readers))]
        self._workers = [Worker(self._write, number) for number in range(writers)]
        self._workers += [Worker(self._read, number, writers) for number in range(readers)]
        self._workers += [Worker(self._lock, number) for number in range(rivals)]

    # -- clients ------------------------------------------------------------------------------------

    def _write(self, writer):
        client = connect(self._hosts)
        number = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            self._history.begin(writer, number)
            self._until_known(lambda: self._write_once(client, writer, number))
            self._history.add(Write(writer, number, began, time.monotonic()))
            number += 1
        end(client)

    @staticmethod
    def _write_once(client, writer, number):
        both = client.transaction()
        both.create(f"{ROOT}/{writer}/{number:08}", b"x" * 200)
        both.set_data(f"{ROOT}/{writer}", str(number).encode())
        results = both.commit()
        failures = [one for one in results if isinstance(one, Exception)]
        # What a lost answer left unknown was done.
        if failures and not any(isinstance(one, NodeExistsError) for one in failures):
            raise next((one for one in failures
                        if not isinstance(one, (RolledBackError, RuntimeInconsistency))), failures[0])

    def _until_known(self, operation):
        """Every write ends acknowledged: it may be done twice, but says so the second time."""
        while True:
            with contextlib.suppress(*TRY_AGAIN):
                return operation()

    def _read(self, reader, writers):
        client = connect(self._hosts)
        turn = reader
        while not self._stopping.is_set():
            writer = turn % writers
            turn += 1
            began = time.monotonic()
            with contextlib.suppress(*TRY_AGAIN):
                client.sync(f"{ROOT}/{writer}")
                value = int(client.get(f"{ROOT}/{writer}")[0])
                self._history.add(Read(reader, writer, value, began, time.monotonic()))
        end(client)

    def _lock(self, rival):
        """Takes the lock and gives it back; after any trouble with a new session."""
        while not self._stopping.is_set():
            client = connect(self._hosts)
            doubts = []
            client.add_listener(lambda state, seen=doubts: seen.append(time.monotonic())
                                if state != KazooState.CONNECTED else None)
            with contextlib.suppress(*TRY_AGAIN):
                while not self._stopping.is_set() and not doubts:
                    self._hold(client, rival, doubts)
            end(client)

    def _hold(self, client, rival, doubts):
        lock = client.Lock(f"{ROOT}-lock", str(rival))
        with contextlib.suppress(LockTimeout):
            lock.acquire(timeout=1.0)
        if not lock.is_acquired:
            return
        began = time.monotonic()
        client.exists(ROOT)  # something is done under it
        giving_up = time.monotonic()
        ended = min([giving_up, *doubts])
        if began < ended:
            self._history.add(Hold(rival, began, ended))
        lock.release()

    # -- for tests ----------------------------------------------------------------------------------

    def wait_for_progress(self, operations=10, deadline_s=40.0):
        """Until every writer has written, and every reader has read, so often from now on."""
        before = self._history.counts()

        def done():
            self._raise_failures()
            now = self._history.counts()
            return {who: now[who] - before[who] for who in self._counted}
        try:
            wait_until(lambda: min(done().values()) >= operations, "every client to go on",
                       deadline_s)
        except AssertionError as stuck:
            raise AssertionError(f"{stuck}: {done()}") from stuck

    def _raise_failures(self):
        for worker in self._workers:
            if worker.error:
                raise worker.error

    def stop(self):
        """Lets everybody finish what it does. Needs an ensemble that serves."""
        self._stopping.set()
        for worker in self._workers:
            worker.finish()

    def final(self, ensemble):
        """What each member has, for History.violations."""
        return {member: all_of(ensemble.hosts_of(member), self._writers)
                for member in ensemble.running}


def all_of(hosts, writers):
    """The zxid of every write that is there, by writer and number."""
    client = connect(hosts)
    client.sync("/")
    present = {}
    for writer in range(writers):
        names = client.get_children(f"{ROOT}/{writer}")
        asked = {name: client.exists_async(f"{ROOT}/{writer}/{name}") for name in names}
        for name, answer in asked.items():
            present[writer, int(name)] = answer.get(30).czxid
    end(client)
    return present
