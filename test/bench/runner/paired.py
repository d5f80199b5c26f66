"""Measurements in paired rounds: A B A B ..., medians, ratios, and whether they hold."""

import statistics

from .ensembles import ENSEMBLES
from .servers import KINDS
from .workloads import run_load

# How a reading of the load generator becomes a figure of the tables.
METRICS = {
    "per_second": lambda r: r["per_second"],
    "p50_us": lambda r: r["latency_us"]["p50"],
    "p99_us": lambda r: r["latency_us"]["p99"],
    "p99_9_us": lambda r: r["latency_us"]["p99_9"],
    "cpu_us": lambda r: r["server_process"]["cpu_us_per_operation"],
    "resident_mb": lambda r: r["server_process"]["resident_kib"] * 1024 / 1e6,
    "load_cpu_us": lambda r: r["load_cpu_us_per_operation"],
}


class Timing:
    """How long things are measured."""

    def __init__(self, quick, rounds):
        self.rounds = rounds or (2 if quick else 5)
        # How often a start is timed.
        self.starts = 3 if quick else 7
        self.warm_up_s = 0.5 if quick else 1.0
        self.duration_s = 1.0 if quick else 3.0
        # Before its first round, so that Java has compiled what this workload needs.
        self.first_warm_up_s = 2.0 if quick else 6.0


def medians(readings):
    """The median of every metric over the readings of one server."""
    return {name: statistics.median(map(take, readings)) for name, take in METRICS.items()}


def measure(workload, servers, timing, say):
    """Runs one workload in paired rounds over started servers; returns its result."""
    servers = [server for server in servers if server.can(workload.load)]
    readings = {server.kind: [] for server in servers}
    for number in range(timing.rounds):
        for server in servers:
            warm_up = timing.first_warm_up_s if number == 0 else timing.warm_up_s
            reading = run_load(server, workload.load, warm_up=warm_up, duration=timing.duration_s,
                               seed=number + 1)
            readings[server.kind].append(reading)
            say(f"  {workload.name} round {number + 1} {server.kind:10} "
                f"{reading['per_second']:12,.0f}/s  p99 {METRICS['p99_us'](reading):9,.0f} µs  "
                f"CPU {METRICS['cpu_us'](reading):7.2f} µs")
    result = {"workload": workload.name, "says": workload.says, "rounds": timing.rounds,
              "duration_s": timing.duration_s, "readings": readings,
              "medians": {kind: medians(all_of) for kind, all_of in readings.items()}}
    if "troupe" in readings and "zookeeper" in readings:
        result["ratios"] = ratios(result["medians"])
        result["checks"] = checks(workload, result)
    return result


def ratios(of):
    """Troupe's figures as multiples of ZooKeeper's."""
    return {name: of["troupe"][name] / of["zookeeper"][name] if of["zookeeper"][name] else None
            for name in ("per_second", "p99_us", "cpu_us", "resident_mb")}


def checks(workload, result):
    """What must hold: (name, ratio or value, bound, whether it holds)."""
    if workload.throughput is None:
        return []
    ratio = result["ratios"]
    wanted = (("throughput", ratio["per_second"], workload.throughput, True),
              ("p99", ratio["p99_us"], workload.p99, False),
              ("CPU per operation", ratio["cpu_us"], workload.cpu, False),
              ("resident memory", result["medians"]["troupe"]["resident_mb"],
               workload.resident_mb, False))
    return [{"name": name, "ratio": value, "bound": bound, "at_least": at_least,
             "holds": value >= bound if at_least else value <= bound}
            for name, value, bound, at_least in wanted if bound is not None]


def make_servers(kinds, folder, what="single"):
    """Servers or ensembles of these kinds, not started, each with a folder of its own."""
    known = ENSEMBLES if what == "ensemble" else KINDS
    return [known[kind](folder / what / kind) for kind in kinds if kind in known]
