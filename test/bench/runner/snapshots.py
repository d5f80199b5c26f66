"""Whether taking a snapshot of a million znodes delays another client's writes."""

import concurrent.futures

from .servers import BenchError, Troupe
from .workloads import run_load

MILLION = 1_000_000
NEVER = {"log.snapshot_transactions": 1_000_000_000, "log.snapshot_log_bytes": "1TiB"}
OFTEN = {"log.snapshot_transactions": 20_000, "log.snapshot_log_bytes": "1TiB"}


def snapshots_of(server):
    """The snapshots that exist, by name and time."""
    return {(path.name, path.stat().st_mtime_ns) for path in server.data.rglob("*snapshot*")
            if path.is_file()}


def writes_under_load(server, duration_s):
    """The reading of one client's writes while 16 others write as well."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        load = pool.submit(run_load, server, ("write", "--connections", 16), warm_up=0,
                           duration=duration_s + 2)
        probe = run_load(server, ("write", "--connections", 1), warm_up=0.5, duration=duration_s)
        load.result()
    return probe


def measure(folder, options, count, duration_s):
    """The probe's latencies in ms, and how many snapshots were taken meanwhile."""
    with Troupe(folder, **options) as server:
        run_load(server, ("load", "--connections", 4, "--outstanding", 8, "--batch", 25,
                          "--keys", count), deadline_s=600)
        before = snapshots_of(server)
        probe = writes_under_load(server, duration_s)
        latency = {name: probe["latency_us"][name] / 1000 for name in ("p50", "p99_9", "max")}
        return latency, len(snapshots_of(server) - before)


def snapshot_delay(folder, timing, kinds, count=MILLION):
    """Latency of one client's writes with and without snapshots being taken meanwhile."""
    duration_s = 10 * timing.duration_s  # several snapshots
    without, none = measure(folder / "without-snapshots", NEVER, count, duration_s)
    during, some = measure(folder / "with-snapshots", OFTEN, count, duration_s)
    if none != 0 or some == 0:
        raise BenchError(f"snapshot-delay: {none} snapshots were taken where none was wanted, and "
                         f"{some} where some were; see snapshot_transactions")
    added = during["p99_9"] - without["p99_9"]
    figures = [("snapshots taken meanwhile", some, "")]
    figures += [(f"writes without snapshots, {name}", value, "ms")
                for name, value in without.items()]
    figures += [(f"writes while snapshots are taken, {name}", value, "ms")
                for name, value in during.items()]
    return [{"name": name, "value": value, "unit": unit} for name, value, unit in figures] + [
        {"name": "added at p99.9", "value": added, "unit": "ms", "bound": 20, "holds": added <= 20}]
