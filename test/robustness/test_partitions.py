#!/usr/bin/python3
"""Networks that fall apart between real members under load, in namespaces that this program makes itself."""

import contextlib
import unittest

from harness import network
from harness.trial import SETTINGS, Trial, chance, rounds
from support.case import main
from support.ensemble import Ensemble
from support.servers import wait_until

WHY_NOT = network.impossible()


@unittest.skipIf(WHY_NOT, WHY_NOT)
class Partitions(Trial):

    def made(self):
        self.network = network.Network((1, 2, 3))
        self.addCleanup(self.network.remove)
        hosts = {number: self.network.host(number) for number in (1, 2, 3)}
        wrapped = {number: self.network.inside(number) for number in (1, 2, 3)}
        return Ensemble(settings=[*SETTINGS, "peers.secret=of-this-test"], hosts_of=hosts,
                        wrapped=wrapped)

    @contextlib.contextmanager
    def apart(self, *directions):
        """While nothing gets through in these (sender, receiver); then all serve again."""
        for sender, receiver in directions:
            self.network.cut(sender, receiver)
        try:
            yield
        finally:
            for sender, receiver in directions:
                self.network.heal(sender, receiver)
        self.ensemble.wait()

    def others(self, victim):
        return [one for one in self.ensemble.running if one != victim]

    def isolate(self, victim):
        """From the other members, but not from the clients."""
        others = self.others(victim)
        both_ways = [pair for one in others for pair in ((victim, one), (one, victim))]
        with self.apart(*both_ways):
            self.without(victim, others)
            wait_until(lambda: self.ensemble.mode(victim) is None,
                       f"member {victim}, alone, to serve no more")
            self.load.wait_for_progress()

    def half_cut(self, sender, receiver):
        """One way only, between two members; the third reaches both."""
        with self.apart((sender, receiver)):
            wait_until(lambda: f"{sender} " not in self.ensemble.facts(receiver, "peers")["links"],
                       f"member {receiver} to miss {sender}")
            self.load.wait_for_progress()

    def hide_from_clients(self, victim):
        """The members notice nothing."""
        leader = self.ensemble.wait()
        with self.apart((victim, "clients")):
            self.load.wait_for_progress()
        self.assertEqual(self.ensemble.leader(), leader)

    def test_leader_isolated(self):
        for _ in range(rounds(1)):
            self.isolate(self.ensemble.wait())
        self.check()

    def test_follower_isolated(self):
        for _ in range(rounds(1)):
            self.isolate(self.follower())
        self.check()

    def test_leader_does_not_reach_a_follower(self):
        for _ in range(rounds(1)):
            self.half_cut(self.ensemble.wait(), self.follower())
        self.check()

    def test_follower_does_not_reach_the_leader(self):
        for _ in range(rounds(1)):
            self.half_cut(self.follower(), self.ensemble.wait())
        self.check()

    def test_leader_cut_from_clients_only(self):
        for _ in range(rounds(1)):
            self.hide_from_clients(self.ensemble.wait())
        self.check()

    def test_everything_at_random(self):
        choose = chance()
        for _ in range(rounds(2)):
            members = self.ensemble.running
            choose.choice([lambda: self.isolate(choose.choice(members)),
                           lambda: self.half_cut(*choose.sample(members, 2)),
                           lambda: self.hide_from_clients(choose.choice(members))])()
        self.check()


if __name__ == "__main__":
    network.enter()
    main()
