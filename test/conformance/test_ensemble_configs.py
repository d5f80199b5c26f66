#!/usr/bin/python3
"""Every ensemble in configs/ with real processes: all members serve, and as many may fail as its file
promises."""

import contextlib
import re
import signal
import unittest

from kazoo.client import KazooClient
from kazoo.exceptions import NodeExistsError
from kazoo.retry import KazooRetry

from support import servers
from support.case import main
from support.ensemble import Ensemble
from support.servers import four_letter, wait_until


class EnsembleCase(unittest.TestCase):
    """Starts the members of `file` once for the class; each test leaves all of them running."""

    file = None

    @classmethod
    def setUpClass(cls):
        cls.ensemble = Ensemble(cls.file)
        try:
            cls.ensemble.start_all()
        except BaseException:
            cls.ensemble.remove()
            raise

    @classmethod
    def tearDownClass(cls):
        cls.ensemble.remove()

    def client(self, *members):
        """A client of those members, or of any."""
        forever = KazooRetry(max_tries=-1, delay=0.02, backoff=1.2, max_delay=0.2)
        client = KazooClient(self.ensemble.hosts_of(*members), timeout=10.0,
                             connection_retry=forever, command_retry=forever.copy())
        client.start(30)
        self.addCleanup(client.close)
        self.addCleanup(client.stop)
        return client

    def write_through(self, client, path, value):
        with contextlib.suppress(NodeExistsError):  # a retry may find its own work done
            client.retry(client.create, path, value, makepath=True)

    def everybody_serves(self, name):
        """Each member writes, each reads that after a sync, and sees a change by its watch."""
        clients = {number: self.client(number) for number in self.ensemble.running}
        for number, client in clients.items():
            self.write_through(client, f"/{name}-{number}", b"written")
        seen = {}
        for number, client in clients.items():
            client.sync("/")
            for other in clients:
                self.assertEqual(client.get(f"/{name}-{other}")[0], b"written")
            happened = seen[number] = client.handler.event_object()
            client.get(f"/{name}-1", watch=lambda _, event=happened: event.set())
        next(iter(clients.values())).set(f"/{name}-1", b"changed")
        for number, happened in seen.items():
            self.assertTrue(happened.wait(20), f"the watch at member {number}")

    def survives(self, *victims, name):
        """Kills them at once; the others write; then they come back, and have all of it."""
        survivors = [number for number in self.ensemble.running if number not in victims]
        client = self.client(*survivors)
        self.write_through(client, f"/{name}", b"before")
        for victim in victims:
            self.ensemble.end(victim, signal.SIGKILL)
        client.retry(client.set, f"/{name}", b"meanwhile")
        self.ensemble.wait()
        for victim in victims:
            self.ensemble.start(victim)
        self.ensemble.wait()
        for victim in victims:
            reader = self.client(victim)
            reader.sync(f"/{name}")
            self.assertEqual(reader.get(f"/{name}")[0], b"meanwhile")

    def stops_without(self, *victims):
        """Without them there is no quorum: nobody serves, until they are back."""
        for victim in victims:
            self.ensemble.end(victim, signal.SIGKILL)
        wait_until(lambda: set(self.ensemble.modes().values()) == {None},
                   "the end of service without a quorum")
        for victim in victims:
            self.ensemble.start(victim)
        self.ensemble.wait()

    def votes(self):
        return sorted(number for number in self.ensemble.running
                      if self.ensemble.mode(number) != "observer")


class Three(EnsembleCase):

    file = "ensemble-3.yaml"

    def test_everybody_serves(self):
        self.everybody_serves("three")

    def test_one_is_lost(self):
        self.survives(self.ensemble.leader(), name="one")

    def test_two_are_too_many(self):
        self.stops_without(1, 2)


class Five(EnsembleCase):

    file = "ensemble-5.yaml"

    def test_everybody_serves(self):
        self.everybody_serves("five")

    def test_two_are_lost(self):
        leader = self.ensemble.leader()
        self.survives(leader, leader % 5 + 1, name="two")


class Observers(EnsembleCase):

    file = "observers.yaml"

    def test_everybody_serves(self):
        self.assertEqual(self.votes(), [1, 2, 3])
        self.everybody_serves("observed")

    def test_all_observers_are_lost(self):
        self.survives(4, 5, name="observers")

    def test_observers_do_not_count(self):
        """Three of five are left, but only one of them votes."""
        leader = self.ensemble.leader()
        self.stops_without(leader, leader % 3 + 1)


class ThreeSites(EnsembleCase):

    file = "three-sites.yaml"

    def test_everybody_serves(self):
        self.everybody_serves("sites")

    def test_a_site_is_lost(self):
        leader = self.ensemble.leader()
        first = (leader - 1) // 3 * 3 + 1
        self.survives(first, first + 1, first + 2, name="site")

    def test_a_site_and_one_of_each_other_is_lost(self):
        self.survives(1, 2, 3, 4, 7, name="most")

    def test_two_of_two_sites_are_too_many(self):
        """Five of nine are left, but a majority at one site only."""
        self.stops_without(1, 2, 4, 5)


class Shown(EnsembleCase):
    """What words, commands, status and metrics say of an ensemble with observers."""

    file = "observers.yaml"

    def setUp(self):
        self.leader = self.ensemble.leader()
        self.follower = self.leader % 3 + 1
        self.http = {number: self.ensemble.http(number) for number in self.ensemble.running}
        wait_until(lambda: self.ensemble.mntr(self.leader).get("learners") == "4", "all learners")

    def test_srvr(self):
        text = four_letter(self.ensemble.address(self.leader), "srvr")
        self.assertRegex(text, r"Mode: leader\nNode count: \d+\n"
                               r"Proposal sizes last/min/max: -?\d+/-?\d+/-?\d+\n$")
        self.client(self.follower).create("/shown", b"x" * 100)
        text = four_letter(self.ensemble.address(self.leader), "stat")
        sizes = [int(one) for one in
                 re.search(r"last/min/max: (\d+)/(\d+)/(\d+)\n$", text).groups()]
        self.assertLessEqual(sizes[1], sizes[0])
        self.assertGreater(sizes[2], 100)
        for number in (self.follower, 4):
            self.assertNotIn("Proposal", four_letter(self.ensemble.address(number), "srvr"))

    def test_mntr_of_the_leader(self):
        shown = self.ensemble.mntr(self.leader)
        wanted = {"server_state": "leader", "followers": "2", "synced_followers": "2",
                  "learners": "4", "synced_observers": "2", "synced_non_voting_followers": "0",
                  "pending_syncs": "0", "quorum_size": "3", "peer_state": "leading - broadcast",
                  "leader_id": str(self.leader)}
        self.assertEqual({key: shown.get(key) for key in wanted}, wanted)
        self.assertGreaterEqual(int(shown["leader_uptime"]), 0)
        self.assertGreaterEqual(int(shown["epoch"]), 1)
        for other in self.ensemble.running:
            self.assertEqual(f"learner_lag_{other}" in shown, other != self.leader)

    def test_mntr_of_learners(self):
        for number, state, doing in ((self.follower, "follower", "following"),
                                     (4, "observer", "observing")):
            shown = self.ensemble.mntr(number)
            self.assertEqual((shown["server_state"], shown["peer_state"], shown["leader_id"]),
                             (state, f"{doing} - broadcast", str(self.leader)))
            self.assertIn("leader_lag", shown)
            for only_leaders in ("followers", "learners", "synced_followers", "pending_syncs",
                                 "leader_uptime", "last_proposal_size"):
                self.assertNotIn(only_leaders, shown)

    def test_commands(self):
        leads = self.http[self.leader].command("leader")
        self.assertEqual((leads["is_leader"], leads["leader_id"], leads["leader_ip"]),
                         (True, self.leader, "127.0.0.1"))
        follows = self.http[4].command("lead")
        self.assertEqual((follows["is_leader"], follows["leader_id"]), (False, self.leader))
        observers = self.http[self.leader].command("observers")
        self.assertEqual((observers["synced_observers"],
                          [one["sid"] for one in observers["observers"]]), (2, [4, 5]))
        view = self.http[5].command("voting_view")["current_config"]
        self.assertEqual(sorted(view), ["1", "2", "3"])
        self.assertEqual({one["learner_type"] for one in view.values()}, {"participant"})
        for number, votes in ((self.follower, True), (5, False)):
            state = self.http[number].command("zabstate")
            self.assertEqual((state["voting"], state["zabstate"]), (votes, "broadcast"))
        stats = self.http[self.leader].command("srvr")
        self.assertIn("proposal_stats", stats)
        self.assertNotIn("proposal_stats", self.http[4].command("srvr"))

    def test_status_and_metrics(self):
        for number in self.ensemble.running:
            status = self.http[number].json("/status")
            self.assertEqual((status["mode"], status["leader"], status["phase"]),
                             (self.ensemble.mode(number), str(self.leader), "broadcast"))
        self.assertIn("5 synced observer, lag 0", self.http[self.leader].json("/status")["learners"])
        shown = {name: [int(value) for value in samples.values()]
                 for name, (_, _, samples) in self.http[self.leader].metrics().items()
                 if name.startswith("troupe_broadcast_")}
        page = (servers.ROOT / "docs" / "metrics.md").read_text()
        section = page.split("## broadcast.zab", 1)[1].split("\n## ", 1)[0]
        self.assertEqual(set(shown), set(re.findall(r"troupe_broadcast_\w+", section)))
        self.assertEqual(shown["troupe_broadcast_synced_followers"], [2])
        self.assertEqual(shown["troupe_broadcast_synced_observers"], [2])
        self.assertEqual(shown["troupe_broadcast_voters"], [3])
        self.assertEqual(len(shown["troupe_broadcast_learner_lag_transactions"]), 4)


if __name__ == "__main__":
    main()
