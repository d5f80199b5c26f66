#!/usr/bin/python3
"""Unmodified kazoo recipes below the mounts of recipe.lock: their own dialect is let through, any
other is turned away before two clients can believe that they hold one lock."""

import threading
import uuid

from kazoo import exceptions as errors

from support.case import main, together
from support.kazoo_case import KazooCase
from support.servers import ROOT, Troupe, wait_until


def curator_name(kind="lock-"):
    return f"_c_{uuid.uuid4()}-{kind}"


class Mounts(KazooCase):

    @classmethod
    def setUpClass(cls):
        cls.server = Troupe(config=str(ROOT / "plugins" / "lock" / "locks.yaml")).start()
        cls.address = cls.server.address

    def setUp(self):
        super().setUp()
        self.zk = self.client()
        for mount in ("/locks", "/kazoo"):
            self.zk.ensure_path(mount)

    def contend(self, make):
        """Three clients take what `make` gives, five times each; how many were inside at most."""
        guard, now, most = threading.Lock(), [0], [0]

        def work(client):
            for _ in range(5):
                with make(client):
                    with guard:
                        now[0] += 1
                        most[0] = max(most[0], now[0])
                    client.exists("/")
                    with guard:
                        now[0] -= 1

        clients = [self.client() for _ in range(3)]
        together(*[lambda client=client: work(client) for client in clients])
        return most[0]

    def test_kazoo_below_its_mount(self):
        self.assertEqual(self.contend(lambda c: c.Lock("/kazoo/lock", "me")), 1)
        self.assertEqual(self.contend(lambda c: c.WriteLock("/kazoo/shared")), 1)
        self.assertLessEqual(self.contend(lambda c: c.ReadLock("/kazoo/shared")), 3)
        self.assertLessEqual(self.contend(lambda c: c.Semaphore("/kazoo/permits", max_leases=2)), 2)
        elected = []
        self.client().Election("/kazoo/election", "me").run(elected.append, "elected")
        self.assertEqual(elected, ["elected"])

    def test_kazoo_below_the_mount_of_curator(self):
        with self.assertRaises(errors.NoAuthError):
            self.zk.Lock("/locks/a", "me").acquire(timeout=5)
        self.assertEqual(self.zk.get_children("/locks/a"), [])
        text = wait_until(lambda: self.refusal(), "the refusal in the log")
        self.assertIn("/locks/a/", text)
        self.assertIn(f"0x{self.zk.client_id[0]:x}", text)

    def refusal(self):
        for line in self.server.log_tail(500).splitlines():
            if "dialect curator" in line and "__lock__" in line:
                return line
        return None

    def test_names_of_curator(self):
        self.zk.ensure_path("/locks/b")
        self.zk.ensure_path("/kazoo/b")
        for kind in ("lock-", "__READ__", "__WRIT__", "latch-", "lease-"):
            made = self.zk.create(f"/locks/b/{curator_name(kind)}", b"", ephemeral=True,
                                  sequence=True)
            self.zk.delete(made)
            with self.assertRaises(errors.NoAuthError):
                self.zk.create(f"/kazoo/b/{curator_name(kind)}", b"", ephemeral=True,
                               sequence=True)

    def test_two_claims_in_one_transaction(self):
        self.zk.ensure_path("/locks/c")
        both = self.zk.transaction()
        for _ in range(2):
            both.create(f"/locks/c/{curator_name()}", b"", ephemeral=True, sequence=True)
        results = both.commit()
        self.assertIsInstance(results[1], errors.NoAuthError)
        self.assertEqual(self.zk.get_children("/locks/c"), [])


if __name__ == "__main__":
    main()
