"""A base for test cases: an ensemble under load, and its history checked at the end."""

import os
import random
import signal
import sys
import unittest

from support.ensemble import Ensemble
from support.servers import wait_until

from .history import History
from .load import Load

# Short, so that tests do not wait for what they want to see; long enough for a busy machine.
SETTINGS = ["broadcast.sync_limit=1s", "peers.silence=1s", "broadcast.ping_interval=100ms",
            "peers.keep_alive=100ms", "sessions.timeout.min=1s"]

# A leader that is cut off answers syncs until sync_limit has passed (docs/ensembles.md, what is missing). With True here
# these tests demand that a quorum confirms each of them.
SYNC_IS_CONFIRMED = True


def rounds(by_default):
    """How often something is done; more by TROUPE_ROBUSTNESS_ROUNDS."""
    return int(os.environ.get("TROUPE_ROBUSTNESS_ROUNDS", by_default))


def chance():
    """Random choices that can be repeated with TROUPE_SEED."""
    seed = int(os.environ.get("TROUPE_SEED", random.randrange(1 << 32)))
    print(f"TROUPE_SEED={seed}", file=sys.stderr)
    return random.Random(seed)


class Trial(unittest.TestCase):
    """Every test begins with three members under load; its history is checked when it ends."""

    settings = ()
    logs = ""

    def setUp(self):
        self.ensemble = self.made()
        self.addCleanup(self.ensemble.remove)
        self.ensemble.start_all()
        self.history = History()
        self.load = Load(self.ensemble.hosts, self.history)
        self.load.wait_for_progress()

    def made(self):
        return Ensemble(settings=[*SETTINGS, *self.settings])

    def run(self, result=None):
        failed = len(result.failures) + len(result.errors) if result is not None else 0
        outcome = super().run(result)
        if result is not None and len(result.failures) + len(result.errors) > failed:
            print(f"---- {self.id()}: ends of the logs:\n{self.logs}", file=sys.stderr)
        return outcome

    def tearDown(self):
        self.logs = self.ensemble.tails()

    def check(self):
        """Everybody is back and serves: the load ends, and its history is checked."""
        self.ensemble.start_all()
        self.load.wait_for_progress()
        self.load.stop()
        found = self.history.violations(self.load.final(self.ensemble), SYNC_IS_CONFIRMED)
        self.logs = self.ensemble.tails()
        self.assertEqual(found, [], "\n".join(found[:20]))
        print(f"    {len(self.history.writes)} writes, {len(self.history.reads)} reads after sync, "
              f"{len(self.history.holds)} times the lock", file=sys.stderr)

    # -- faults -------------------------------------------------------------------------------------

    def follower(self):
        leader = self.ensemble.wait()
        return random.choice([one for one in self.ensemble.running if one != leader])

    def kill(self, victim):
        """Kills it; everybody goes on without it, and it comes back."""
        self.ensemble.end(victim, signal.SIGKILL)
        self.load.wait_for_progress()
        self.ensemble.start(victim)
        self.ensemble.wait()

    def pause(self, victim):
        """Stops it for longer than the others wait for it; everybody goes on, and then it as well."""
        others = [one for one in self.ensemble.running if one != victim]
        self.ensemble.send(victim, signal.SIGSTOP)
        try:
            self.without(victim, others)
            self.load.wait_for_progress()
        finally:
            self.ensemble.send(victim, signal.SIGCONT)
        self.ensemble.wait()

    def without(self, victim, others):
        """Until `others` have a leader among them that has given the victim up."""
        def given_up():
            leaders = [one for one in others if self.ensemble.mode(one) == "leader"]
            return leaders and f"learner_lag_{victim}" not in self.ensemble.mntr(leaders[0])
        wait_until(given_up, f"a leader without member {victim}", 30.0)

    def restart(self, number):
        self.assertEqual(self.ensemble.end(number, signal.SIGTERM), 0)
        self.ensemble.start(number)
        self.ensemble.wait()
