#!/usr/bin/env python3
"""Checks the rules of the house: usage: tidy.py ROOT. Prints each violation with its place."""

import re
import sys

from layering import check_layering
from source_tree import read_tree

MAX_FILE_LINES = 500
MAX_LINE_COLUMNS = 100

# These two files spell out what they forbid.
OWN_FILES = {"test/tidy/tidy.py", "test/tidy/tidy_test.py"}

PAST_BUGS = "docs/zookeeper-bugs.md"

SLEEP = re.compile(
    r"\b(sleep_for|sleep_until|usleep|nanosleep)\b"
    r"|\b(time|asyncio|Thread|TimeUnit\.\w+)\.sleep\b|(^|[;&|({]|\bdo)\s*sleep[ (]"
)
# A helper that waits for a condition needs one sleep; it says so on the same line.
POLLING_MARK = re.compile(r"(//|#) polling\b")

FORBIDDEN_CODE = (
    (re.compile(r"\bdlclose\b"), "plugins are never unloaded: no dlclose"),
    (re.compile(r"\bdelayed_(anon_)?send\b"), "timers are the reactor's: no delayed_send"),
    (re.compile(r"\bevalLast\b"), "evalLast is last-in-first-out and starves the loop"),
    (re.compile(r"\bcatch\s*\([^)]*\)\s*\{\s*\}"), "a swallowed exception"),
)
FORBIDDEN_TEXT = (
    (re.compile(r"\b(TODO|FIXME|XXX)\b(?!\([a-z-]+\):)"),
     "write TODO(kind): with a kind, such as TODO(ensemble):"),
    (re.compile(r"/(home|Users)/\w"), "a path of somebody's own machine"),
)


def check_length(file):
    if file.suffix in {".cpp", ".hpp", ".h", ".py", ".sh", ".cmake"} or file.path == "dev":
        if len(file.lines) > MAX_FILE_LINES:
            yield MAX_FILE_LINES + 1, f"{len(file.lines)} lines; at most {MAX_FILE_LINES}"


def check_width(file):
    if file.is_cpp:
        for number, line in enumerate(file.lines, 1):
            if len(line) > MAX_LINE_COLUMNS:
                yield number, f"{len(line)} columns; at most {MAX_LINE_COLUMNS}"


def check_tabs(file):
    if file.path.startswith("test/golden/"):  # wrong input is their purpose
        return
    for number, line in enumerate(file.lines, 1):
        if "\t" in line:
            yield number, "a tab"


def check_pragma_once(file):
    if file.suffix in {".hpp", ".h"} and "#pragma once" not in file.lines:
        yield 1, "a header without #pragma once"


def check_sleeps(file):
    if not file.is_test or file.path in OWN_FILES or file.suffix == ".md":
        return
    for number, (code, line) in enumerate(zip(file.code, file.lines), 1):
        if SLEEP.search(code) and not POLLING_MARK.search(line):
            yield number, "a fixed sleep in a test; wait for a condition instead"


def check_code(file):
    if not file.is_cpp:
        return
    # The whole text at once, because a catch block spans lines.
    code = "\n".join(file.code)
    for pattern, message in FORBIDDEN_CODE:
        for match in pattern.finditer(code):
            yield code.count("\n", 0, match.start()) + 1, message


def check_words(file):
    if file.path in OWN_FILES:
        return
    for number, line in enumerate(file.lines, 1):
        for pattern, message in FORBIDDEN_TEXT:
            if pattern.search(line):
                yield number, message


def check_test_names(file):
    if not file.is_test or not file.is_cpp:
        return
    for number, line in enumerate(file.lines, 1):
        if re.search(r'\b(TEST_CASE|SCENARIO)\w*\(\s*"[^"]*;', line):
            yield number, "a semicolon in a test's name: ctest splits the name there"


FILE_RULES = {
    "layering": check_layering,
    "length": check_length,
    "width": check_width,
    "tabs": check_tabs,
    "pragma-once": check_pragma_once,
    "sleeps": check_sleeps,
    "code": check_code,
    "words": check_words,
    "test-names": check_test_names,
}


def check_configs(files):
    """Every ready composition is started by a test, so some test names it."""
    tests = "\n".join(file.text for file in files
                      if file.is_test and not file.path.startswith("test/tidy/"))
    for file in files:
        if file.parts[0] == "configs" and file.suffix == ".yaml" and file.parts[-1] not in tests:
            yield file, 1, "no test mentions this configuration"


def test_names(file):
    """The names of the test cases in a C++ file, as they come out of the compiler."""
    for match in re.finditer(r'\bTEST_CASE\(\s*((?:"(?:\\.|[^"\\])*"\s*)+)', file.text):
        yield "".join(re.findall(r'"((?:\\.|[^"\\])*)"', match.group(1)))


def check_past_bugs(files):
    """Every issue in the list of ZooKeeper's bugs has tests that exist, and that name it."""
    lists = [file for file in files if file.path == PAST_BUGS]
    tests = {name: file.text for file in files if file.is_test and file.is_cpp
             for name in test_names(file)} if lists else {}
    for file in lists:
        for number, line in enumerate(file.lines, 1):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            if not re.match(r"[0-9]", cells[0]):
                continue
            named = re.findall(r"`([^`]+)`", cells[3]) if len(cells) == 4 else []
            yield from ((file, number, f"no test is named '{name}'")
                        for name in named if name not in tests)
            texts = " ".join(tests.get(name, "") for name in named)
            yield from ((file, number, f"its tests do not name ZOOKEEPER-{issue}")
                        for issue in cells[0].split(", ")
                        if not re.search(rf"ZOOKEEPER-(?:[0-9]+, )*{issue}\b", texts)
                        and "(no test:" not in line)


TREE_RULES = {"configs": check_configs, "past-bugs": check_past_bugs}


def check(files):
    """Returns (path, line, rule, message) for every violation, in the order of the files."""
    found = [
        (file.path, line, name, message)
        for file in files
        for name, rule in FILE_RULES.items()
        for line, message in rule(file)
    ]
    found += [
        (file.path, line, name, message)
        for name, rule in TREE_RULES.items()
        for file, line, message in rule(files)
    ]
    return found


def main(arguments):
    if len(arguments) != 2:
        print("usage: tidy.py ROOT", file=sys.stderr)
        return 2
    files = read_tree(arguments[1])
    if not files:
        print(f"tidy: no source files below {arguments[1]}", file=sys.stderr)
        return 2
    found = check(files)
    for path, line, rule, message in found:
        print(f"{path}:{line}: {rule}: {message}")
    print(f"tidy: {len(files)} files, {len(found)} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
