#!/usr/bin/env python3
"""The runner behind `./dev bench`; see docs/performance.md."""

import argparse
import json
import os
import pathlib
import platform
import shutil
import sys

from runner import paired, tables
from runner.catching_up import CATCHING_UP
from runner.servers import KINDS, ROOT, BenchError
from runner.single import SINGLE as ALONE
from runner.workloads import COMPARABLE, ENSEMBLE, PAIRED, disk_folder

RESULTS = ROOT / "build" / "bench"
SINGLE = {**ALONE, **CATCHING_UP}


def say(text):
    print(text, file=sys.stderr, flush=True)


def arguments():
    names = ", ".join([*COMPARABLE, *SINGLE])
    parser = argparse.ArgumentParser(
        prog="./dev bench", description="Measures Troupe beside ZooKeeper, or by itself.",
        epilog=f"Workloads: {names}. Without any: all that must hold beside ZooKeeper "
               f"({', '.join(PAIRED)}); `all`: these and those of Troupe alone; `ensemble`: three "
               "members of each.")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, help="paired rounds (default 5; quick: 2)")
    parser.add_argument("--quick", action="store_true", help="short rounds, for a first look")
    parser.add_argument("--only", action="append", choices=sorted(KINDS),
                        help="measure only this server (can be given more than once)")
    parser.add_argument("--limit", action="store_true",
                        help="measure the bare servers too, which show what the machine can do")
    parser.add_argument("--data", default=str(RESULTS), help="folder on a real disk for the "
                        "servers' data (default build/bench)")
    parser.add_argument("--results", default=str(RESULTS), help="folder for WORKLOAD.json")
    parser.add_argument("--markdown", action="store_true",
                        help="measure nothing; print the results that are there as markdown")
    return parser.parse_args()


def chosen(names):
    """The names of the workloads to run."""
    if not names:
        return list(PAIRED)
    if names == ["all"]:
        return [*PAIRED, *ALONE]
    if names == ["ensemble"]:
        return [*ENSEMBLE, *CATCHING_UP]
    unknown = [name for name in names if name not in COMPARABLE and name not in SINGLE]
    if unknown:
        raise BenchError(f"there is no workload {unknown[0]}; there are "
                         f"{', '.join([*COMPARABLE, *SINGLE])}")
    return names


def machine():
    """What the figures depend on, beside the programs."""
    info = pathlib.Path("/proc/cpuinfo").read_text()
    models = [line.split(":", 1)[1].strip() for line in info.splitlines()
              if line.startswith("model name")]
    return {"processor": models[0] if models else platform.machine(),
            "processors": os.cpu_count(), "kernel": platform.release()}


def keep(folder, result):
    """Writes WORKLOAD.json."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result['workload']}.json"
    path.write_text(json.dumps({**result, "machine": machine()}, indent=1) + "\n")


def kept(folder):
    """The results that are there, in the order of the workloads."""
    for name in [*COMPARABLE, *SINGLE]:
        path = folder / f"{name}.json"
        if path.exists():
            yield json.loads(path.read_text())


def run_paired(names, kinds, timing, folder, results):
    """Measures these workloads over servers that run all the time."""
    for what in ("single", "ensemble"):
        mine = [name for name in names if COMPARABLE[name].servers == what]
        if mine:
            yield from run_over(what, mine, kinds, timing, folder, results)


def run_over(what, names, kinds, timing, folder, results):
    """The workloads that need the same servers."""
    servers = paired.make_servers(kinds, folder, what)
    try:
        for server in servers:
            say(f"starting {server.kind}")
            server.start()
        for name in names:
            result = paired.measure(COMPARABLE[name], servers, timing, say)
            keep(results, result)
            yield result
    finally:
        for server in servers:
            if server.process is not None:
                server.kill9()


def run_single(names, kinds, timing, folder, results):
    for name in names:
        say(f"  {name}")
        result = {"workload": name, "says": SINGLE[name].__doc__.split("\n")[0],
                  "figures": SINGLE[name](folder, timing, kinds)}
        keep(results, result)
        yield result


def show(comparable, single, markdown):
    parts = []
    if comparable:
        parts.append(tables.paired_table(comparable, markdown))
        if any("ratios" in result for result in comparable):
            parts.append(("" if markdown else "Troupe as a multiple of ZooKeeper:\n") +
                         tables.ratio_table(comparable, markdown))
    if single:
        parts.append(tables.single_table(single, markdown))
    print("\n" + "\n\n".join(parts))


def all_hold(comparable, single):
    return (all(check["holds"] for result in comparable for check in result.get("checks", ())) and
            all(one.get("holds", True) for result in single for one in result["figures"]))


def main():
    wishes = arguments()
    results = pathlib.Path(wishes.results)
    if wishes.markdown:
        there = list(kept(results))
        show([r for r in there if "medians" in r], [r for r in there if "figures" in r], True)
        return 0
    names = chosen(wishes.workloads)
    bare = ["bare-epoll", "bare-kj"] if wishes.limit else []
    kinds = list(dict.fromkeys([*(wishes.only or ["troupe", "zookeeper"]), *bare]))
    timing = paired.Timing(wishes.quick, wishes.rounds)
    folder = disk_folder(wishes.data)
    try:
        comparable = list(run_paired([n for n in names if n in COMPARABLE], kinds, timing, folder,
                                     results)) if any(n in COMPARABLE for n in names) else []
        single = list(run_single([n for n in names if n in SINGLE], kinds, timing, folder, results))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show(comparable, single, False)
    if not all_hold(comparable, single):
        say("bench: not everything that must hold does; see FAILS above")
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BenchError as problem:
        say(f"bench: {problem}")
        sys.exit(2)
