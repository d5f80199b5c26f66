"""Measurements of one server by itself: memory, starts, many watches and connections."""

import statistics

from . import first_answer
from .servers import Troupe, ZooKeeper
from .snapshots import snapshot_delay
from .workloads import run_load

MILLION = 1_000_000


def figure(name, value, unit, bound=None):
    """One figure; with `bound` it must not be more."""
    result = {"name": name, "value": value, "unit": unit}
    if bound is not None:
        result |= {"bound": bound, "holds": value <= bound}
    return result


def megabytes(server):
    return server.resident_kib() * 1024 / 1e6


def load_znodes(server, count):
    """Makes `count` znodes of 128 bytes; returns the reading."""
    return run_load(server, ("load", "--connections", 4, "--outstanding", 8, "--batch", 25,
                             "--keys", count), deadline_s=600)


def known_read(count):
    """A read of the last znode that load_znodes makes."""
    last = count - 1
    return first_answer.get_request(f"/load/p{last // 1000:08}/n{last:08}".encode())


def cold_start_of(kind, folder, rounds):
    times = []
    for _ in range(rounds):
        server = kind(folder)
        try:
            times.append(1000 * first_answer.seconds_to(
                server, first_answer.create_request(b"/first", bytes(128))))
            server.stop()
        finally:
            server.kill9()
            server.wipe()
    return times


def cold_start(folder, timing, kinds):
    """From exec to the first acknowledged write, with an empty directory."""
    figures = []
    if "troupe" in kinds:
        times = cold_start_of(Troupe, folder / "cold", timing.starts)
        figures += [figure("exec to first acknowledged write, median", statistics.median(times),
                           "ms", 50), figure("the slowest", max(times), "ms")]
    if "zookeeper" in kinds:
        times = cold_start_of(ZooKeeper, folder / "cold-zookeeper", 3)
        figures.append(figure("ZooKeeper, median", statistics.median(times), "ms"))
    return figures


def memory_start(folder, timing, kinds):
    """Resident memory after the start and one session."""
    figures = []
    with Troupe(folder / "start") as server:
        run_load(server, ("read", "--keys", 1), warm_up=0, count=1)
        figures.append(figure("resident after start", megabytes(server), "MB", 20))
    if "zookeeper" in kinds:
        with ZooKeeper(folder / "start-zookeeper") as server:
            figures.append(figure("ZooKeeper", megabytes(server), "MB"))
    return figures


def memory_million(folder, timing, kinds, count=MILLION):
    """Resident memory with a million znodes of 128 bytes."""
    figures = []
    with Troupe(folder / "million") as server:
        reading = load_znodes(server, count)
        figures += [figure("resident with the znodes", megabytes(server), "MB", 300),
                    figure("at most so far", reading["server_process"]["peak_kib"] * 1024 / 1e6,
                           "MB"),
                    figure("znodes created per second", reading["per_second"], "1/s")]
    if "zookeeper" in kinds:
        with ZooKeeper(folder / "million-zookeeper") as server:
            load_znodes(server, count)
            figures.append(figure("ZooKeeper", megabytes(server), "MB"))
    return figures


def restart_of(kind, folder, rounds, count):
    """Seconds from exec to the first answered read after kill -9, and the memory then."""
    with kind(folder) as server:
        load_znodes(server, count)
        times = []
        for _ in range(rounds):
            server.kill9()
            times.append(first_answer.seconds_to(server, known_read(count)))
        return times, megabytes(server)


def restart_million(folder, timing, kinds, count=MILLION):
    """A restart with a million znodes after kill -9."""
    times, memory = restart_of(Troupe, folder / "restart", timing.starts, count)
    figures = [figure("kill -9 and exec to first answered read, median", statistics.median(times),
                      "s", 2), figure("the slowest", max(times), "s"),
               figure("resident then", memory, "MB")]
    if "zookeeper" in kinds:
        times, memory = restart_of(ZooKeeper, folder / "restart-zookeeper", 2, count)
        figures += [figure("ZooKeeper, median", statistics.median(times), "s"),
                    figure("ZooKeeper, resident then", memory, "MB")]
    return figures


def watches_million(folder, timing, kinds, count=MILLION, connections=1000):
    """A million persistent watches on a thousand connections, each on a path of its own."""
    with Troupe(folder / "watches") as server:
        before = megabytes(server)
        reading = run_load(server, ("hold", "--connections", connections, "--watches", count,
                                    "--keys", count), deadline_s=300, duration=timing.duration_s)
        peak = reading["server_process"]["peak_kib"] * 1024 / 1e6
        return [figure("watches held", reading["watches_held"], ""),
                figure("connections", connections, ""),
                figure("watches added per second", reading["per_second"], "1/s"),
                figure("resident before", before, "MB"), figure("resident at most", peak, "MB")]


def connections_10000(folder, timing, kinds, count=10_000):
    """Ten thousand connections that are there, and that work."""
    with Troupe(folder / "connections") as server:
        before = megabytes(server)
        held = run_load(server, ("hold", "--connections", count), duration=timing.duration_s)
        busy = run_load(server, ("read", "--connections", count), warm_up=timing.warm_up_s,
                        duration=timing.duration_s)
        memory = held["server_process"]["resident_kib"] * 1024 / 1e6
        return [figure("connections held", held["connections_held"], ""),
                figure("time to open them", held["connect_s"], "s"),
                figure("resident before", before, "MB"), figure("resident with them", memory, "MB"),
                figure("reads over all of them", busy["per_second"], "1/s"),
                figure("their p99", busy["latency_us"]["p99"] / 1000, "ms")]


SINGLE = {
    "memory-start": memory_start,
    "memory-million": memory_million,
    "restart-million": restart_million,
    "cold-start": cold_start,
    "watches-million": watches_million,
    "connections-10000": connections_10000,
    "snapshot-delay": snapshot_delay,
}
