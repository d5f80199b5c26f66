"""Whether a member that catches up disturbs the writes of other clients."""

import concurrent.futures
import re
import statistics
import time

from .ensembles import TroupeEnsemble
from .servers import START_DEADLINE_S, BenchError
from .workloads import run_load

MILLION = 1_000_000
MISSED = 100_000
CONNECTIONS = 8
PACE = ("write", "--connections", CONNECTIONS, "--pace", 500)
# Snapshots are taken and logs are used again, so that a new member needs a snapshot.
SHORT_LOGS = {"log.snapshot_transactions": 5_000, "log.segment_bytes": "4MiB"}
# How often the p99 of others' writes may grow.
MOST = 2.0


class Others:
    """The members of an ensemble that stay, as the load generator sees them."""

    def __init__(self, ensemble, without):
        self.kind = ensemble.kind
        self._members = [one for one in ensemble.members if one is not without]

    @property
    def hosts(self):
        return ",".join(one.hosts for one in self._members)

    @property
    def pids(self):
        return ",".join(one.pids for one in self._members)

    def wait_for_connections(self):
        """Returns when the load has begun."""
        deadline = time.monotonic() + START_DEADLINE_S
        while sum(map(connections_of, self._members)) < CONNECTIONS:
            if time.monotonic() > deadline:
                raise BenchError(f"{self.kind}: the load does not connect")
            time.sleep(0.02)  # polling


def connections_of(member):
    found = re.search(rb"Connections: (\d+)", member.ask(b"srvr"))
    return int(found[1]) if found else 0


def follower(ensemble):
    leader = ensemble.leader()
    return next(one for one in ensemble.members if one is not leader)


def paced(others, duration_s):
    """p99 in ms of writes that others make at a fixed pace."""
    return run_load(others, PACE, warm_up=0, duration=duration_s)["latency_us"]["p99"] / 1000


def while_it_returns(others, member, duration_s):
    """The same while the member comes back, and the seconds that this took."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        load = pool.submit(paced, others, duration_s)
        others.wait_for_connections()
        began = time.monotonic()
        member.spawn()
        member.wait_for_service(began + START_DEADLINE_S)
        took = time.monotonic() - began
        return load.result(), took


def figures_of(rounds):
    """From (p99 without, p99 while somebody catches up, seconds) of each round."""
    without, during, took = (statistics.median(column) for column in zip(*rounds))
    ratio = during / without
    return [{"name": "p99 of others' writes, all there", "value": without, "unit": "ms"},
            {"name": "p99 while one catches up", "value": during, "unit": "ms"},
            {"name": "exec to serving", "value": took, "unit": "s"},
            {"name": "p99 as a multiple", "value": ratio, "unit": "", "bound": MOST,
             "holds": ratio <= MOST}]


def expect_snapshot(member, seen):
    """Whether it was given a snapshot must be as the workload says."""
    log = (member.folder / "log").read_text("utf-8", "replace")
    if ("snapshot_received" in log) != seen:
        raise BenchError(f"a member caught up {'without' if seen else 'by'} a snapshot; its log "
                         f"is {member.folder / 'log'}")


def rounds_of(one_round, timing):
    """Each is measured for as long as the catching up of the one before took. The first one only
    finds that out."""
    window = timing.duration_s
    rounds = []
    for _ in range(1 + min(timing.rounds, 3)):
        rounds.append(one_round(window))
        window = max(rounds[-1][2], 0.5)
    return rounds[1:]


def ensemble_return(folder, timing, kinds, missed=MISSED):
    """A member that was away for 100,000 transactions comes back, others write 500 per second."""
    with TroupeEnsemble(folder / "return") as ensemble:
        def one_round(window_s):
            member = follower(ensemble)
            others = Others(ensemble, member)
            without = paced(others, window_s)
            member.kill9()
            run_load(others, ("write", "--connections", 64, "--outstanding", 16), warm_up=0,
                     count=missed)
            during, took = while_it_returns(others, member, window_s)
            expect_snapshot(member, False)
            return without, during, took
        return figures_of(rounds_of(one_round, timing))


def ensemble_join(folder, timing, kinds, count=MILLION):
    """A new member gets a million znodes as a snapshot, others write 500 per second."""
    with TroupeEnsemble(folder / "join", **SHORT_LOGS) as ensemble:
        run_load(ensemble, ("load", "--connections", 4, "--outstanding", 8, "--batch", 25,
                            "--keys", count), deadline_s=600)

        def one_round(window_s):
            member = follower(ensemble)
            others = Others(ensemble, member)
            without = paced(others, window_s)
            member.kill9()
            member.wipe()
            during, took = while_it_returns(others, member, window_s)
            expect_snapshot(member, True)
            return without, during, took
        return figures_of(rounds_of(one_round, timing))


CATCHING_UP = {"ensemble-return": ensemble_return, "ensemble-join": ensemble_join}
