"""The applications of configs/embedded: usage: test_embedded.py PART BUILD PROGRAMS.

* ``document``: docs/embedding.md shows the smallest of them, word for word;
* ``smallest``: it runs, twice on the same data, and says what is wrong with a wrong description;
* ``crew``: its actors elect a leader and do their work, while a kazoo client looks at it, adds to
  it and dismisses the leader; a second start goes on where the first was stopped;
* ``installed``: the folder, copied elsewhere, builds against an installed Troupe, and runs.
"""

import logging
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "test" / "conformance"))

from kazoo.client import KazooClient  # noqa: E402
from kazoo.exceptions import NoNodeError  # noqa: E402
from support.servers import wait_until  # noqa: E402

FOLDER = ROOT / "configs" / "embedded"
CONFIG = FOLDER / "crew.yaml"
JOBS = [str(number * 1000) for number in range(1, 13)]
PRIMES_BELOW = {"1000": 168, "7000": 900, "12000": 1438, "20000": 2262}


def check(condition, what):
    if not condition:
        sys.exit(f"FAILED: {what}")
    print(f"ok: {what}", flush=True)


def run(*command, cwd=None, expect=0):
    done = subprocess.run([str(word) for word in command], cwd=cwd, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != expect:
        sys.exit(f"{' '.join(map(str, command))}: exit code {done.returncode}, "
                 f"expected {expect}:\n{done.stdout}")
    return done.stdout


class Crew:
    """The running application and a client that came in through its door."""

    def __init__(self, programs, home):
        self._log = open(home / "crew.log", "ab")
        self._process = subprocess.Popen(
            [programs / "crew", CONFIG, f"node.data_dir={home / 'data'}",
             "visitors.listen=127.0.0.1:0"], stdout=subprocess.PIPE, stderr=self._log, text=True)
        first = self._process.stdout.readline()
        found = re.search(r"port (\d+)", first)
        if not found:
            sys.exit(f"the crew said {first!r}:\n{(home / 'crew.log').read_text()}")
        self.visitor = KazooClient(f"127.0.0.1:{found.group(1)}")
        self.visitor.start(timeout=20)

    def value(self, path):
        try:
            return self.visitor.get(path)[0].decode()
        except NoNodeError:
            return None

    def results(self):
        if not self.visitor.exists("/crew/results"):
            return {}
        return {job: self.value(f"/crew/results/{job}")
                for job in self.visitor.get_children("/crew/results")}

    def stop(self):
        self.visitor.stop()
        self.visitor.close()
        self._process.send_signal(signal.SIGTERM)
        code = self._process.wait(60)
        self._log.close()
        return code


def test_crew(_build, programs, home):
    crew = Crew(programs, home)
    wait_until(lambda: set(crew.results()) == set(JOBS), "a result for every job")
    check(all(crew.results()[job].startswith(f"{PRIMES_BELOW[job]} by member-")
              for job in JOBS if job in PRIMES_BELOW), "the crew has done its jobs")
    leader = crew.value("/crew/leader")
    check(leader is not None, f"{leader} leads")

    crew.visitor.create("/crew/jobs/20000")
    wait_until(lambda: crew.value("/crew/results/20000"), "a job from outside")
    check(crew.value("/crew/results/20000").startswith("2262 by"), "a visitor's job is done as well")

    crew.visitor.create("/crew/dismissed", leader.encode())
    wait_until(lambda: crew.value("/crew/leader") not in (None, leader), "another leader")
    members = [crew.value(f"/crew/members/{name}")
               for name in crew.visitor.get_children("/crew/members")]
    check(len(members) == 3 and leader not in members, "the dismissed leader is gone")
    check(crew.stop() == 0, "the application ends in order")

    crew = Crew(programs, home)
    before = crew.results()
    check(len(before) == len(JOBS) + 1, "what was done is known after a restart")
    crew.visitor.delete("/crew/dismissed")
    wait_until(lambda: crew.value("/crew/leader"), "a leader of the second start")
    wait_until(lambda: len(crew.visitor.get_children("/crew/members")) in (3, 4), "its members")
    check(crew.results() == before, "and not done again")
    check(crew.stop() == 0, "the application ends in order")


def try_smallest(programs, home):
    for start in range(2):
        out = run(programs / "smallest", CONFIG, cwd=home)
        # The node is there at the second start, with what was last written into it.
        expected = "hello, version 0" if start == 0 else "hello again, version 1"
        check(expected in out, f"start {start + 1} says {expected!r}")
    check("event /greeting" in out, "and is told of the change")


def test_smallest(_build, programs, home):
    try_smallest(programs, home)
    wrong = home / "wrong.yaml"
    wrong.write_text(CONFIG.read_text().replace("tree.znode", "tree.znod"))
    out = run(programs / "smallest", wrong, cwd=home, expect=2)
    check("wrong.yaml:7:" in out and 'did you mean "tree.znode"' in out,
          "a wrong description is told with its place")


def test_installed(build, _programs, home):
    prefix = home / "prefix"
    run("cmake", "--install", build, "--prefix", prefix)
    source = home / "application"
    shutil.copytree(FOLDER, source)
    run("cmake", "-G", "Ninja", "-S", source, "-B", source / "build",
        f"-DCMAKE_PREFIX_PATH={prefix}", "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wpedantic -Werror")
    run("cmake", "--build", source / "build")
    try_smallest(source / "build", home)


def test_document(_build, _programs, _home):
    document = (ROOT / "docs" / "embedding.md").read_text()
    check((FOLDER / "smallest.cpp").read_text() in document,
          "docs/embedding.md shows configs/embedded/smallest.cpp as it is")


def main():
    part, build, programs = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
    logging.getLogger("kazoo").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="troupe-embedded-") as home:
        globals()[f"test_{part}"](build, programs, pathlib.Path(home))


main()
