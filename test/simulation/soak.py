#!/usr/bin/env python3
"""Runs the simulations of ensembles for a long time in several processes, each with seeds of its own, and adds up
what they print.

usage: soak.py [--processes N] [--cpu-minutes M] [--first-seed S] PATH_OF_simulation_tests
"""

import argparse
import collections
import os
import re
import subprocess
import sys

SEEDS_OF_A_PROCESS = 10_000_000
LINE = re.compile(r"^ensembles: (.*) = ([0-9.]+)$")


def start(program, number, options):
    """One process; its CPU time is an even part of the whole."""
    minutes = max(1, options.cpu_minutes // options.processes)
    return subprocess.Popen(
        [program, "simulation: ensembles*"],
        env=dict(
            os.environ,
            TROUPE_FIRST_SEED=str(options.first_seed + number * SEEDS_OF_A_PROCESS),
            TROUPE_SEEDS=str(SEEDS_OF_A_PROCESS),
            TROUPE_CPU_MINUTES=str(minutes),
            TROUPE_FAILURES="20",
        ),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def add_up(outputs):
    sums = collections.OrderedDict()
    for text in outputs:
        for line in text.splitlines():
            found = LINE.match(line)
            if found:
                value = found.group(2)
                number = float(value) if "." in value else int(value)
                sums[found.group(1)] = sums.get(found.group(1), 0) + number
    return sums


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--cpu-minutes", type=int, default=60, help="of all processes together")
    parser.add_argument("--first-seed", type=int, default=1)
    options = parser.parse_args()
    running = [start(options.program, number, options) for number in range(options.processes)]
    outputs = [one.communicate()[0] for one in running]
    for what, number in add_up(outputs).items():
        print(f"{what}: {number:.2f}" if isinstance(number, float) else f"{what}: {number}")
    failed = [text for one, text in zip(running, outputs) if one.returncode != 0]
    for text in failed:
        print(text)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
