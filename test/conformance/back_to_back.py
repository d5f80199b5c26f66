#!/usr/bin/python3
"""Runs one script against two servers and compares what they answer.

    back_to_back.py [--left zookeeper] [--right troupe] [--section NAME]... [--dump FILE]

A side is ``troupe``, ``zookeeper`` or ``host:port`` (see support/servers.py). Exit code 0: no
difference but those of the list KNOWN, each of which has its reason; 1: other differences.
CONFORMANCE_SEED and CONFORMANCE_WALK set the random part.
"""

import argparse
import collections
import concurrent.futures
import json
import sys

import steps
from known_differences import KNOWN
from support import servers, transcript, wire


CANNOT_GO_ON = (AssertionError, wire.Closed, wire.WireError, OSError, TypeError, KeyError)


def record(which, sections):
    """The transcript of the script: on a fresh server, and its plain part on another."""
    steps_made = []
    for plain in (False, True):
        part = [s for s in sections if (s in steps.PLAIN_SECTIONS) == plain]
        if not part:
            continue
        with servers.running(which, plain=plain) as server:
            recorder = transcript.Recorder(server)
            for section in part:
                try:
                    section(recorder)
                except CANNOT_GO_ON as error:
                    recorder.give_up(error)
            if server.kind != "external" and not server.running():
                raise servers.ServerError(f"{which} ended during the script:\n{server.log_tail()}")
            steps_made += recorder.transcript()
    return steps_made


def sort_out(differences, known=KNOWN):
    """(differences nobody accepted, list of (rule, how many it covers))."""
    counts = [0] * len(known)
    unknown = []
    for difference in differences:
        for index, rule in enumerate(known):
            if rule.covers(difference):
                counts[index] += 1
                break
        else:
            unknown.append(difference)
    return unknown, list(zip(known, counts))


def chosen_sections(names):
    everything = steps.SECTIONS + steps.PLAIN_SECTIONS
    if not names:
        return everything
    table = {section.__name__: section for section in everything}
    unknown = [name for name in names if name not in table]
    if unknown:
        sys.exit(f"no section {', '.join(unknown)}; there are: {', '.join(table)}")
    return [table[name] for name in names]


SHOWN_PER_SECTION = 15


def show(differences):
    """Prints them, but of each section only the first: later ones often follow from those."""
    shown = collections.Counter()
    for difference in differences:
        section = difference.label.split()[0]
        shown[section] += 1
        if shown[section] <= SHOWN_PER_SECTION:
            print(difference)
    for section, count in shown.items():
        if count > SHOWN_PER_SECTION:
            print(f"{section}: {count - SHOWN_PER_SECTION} more differences are not shown")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--left", default="zookeeper")
    parser.add_argument("--right", default=servers.chosen())
    parser.add_argument("--section", action="append", help="only this section (repeatable)")
    parser.add_argument("--dump", help="write both transcripts to FILE.left and FILE.right")
    options = parser.parse_args(arguments)
    sections = chosen_sections(options.section)
    print(f"seed of the random part: {steps.random_walk.SEED}")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        left, right = pool.map(lambda which: record(which, sections),
                               [options.left, options.right])
    if options.dump:
        for side, lines in (("left", left), ("right", right)):
            with open(f"{options.dump}.{side}", "w", encoding="utf-8") as out:
                for step in lines:
                    out.write(f"{step.label}\n    {json.dumps(step.value, default=repr)}\n")
    unknown, counts = sort_out(transcript.compare(left, right))
    show(unknown)
    if options.left != options.right:
        for rule, count in counts:
            print(f"accepted {count:3d} × {rule.label}: {rule.reason}")
    print(f"{len(left)} steps on {options.left}, {len(right)} on {options.right}; "
          f"{len(unknown)} unexplained differences")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(main())
