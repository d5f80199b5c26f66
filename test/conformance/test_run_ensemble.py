#!/usr/bin/python3
"""`./dev run ensemble`: three members with one command, who leads, and a common end."""

import os
import pathlib
import queue
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from support import servers
from support.case import main

SCRIPT = servers.ROOT / "runtime" / "cli" / "run_ensemble.sh"
DEADLINE_S = 30


def free_tens():
    """A number whose followers by one more digit, 1 to 3, are free ports, for each of four uses."""
    def is_free(port):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
        return True
    tens = random.sample(range(2000, 3200), 1200)
    return [one for one in tens if all(is_free(10 * one + last) for last in (1, 2, 3))][:4]


class RunEnsemble(unittest.TestCase):

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="run-ensemble-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        text = (servers.ROOT / "configs" / "ensemble-3.yaml").read_text()
        # In one go, because a new number may look like an old one.
        ports = dict(zip(("288", "218", "217", "219"), free_tens()))
        text, found = re.subn(r"127\.0\.0\.1:(288|218|217|219)",
                              lambda old: f"127.0.0.1:{ports[old[1]]}", text)
        self.assertGreaterEqual(found, 6)
        file = self.folder / "ensemble.yaml"
        file.write_text(text)
        self.process = subprocess.Popen(
            [str(SCRIPT), servers.troupe_program(), str(file), "3", "--set", "clients.listen=127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.folder,
            start_new_session=True)
        self.addCleanup(self.process.stdout.close)
        self.addCleanup(self.end)
        self.lines = queue.Queue()
        self.seen = []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        self.addCleanup(self.reader.join, DEADLINE_S)

    def end(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))
        self.lines.put(None)

    def shown(self, pattern):
        """Waits for a line with that, and returns the match."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            line = self.lines.get(timeout=max(0.1, deadline - time.monotonic()))
            self.assertIsNotNone(line, f"no line with {pattern} in\n" + "\n".join(self.seen))
            self.seen.append(line)
            found = re.search(pattern, line)
            if found:
                return found

    def member_process(self, number):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        for child in children.read_text().split():
            command = pathlib.Path(f"/proc/{child}/cmdline").read_text().split("\0")
            if f"node.id={number}" in command:
                return int(child)
        raise AssertionError(f"member {number} does not run")

    def members_ready(self):
        """Each member has shown a line behind its number, and there is a leader; returns it."""
        leader = int(self.shown(r"^ensemble \| member (\d) leads, in epoch \d+$")[1])
        for number in (1, 2, 3):
            if not any(re.match(rf" +{number} \| .* info ready", line) for line in self.seen):
                self.shown(rf"^ +{number} \| .* info ready")
        return leader

    def test_stopped_together(self):
        for how in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(how.name):
                if how != signal.SIGTERM:
                    self.setUp()
                self.members_ready()
                os.killpg(self.process.pid, how)  # as a terminal does
                self.assertEqual(self.process.wait(DEADLINE_S), 0)
                self.reader.join(DEADLINE_S)
                rest = list(self.lines.queue)
                for number in (1, 2, 3):
                    self.assertIn(f"ensemble | member {number} stopped, exit code 0", rest)

    def test_a_member_dies_and_the_others_go_on(self):
        leader = self.members_ready()
        os.kill(self.member_process(leader), signal.SIGKILL)
        left = " ".join(sorted({"1", "2", "3"} - {str(leader)}))
        ended = self.shown(r"^ensemble \| member (\d) ended by itself, exit code 137; left: (.*)$")
        self.assertEqual((ended[1], " ".join(sorted(ended[2].split()))), (str(leader), left))
        self.assertNotEqual(int(self.shown(r"member (\d) leads")[1]), leader)
        self.process.terminate()
        self.assertEqual(self.process.wait(DEADLINE_S), 1)

    def test_members_end_with_the_script(self):
        self.members_ready()
        orphans = [self.member_process(number) for number in (1, 2, 3)]
        self.process.kill()
        self.process.wait()
        for orphan in orphans:
            servers.wait_until(lambda pid=orphan: not pathlib.Path(f"/proc/{pid}").exists()
                               or "Z" in pathlib.Path(f"/proc/{pid}/stat").read_text().split(")")[1],
                               f"the end of process {orphan}")


if __name__ == "__main__":
    main()
