#!/usr/bin/env python3
"""Every bench program with tiny parameters: correctness only, never time.

usage: test_mode.py NAME, where NAME is one of the functions below without `test_`.
"""

import json
import pathlib
import socket
import subprocess
import sys
import tempfile

from lying_proxy import LyingProxy
from runner import catching_up, paired, single, snapshots, tables
from runner.ensembles import TroupeEnsemble
from runner.servers import BareEpoll, BareKj, BenchError, Troupe, binary
from runner.workloads import COMPARABLE, run_load
from support.ports import FIRST_OUTGOING, free_port

TINY = {"count": 300, "warm_up": 0, "keys": 64, "stall": 60}


class Tiny(paired.Timing):
    """As little as possible."""

    def __init__(self):
        super().__init__(quick=True, rounds=1)
        self.warm_up_s = self.first_warm_up_s = 0.0
        self.duration_s = 0.05
        self.starts = 1


def expect(condition, what):
    if not condition:
        raise AssertionError(what)


def expect_refusal(words, action):
    """`action` fails, and says why."""
    try:
        action()
    except BenchError as problem:
        expect(words in str(problem), f"the message lacks '{words}': {problem}")
    else:
        raise AssertionError(f"nothing was refused with '{words}'")


def verified(server, *arguments, **options):
    """Runs a workload with --verify; its reading, which must make sense."""
    reading = run_load(server, arguments, verify=True, **{**TINY, **options})
    latency = reading["latency_us"]
    expect(reading["operations"] > 0, f"{arguments}: no operation")
    expect(0 < latency["p50"] <= latency["p99"] <= latency["max"], f"{arguments}: {latency}")
    expect(reading["server_process"]["resident_kib"] > 0, f"{arguments}: no memory of the server")
    return reading


def test_load(folder):
    """Every workload against Troupe, verified."""
    with Troupe(folder) as server:
        for name in ("read", "exists", "write", "mixed", "create"):
            verified(server, name)
            verified(server, name, "--connections", 8, "--outstanding", 4)
        verified(server, "sessions", "--connections", 8)
        verified(server, "watch", "--connections", 10)
        verified(server, "watch", "--connections", 10, "--persistent")
        verified(server, "lock", "--connections", 5, count=50)
        verified(server, "queue", "--connections", 6)
        verified(server, "load", "--connections", 3, "--batch", 7, keys=1000, count=1000)
        expect(verified(server, "hold", "--connections", 20, "--watches", 500, keys=100,
                        duration=0.05)["events_at_the_end"] == 500, "events are missing")
        last = single.known_read(1000)
        expect(first_error(server, last) == 0, "the last znode of load is not where it should be")


def first_error(server, request):
    return single.first_answer.try_once(server.port, request)[0]


def test_verify(folder):
    """--verify finds what a server gets wrong, and failures are said."""
    with BareEpoll(folder) as server:
        run_load(server, ("read", "--connections", 4, "--outstanding", 4), **TINY, keep=True)
        for workload in (("write",), ("read",), ("lock", "--connections", 2)):
            expect_refusal("verify: ", lambda w=workload: run_load(
                server, w, verify=True, keep=True, **TINY))
    with Troupe(folder / "lock") as server, LyingProxy(server) as proxy:
        expect_refusal("have the lock at the same time", lambda: run_load(
            proxy, ("lock", "--connections", 2), verify=True, keep=True, **TINY))
    expect_refusal("cannot connect to", lambda: run_load(server, ("read",), **TINY))
    for words, line in (("no workload 'reed'", ["reed"]), ("--keys takes a number", ["--keys", "x"]),
                        ("HOST:PORT", ["read", "--server", "127.0.0.1:1,x"]),
                        ("unknown option --key", ["read", "--key", "1"])):
        done = subprocess.run([binary("troupe_bench"), *line], capture_output=True, text=True,
                              check=False)
        expect(done.returncode == 1 and words in done.stderr, f"{line}: {done.stderr}")


def test_bare(folder):
    """The bare servers answer every workload that they are there for."""
    for kind in (BareEpoll, BareKj):
        with kind(folder / kind.kind) as server:
            for load in (("read",), ("write",), ("sessions",), ("watch",)):
                reading = run_load(server, (*load, "--connections", 8), keep=True, **TINY)
                expect(reading["operations"] > 0, f"{kind.kind} {load}: no operation")


def test_runner(folder):
    """The measurements and tables of ./dev bench."""
    timing = Tiny()
    servers = paired.make_servers(["troupe"], folder)
    with servers[0]:
        results = [paired.measure(COMPARABLE[name], servers, timing, print)
                   for name in ("read-64x16", "watchers-1000")]
    expect("read-64x16" in tables.paired_table(results), "a result is not in the table")
    figures = [*single.cold_start(folder, timing, ["troupe"]),
               *single.memory_million(folder, timing, ["troupe"], 2000),
               *single.restart_million(folder, timing, ["troupe"], 2000),
               *single.watches_million(folder, timing, ["troupe"], 2000, 10),
               *single.connections_10000(folder, timing, ["troupe"], 100)]
    expect(all(one["value"] > 0 for one in figures), f"a figure is nothing: {figures}")
    latency, taken = snapshots.measure(folder / "snapshots", {"log.snapshot_transactions": 100},
                                       1000, 0.1)
    expect(taken > 0 and latency["max"] > 0, f"{taken} snapshots, {latency}")


def test_ensemble(folder):
    """Three members, with clients at each of them."""
    timing = Tiny()
    servers = paired.make_servers(["troupe"], folder, "ensemble")
    with servers[0] as ensemble:
        expect(isinstance(ensemble, TroupeEnsemble) and len(ensemble.pids.split(",")) == 3,
               "an ensemble is something else")
        expect(ensemble.leader() in ensemble.members, "the leader is somebody else")
        for load in (("mixed",), ("sessions",), ("watch",), ("create",), ("queue",)):
            verified(ensemble, *load, "--connections", 9)
        modes = [member.ask(b"srvr").count(b"Mode: follower") for member in ensemble.members]
        expect(sum(modes) == 2, f"followers: {modes}")
        results = [paired.measure(COMPARABLE[name], servers, timing, print)
                   for name in ("ensemble-write-64x16", "ensemble-sessions")]
    of = results[0]["medians"]["troupe"]
    expect(of["resident_mb"] > 10 and of["per_second"] > 0, f"three members are less: {of}")
    bare = paired.make_servers(["bare-epoll"], folder, "ensemble")
    with bare[0]:
        limit = paired.measure(COMPARABLE["ensemble-read-64"], bare, timing, print)
        none = paired.measure(COMPARABLE["ensemble-watchers-1000"], bare, timing, print)
    expect(limit["medians"]["bare-epoll"]["per_second"] > 0 and not none["readings"],
           "three bare servers read, and know nothing of each other")
    check = paired.checks(COMPARABLE["ensemble-write-1"], {
        "ratios": {"per_second": 2, "p99_us": 9, "cpu_us": 0.3},
        "medians": {"troupe": {"resident_mb": 40}}})
    expect([one["holds"] for one in check] == [True, False, True], f"checks: {check}")


def test_ports(folder):
    """Nobody else gets the port of a server; if somebody has it, that is said at once."""
    ports = [free_port() for _ in range(200)]
    expect(len(set(ports)) == 200, "a port was given twice")
    first = int(FIRST_OUTGOING.read_text("ascii").split()[0])
    expect(max(ports) < first, f"port {max(ports)} may become that of a connection")
    ensemble = TroupeEnsemble(folder)
    with socket.create_server(("127.0.0.1", ensemble.members[2].port)):
        expect_refusal("Address already in use", ensemble.start)
        ensemble.kill9()


def test_catching_up(folder):
    """Members that were away, and new ones, while others write at a pace."""
    timing = Tiny()
    timing.rounds, timing.duration_s = 1, 0.5
    catching_up.SHORT_LOGS.update({"log.snapshot_transactions": 100, "log.segment_bytes": "64KiB",
                                   "log.first_segment_bytes": "64KiB"})
    for figures in (catching_up.ensemble_return(folder, timing, ["troupe"], 2000),
                    catching_up.ensemble_join(folder, timing, ["troupe"], 20_000)):
        expect(all(one["value"] > 0 for one in figures), f"a figure is nothing: {figures}")


def test_micro(_folder):
    """Every micro-benchmark runs, and reports as JSON."""
    done = subprocess.run([binary("micro_bench"), "--test", "--json", "-"], capture_output=True,
                          text=True, check=True)
    results = json.loads(done.stdout)["results"]
    expect(len(results) > 10 and all(one["ns_per_op"] > 0 for one in results), f"{results}")


def main():
    test = globals()["test_" + sys.argv[1]]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        test(pathlib.Path(folder))


if __name__ == "__main__":
    main()
