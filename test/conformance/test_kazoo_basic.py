#!/usr/bin/python3
"""Every operation of a kazoo client, unmodified, against the server."""

import threading

from kazoo import exceptions as errors
from kazoo.client import KazooClient, KazooState
from kazoo.protocol.states import EventType, KeeperState
from kazoo.security import (ACL, ANYONE_ID_UNSAFE, CREATOR_ALL_ACL, OPEN_ACL_UNSAFE, Id,
                            make_acl, make_digest_acl)

from support import wire
from support.case import main
from support.kazoo_case import WAIT_S, Inbox, KazooCase


class Operations(KazooCase):

    def test_create_get_set_delete(self):
        path = self.zk.create(f"{self.root}/a", b"one")
        self.assertEqual(path, f"{self.root}/a")
        data, stat = self.zk.get(path)
        self.assertEqual((data, stat.version, stat.dataLength), (b"one", 0, 3))
        self.assertEqual(stat.czxid, stat.mzxid)
        self.assertEqual(stat.ctime, stat.mtime)
        changed = self.zk.set(path, b"two!", version=0)
        self.assertEqual((changed.version, changed.dataLength), (1, 4))
        self.assertGreater(changed.mzxid, changed.czxid)
        self.assertEqual(self.zk.get(path), (b"two!", changed))
        with self.assertRaises(errors.BadVersionError):
            self.zk.set(path, b"x", version=0)
        with self.assertRaises(errors.BadVersionError):
            self.zk.delete(path, version=7)
        self.assertTrue(self.zk.delete(path, version=1))
        self.assertIsNone(self.zk.exists(path))
        for operation in (self.zk.get, self.zk.get_children, self.zk.delete, self.zk.get_acls):
            with self.assertRaises(errors.NoNodeError):
                operation(path)

    def test_create_with_stat(self):
        path, stat = self.zk.create(f"{self.root}/a", b"12345", include_data=True)
        self.assertEqual(path, f"{self.root}/a")
        self.assertEqual((stat.version, stat.dataLength), (0, 5))
        self.assertEqual(stat, self.zk.exists(path))

    def test_create_errors(self):
        self.zk.create(f"{self.root}/a")
        with self.assertRaises(errors.NodeExistsError):
            self.zk.create(f"{self.root}/a")
        with self.assertRaises(errors.NoNodeError):
            self.zk.create(f"{self.root}/b/c")
        self.assertEqual(self.zk.create(f"{self.root}/b/c/d", makepath=True), f"{self.root}/b/c/d")
        with self.assertRaises(errors.NotEmptyError):
            self.zk.delete(f"{self.root}/b")
        self.zk.delete(f"{self.root}/b", recursive=True)
        self.assertIsNone(self.zk.exists(f"{self.root}/b"))
        self.zk.create(f"{self.root}/e", ephemeral=True)
        with self.assertRaises(errors.NoChildrenForEphemeralsError):
            self.zk.create(f"{self.root}/e/x")
        with self.assertRaises(errors.InvalidACLError):
            self.zk.create(f"{self.root}/f", acl=[ACL(31, Id("nosuch", "x"))])

    def test_empty_and_large_data(self):
        for data in (b"", b"\0", b"x" * 100000, b"y" * 1000000):
            self.zk.set(self.root, data)
            self.assertEqual(self.zk.get(self.root)[0], data)

    def test_unicode_names(self):
        self.zk.create(f"{self.root}/\u00e4\u00f6\u4e2d", b"x")
        self.assertEqual(self.zk.get_children(self.root), ["\u00e4\u00f6\u4e2d"])
        self.assertEqual(self.zk.get(f"{self.root}/\u00e4\u00f6\u4e2d")[0], b"x")

    def test_sequences(self):
        paths = [self.zk.create(f"{self.root}/s-", sequence=True) for _ in range(12)]
        self.assertEqual(paths, [f"{self.root}/s-{n:010d}" for n in range(12)])
        ephemeral = self.zk.create(f"{self.root}/e-", sequence=True, ephemeral=True)
        self.assertEqual(ephemeral, f"{self.root}/e-0000000012")
        self.assertEqual(self.zk.exists(ephemeral).ephemeralOwner, self.zk.client_id[0])

    def test_children(self):
        for name in ("c", "a", "b"):
            self.zk.create(f"{self.root}/{name}")
        self.assertEqual(sorted(self.zk.get_children(self.root)), ["a", "b", "c"])
        children, stat = self.zk.get_children(self.root, include_data=True)
        self.assertEqual((sorted(children), stat.numChildren, stat.cversion),
                         (["a", "b", "c"], 3, 3))

    def test_ensure_path_and_sync(self):
        self.assertTrue(self.zk.ensure_path(f"{self.root}/x/y/z"))
        self.assertTrue(self.zk.ensure_path(f"{self.root}/x/y/z"))
        self.assertEqual(self.zk.sync(f"{self.root}/x"), f"{self.root}/x")
        other = self.client()
        self.zk.set(f"{self.root}/x", b"new")
        other.sync("/")
        self.assertEqual(other.get(f"{self.root}/x")[0], b"new")

    def test_chroot(self):
        inner = self.client()
        inner.chroot = self.root
        inner.create("/in", b"side")
        self.assertEqual(self.zk.get(f"{self.root}/in")[0], b"side")
        self.assertEqual(inner.get_children("/"), ["in"])

    def test_async_pipeline(self):
        self.zk.create(f"{self.root}/n", b"0")
        pending = []
        for number in range(200):
            pending.append((number, self.zk.set_async(f"{self.root}/n", str(number).encode()),
                            self.zk.get_async(f"{self.root}/n")))
        for number, written, read in pending:
            self.assertEqual(written.get(timeout=WAIT_S).version, number + 1)
            data, stat = read.get(timeout=WAIT_S)
            self.assertEqual((data, stat.version), (str(number).encode(), number + 1))

    def test_server_version_and_commands(self):
        self.assertGreaterEqual(self.zk.server_version(), (3, 8))
        self.assertEqual(self.zk.command(b"ruok"), "imok")
        self.assertIn("Mode: standalone", self.zk.command(b"srvr"))


class Transactions(KazooCase):

    def test_commit(self):
        batch = self.zk.transaction()
        batch.create(f"{self.root}/a", b"1")
        batch.create(f"{self.root}/a/b", b"2")
        batch.set_data(f"{self.root}/a", b"3", version=0)
        batch.check(f"{self.root}/a", version=1)
        batch.delete(f"{self.root}/a/b")
        results = batch.commit()
        self.assertEqual(results[:2], [f"{self.root}/a", f"{self.root}/a/b"])
        self.assertEqual(results[2].version, 1)
        self.assertEqual(results[3:], [True, True])
        self.assertEqual(self.zk.get(f"{self.root}/a")[0], b"3")

    def test_rollback(self):
        for position in range(3):
            batch = self.zk.transaction()
            for step in range(3):
                if step == position:
                    batch.check(self.root, version=99)
                else:
                    batch.create(f"{self.root}/n{step}")
            results = batch.commit()
            kinds = [type(result) for result in results]
            expected = ([errors.RolledBackError] * position + [errors.BadVersionError]
                        + [errors.RuntimeInconsistency] * (2 - position))
            self.assertEqual(kinds, expected)
        self.assertEqual(self.zk.get_children(self.root), [])
        self.assertEqual(self.zk.create(f"{self.root}/s", sequence=True),
                         f"{self.root}/s0000000000")

    def test_context_manager_and_sequences(self):
        with self.zk.transaction() as batch:
            batch.create(f"{self.root}/s-", sequence=True)
            batch.create(f"{self.root}/s-", sequence=True, ephemeral=True)
        self.assertEqual(sorted(self.zk.get_children(self.root)),
                         ["s-0000000000", "s-0000000001"])


class Watches(KazooCase):

    def test_get_watch_fires_once(self):
        inbox = Inbox()
        self.zk.get(self.root, watch=inbox)
        other = self.client()
        other.set(self.root, b"1")
        event = inbox.take()
        self.assertEqual((event.type, event.state, event.path),
                         (EventType.CHANGED, KeeperState.CONNECTED, self.root))
        other.set(self.root, b"2")
        self.zk.get(self.root)
        self.assertTrue(inbox.empty)

    def test_exists_watch_on_a_missing_node(self):
        inbox = Inbox()
        path = f"{self.root}/later"
        self.assertIsNone(self.zk.exists(path, watch=inbox))
        self.client().create(path)
        self.assertEqual(inbox.take().type, EventType.CREATED)
        self.zk.exists(path, watch=inbox)
        self.client().delete(path)
        self.assertEqual(inbox.take().type, EventType.DELETED)

    def test_children_watch(self):
        inbox = Inbox()
        self.zk.get_children(self.root, watch=inbox)
        self.client().create(f"{self.root}/c")
        event = inbox.take()
        self.assertEqual((event.type, event.path), (EventType.CHILD, self.root))
        self.zk.get_children(self.root, watch=inbox)
        self.client().delete(f"{self.root}/c")
        self.assertEqual(inbox.take().type, EventType.CHILD)

    def test_watch_on_a_missing_node_by_get_is_none(self):
        inbox = Inbox()
        with self.assertRaises(errors.NoNodeError):
            self.zk.get(f"{self.root}/x", watch=inbox)
        self.zk.create(f"{self.root}/x")
        self.zk.get(self.root)
        self.assertTrue(inbox.empty)

    def test_event_before_the_new_data(self):
        """A read that shows a change comes after the event that announces it."""
        writer = self.client()
        for number in range(50):
            seen = threading.Event()
            self.zk.get(self.root, watch=lambda event, seen=seen: seen.set())
            writer.set(self.root, str(number).encode())
            data, _ = self.zk.get(self.root)
            self.assertEqual(data, str(number).encode())
            self.assertTrue(seen.wait(WAIT_S))

    def test_many_watchers(self):
        watchers = [self.client() for _ in range(5)]
        inboxes = []
        for watcher in watchers:
            for kind in (watcher.get, watcher.exists, watcher.get_children):
                inboxes.append(Inbox())
                kind(self.root, watch=inboxes[-1])
        self.zk.set(self.root, b"x")
        self.zk.create(f"{self.root}/c")
        for number, inbox in enumerate(inboxes):
            expected = EventType.CHILD if number % 3 == 2 else EventType.CHANGED
            self.assertEqual(inbox.take().type, expected)


class Access(KazooCase):

    def test_digest(self):
        owner = self.client(auth_data=[("digest", "user:secret")])
        path = owner.create(f"{self.root}/private", b"x", acl=CREATOR_ALL_ACL)
        with self.assertRaises(errors.NoAuthError):
            self.zk.get(path)
        with self.assertRaises(errors.NoAuthError):
            self.zk.set(path, b"y")
        self.assertEqual(owner.get(path)[0], b"x")
        acls, _ = owner.get_acls(path)
        self.assertEqual(acls, [make_digest_acl("user", "secret", all=True)])
        self.zk.add_auth("digest", "user:secret")
        self.assertEqual(self.zk.get(path)[0], b"x")

    def test_add_auth_on_a_busy_connection(self):
        """kazoo takes the head of its queue for the auth reply: it must come in its place."""
        owner = self.client(auth_data=[("digest", "user:secret")])
        path = owner.create(f"{self.root}/private", b"x", acl=CREATOR_ALL_ACL)
        for _ in range(20):
            client = self.client()
            self.assertIsNotNone(client.exists(self.root))
            granted = client.add_auth_async("digest", "user:secret")
            after = client.get_async(path)
            self.assertTrue(granted.get(timeout=WAIT_S))
            self.assertEqual(after.get(timeout=WAIT_S)[0], b"x")

    def test_set_acls(self):
        path = self.zk.create(f"{self.root}/a", acl=OPEN_ACL_UNSAFE)
        read_only = [ACL(1 | 16, ANYONE_ID_UNSAFE)]
        stat = self.zk.set_acls(path, read_only, version=0)
        self.assertEqual(stat.aversion, 1)
        with self.assertRaises(errors.NoAuthError):
            self.zk.set(path, b"x")
        with self.assertRaises(errors.BadVersionError):
            self.zk.set_acls(path, OPEN_ACL_UNSAFE, version=0)
        self.assertEqual(self.zk.get_acls(path)[0], read_only)

    def test_ip(self):
        mine = self.zk.create(f"{self.root}/mine", acl=[make_acl("ip", "127.0.0.1/8", all=True)])
        self.zk.set(mine, b"x")
        other = self.zk.create(f"{self.root}/other", acl=[make_acl("ip", "10.9.8.7", all=True)])
        with self.assertRaises(errors.NoAuthError):
            self.zk.get(other)

    def test_super_user(self):
        owner = self.client(auth_data=[("digest", "user:secret")])
        path = owner.create(f"{self.root}/private", b"x", acl=CREATOR_ALL_ACL)
        boss = self.client(auth_data=[("digest", "super:test")])
        self.assertEqual(boss.get(path)[0], b"x")
        boss.delete(path)

    def test_auth_failure(self):
        client = KazooClient(hosts=self.server.hosts, timeout=10.0)
        self.addCleanup(self._end, client)
        client.start(timeout=WAIT_S)
        with self.assertRaises(errors.AuthFailedError):
            client.add_auth("nosuchscheme", "x")


class Sessions(KazooCase):

    def test_ephemerals_end_with_the_session(self):
        owner = self.client()
        path = owner.create(f"{self.root}/e", b"x", ephemeral=True)
        self.assertEqual(self.zk.exists(path).ephemeralOwner, owner.client_id[0])
        inbox = Inbox()
        self.zk.exists(path, watch=inbox)
        owner.stop()
        self.assertEqual(inbox.take().type, EventType.DELETED)
        self.assertIsNone(self.zk.exists(path))

    def test_session_survives_a_broken_connection(self):
        owner = self.client()
        path = owner.create(f"{self.root}/e", ephemeral=True)
        states = Inbox()
        owner.add_listener(states)
        session = owner.client_id
        owner._connection._socket.shutdown(2)
        states.until(lambda state: state == KazooState.SUSPENDED)
        states.until(lambda state: state == KazooState.CONNECTED)
        self.assertEqual(owner.client_id, session)
        self.assertIsNotNone(owner.retry(owner.exists, path))

    def test_expiry(self):
        """A second connection of the session that closes it makes the first one expire."""
        owner = self.client()
        path = owner.create(f"{self.root}/e", ephemeral=True)
        states = Inbox()
        owner.add_listener(states)
        thief = KazooClient(hosts=self.server.hosts, client_id=owner.client_id, timeout=10.0)
        thief.start(timeout=WAIT_S)
        thief.stop()
        thief.close()
        states.until(lambda state: state == KazooState.LOST)
        self.zk.sync(self.root)
        self.assertIsNone(self.zk.exists(path))
        states.until(lambda state: state == KazooState.CONNECTED)

    def test_idle_session_is_kept_by_pings(self):
        """An idle client with a short timeout lives on: its ephemeral outlasts a decoy's."""
        idle = self.client(timeout=1.0)
        kept = idle.create(f"{self.root}/kept", ephemeral=True)
        states = Inbox()
        idle.add_listener(states)
        decoy = self.wire(timeout_ms=3000)
        decoy.ok(wire.create(f"{self.root}/decoy", flags=1))
        gone = Inbox()
        self.zk.exists(f"{self.root}/decoy", watch=gone)
        self.assertEqual(gone.take().type, EventType.DELETED)  # a 3 s session, never pinged
        self.assertIsNotNone(self.zk.exists(kept))
        self.assertTrue(states.empty)

    def test_start_and_stop_many(self):
        for _ in range(20):
            client = KazooClient(hosts=self.server.hosts, timeout=10.0)
            client.start(timeout=WAIT_S)
            client.create(f"{self.root}/e", ephemeral=True)
            client.stop()
            client.close()
            self.assertIsNone(self.zk.exists(f"{self.root}/e"))


if __name__ == "__main__":
    main()
