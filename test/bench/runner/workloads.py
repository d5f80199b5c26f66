"""The named workloads that are measured beside ZooKeeper, and what must hold for them."""

import dataclasses
import json
import pathlib
import subprocess
import tempfile

from .servers import BenchError, binary


@dataclasses.dataclass(frozen=True)
class Workload:
    """A run of the load generator. `throughput` is the least ratio to ZooKeeper that is wanted."""

    name: str
    load: tuple
    says: str
    throughput: float = None
    # Of ZooKeeper's, at most: p99, server CPU per operation. And memory of all members, in MB.
    p99: float = 0.60
    cpu: float = 1 / 3
    resident_mb: float = None
    # What the servers of it are: `single` or `ensemble`.
    servers: str = "single"


PAIRED = {w.name: w for w in (
    Workload("read-1", ("read", "--connections", 1), "reads, 1 connection", 1.8),
    Workload("read-64", ("read", "--connections", 64), "reads, 64 connections", 1.8),
    Workload("read-64x16", ("read", "--connections", 64, "--outstanding", 16),
             "reads, 64 connections × 16 outstanding", 8.0),
    Workload("write-1", ("write", "--connections", 1), "writes, 1 connection"),
    Workload("write-64", ("write", "--connections", 64), "writes, 64 connections", 1.8),
    Workload("write-64x16", ("write", "--connections", 64, "--outstanding", 16),
             "writes, 64 connections × 16 outstanding", 4.0),
    Workload("sessions", ("sessions", "--connections", 64),
             "sessions: open, ephemeral, close; 64 at a time", 1.9),
    Workload("watchers-1000", ("watch", "--connections", 1000), "notifications to 1,000 watchers",
             2.0),
)}

# Not in the list of what must hold, but good to know.
EXTRA = {w.name: w for w in (
    Workload("mixed-64x16", ("mixed", "--connections", 64, "--outstanding", 16),
             "90 % reads, 64 connections × 16 outstanding"),
    Workload("exists-64", ("exists", "--connections", 64), "exists, 64 connections"),
    Workload("create-64", ("create", "--connections", 64), "create and delete, 64 connections"),
    Workload("watchers-1000-persistent", ("watch", "--connections", 1000, "--persistent"),
             "notifications to 1,000 persistent watchers"),
    Workload("lock-16", ("lock", "--connections", 16), "one lock, 16 clients"),
    Workload("queue-16", ("queue", "--connections", 16), "one queue, 8 producers, 8 consumers"),
)}

# The same loads on three members: least throughput as a multiple of ZooKeeper's.
IN_ENSEMBLES = {"write-1": 1.6, "write-64": 3.0, "write-64x16": 8.0, "read-64": 3.5,
                "read-64x16": 12.0, "sessions": 3.0, "watchers-1000": 3.0}
ENSEMBLE = {f"ensemble-{name}": dataclasses.replace(
    PAIRED[name], name=f"ensemble-{name}", throughput=bound, p99=None, cpu=0.25, resident_mb=80,
    says=f"three members: {PAIRED[name].says}", servers="ensemble")
    for name, bound in IN_ENSEMBLES.items()}

COMPARABLE = {**PAIRED, **EXTRA, **ENSEMBLE}


def run_load(server, arguments, deadline_s=120.0, **options):
    """Runs the load generator against `server`; returns its JSON. `options`: warm_up=1 etc."""
    line = [binary("troupe_bench"), *map(str, arguments), "--server", server.hosts,
            "--pid", server.pids, "--json", "-"]
    for name, value in options.items():
        line += ["--" + name.replace("_", "-")] + ([] if value is True else [str(value)])
    try:
        done = subprocess.run(line, capture_output=True, text=True, timeout=deadline_s, check=False)
    except subprocess.TimeoutExpired:
        raise BenchError(f"{' '.join(line)} did not end within {deadline_s:g} s") from None
    if done.returncode != 0:
        raise BenchError(f"{server.kind}: {done.stderr.strip()}\n  ({' '.join(line)})")
    return json.loads(done.stdout)


def disk_folder(root):
    """A new folder below `root` for servers' data; refuses one that is only memory."""
    root = pathlib.Path(root)
    root.mkdir(parents=True, exist_ok=True)
    kind = subprocess.run(["stat", "-f", "-c", "%T", str(root)], capture_output=True, text=True,
                          check=True).stdout.strip()
    if kind in {"tmpfs", "ramfs"}:
        raise BenchError(f"{root} is on {kind}, where writing to the disk costs nothing; use "
                         "--data with a folder on a real disk")
    return pathlib.Path(tempfile.mkdtemp(prefix="data-", dir=root))
