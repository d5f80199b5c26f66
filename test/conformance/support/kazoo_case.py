"""A ServerCase with kazoo clients."""

import logging
import threading

from kazoo.client import KazooClient

from .case import ServerCase

logging.getLogger("kazoo").setLevel(logging.ERROR)

WAIT_S = 20


class Inbox:
    """Collects what callbacks deliver; `take` waits for the next one."""

    def __init__(self):
        self._items = []
        self._changed = threading.Condition()

    def __call__(self, item):
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def take(self, timeout_s=WAIT_S):
        with self._changed:
            if not self._changed.wait_for(lambda: self._items, timeout_s):
                raise AssertionError(f"nothing was delivered within {timeout_s} s")
            return self._items.pop(0)

    def until(self, condition, timeout_s=WAIT_S):
        """Waits for an item that fulfils the condition; earlier ones are thrown away."""
        while True:
            item = self.take(timeout_s)
            if condition(item):
                return item

    @property
    def empty(self):
        with self._changed:
            return not self._items


class KazooCase(ServerCase):
    """`client()` gives a connected kazoo client with its own namespace left to the test."""

    def client(self, **kwargs):
        kwargs.setdefault("timeout", 10.0)
        client = KazooClient(hosts=self.server.hosts, **kwargs)
        client.start(timeout=WAIT_S)
        self.addCleanup(self._end, client)
        return client

    @staticmethod
    def _end(client):
        client.stop()
        client.close()

    def setUp(self):
        self.root = "/" + self.id().rpartition(".")[2]
        self.zk = self.client()
        if self.zk.exists(self.root):
            self.zk.delete(self.root, recursive=True)
        self.zk.create(self.root)
