#!/usr/bin/python3
"""Members that are killed, stopped and restarted under load: nothing is lost, nothing stale is read after
a sync, and clients find their way by themselves."""

from harness.trial import Trial, chance, rounds
from support.case import main


class Processes(Trial):

    def test_leader_killed(self):
        for _ in range(rounds(2)):
            self.kill(self.ensemble.wait())
        self.check()

    def test_follower_killed(self):
        for _ in range(rounds(2)):
            self.kill(self.follower())
        self.check()

    def test_leader_stopped(self):
        for _ in range(rounds(1)):
            self.pause(self.ensemble.wait())
        self.check()

    def test_follower_stopped(self):
        for _ in range(rounds(1)):
            self.pause(self.follower())
        self.check()

    def test_rolling_restart(self):
        for _ in range(rounds(1)):
            for number in self.ensemble.running:
                self.restart(number)
                self.load.wait_for_progress()
        self.check()

    def test_everything_at_random(self):
        choose = chance()
        for _ in range(rounds(3)):
            fault = choose.choice([self.kill, self.pause, self.restart])
            fault(choose.choice(self.ensemble.running))
        self.check()


if __name__ == "__main__":
    main()
