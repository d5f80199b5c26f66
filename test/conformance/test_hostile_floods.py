#!/usr/bin/python3
"""More connections than there is room for: refused for a logged reason, in a log that stays short,
while those who are in are served and the files of the server can be opened."""

import os
import pathlib
import resource
import subprocess
import time

from support import hostile, servers, wire
from support.case import main
from support.servers import wait_until


def file_limit(pid, value):
    """Changes the (soft) limit of open files of a process that runs."""
    subprocess.run(["prlimit", f"--pid={pid}", f"--nofile={value}:"], check=True)


class Floods(hostile.HostileCase):
    server_options = {"options": {"clients.max_connections_per_address": "1500",
                                  "clients.handshake_timeout": "1m"}}

    def test_connects_and_closes(self):
        before = self.rss_mib()
        for number in range(3000):
            link = hostile.connect(self.address)
            if number % 3 == 0:
                link.sendall(b"\0\0\0\x2d half")
            link.close()
            if number % 500 == 0:
                self.served()
        self.served_anew()
        self.all_forgotten()
        self.assertLess(self.rss_mib(), before + 30)

    def all_forgotten(self):
        alive = "zk_num_alive_connections"
        wait_until(lambda: int(hostile.monitor(self.address)[alive]) <= 2, "all to be forgotten")

    def test_half_open_connections(self):
        """They wait for the handshake's timeout, and cost little."""
        before = self.rss_mib()
        links = [hostile.connect(self.address) for _ in range(1400)]
        self.served_anew()
        self.assertLess(self.rss_mib(), before + 30)
        for link in links:
            link.close()

    def test_limit_per_address(self):
        self.all_forgotten()
        rejected = int(hostile.monitor(self.address)["zk_connection_rejected"])
        lines = len(self.log_lines("connection_refused"))
        began = time.monotonic()
        links = [hostile.connect(self.address) for _ in range(2000)]
        closed = wait_until(lambda: sum(map(hostile.is_closed, links)) >= 500 and 500, "refusals")
        self.served_anew()
        self.assertEqual(sum(map(hostile.is_closed, links)), closed)
        counted = int(hostile.monitor(self.address)["zk_connection_rejected"]) - rejected
        self.assertEqual(counted, 500)
        self.assert_logged("connection_refused", hostile.HOSTILE_ADDRESS,
                           "max_connections_per_address is 1500")
        # One at once, and one for each ten seconds.
        most = 2 + (time.monotonic() - began) / 10
        self.assertLessEqual(len(self.log_lines("connection_refused")) - lines, most)
        for link in links:
            link.close()
        wait_until(lambda: self._gets_in(), "there to be room again")

    def _gets_in(self):
        link = hostile.connect(self.address)
        link.sendall(b"ruok")
        answer = hostile.read_to_end(link)
        link.close()
        return answer == b"imok"

    def test_log_of_garbage(self):
        lines = len(self.log_lines("connection_closed"))
        began = time.monotonic()
        for _ in range(1500):
            link = hostile.connect(self.address)
            link.sendall(b"\xff\xff\xff\xff")
            hostile.read_to_end(link)
            link.close()
        most = 20 + 2 + (time.monotonic() - began)
        self.assertLessEqual(len(self.log_lines("connection_closed")) - lines, most)
        self.assert_logged("connection_closed", hostile.HOSTILE_ADDRESS, "packet of -1 bytes")
        wait_until(lambda: any("left_out=" in line and "peer=" not in line
                               for line in self.log_lines("connection_closed")),
                   "the end of the flood to be told")
        self.served_anew()

    def test_words(self):
        """Words that look at the whole directory, by the hundred: one look serves many."""
        links = [hostile.connect(self.address) for _ in range(300)]
        for link in links:
            link.sendall(b"dirs")
        for link in links:
            self.assertIn(b"datadir_size", hostile.read_to_end(link))
            link.close()
        self.served_anew()


def comes_back(case):
    def serves():
        try:
            return wire.Wire.open(case.address)
        except (OSError, wire.Closed):
            return None
    wait_until(serves, "a new client to be served").close()
    case.served_anew()


class Files(hostile.HostileCase):
    """So few descriptors that clients could take all of them."""

    LIMIT = 96
    server_options = {
        "config": servers.troupe_config("single.yaml"), "file_limit": LIMIT,
        "options": {"log.segment_bytes": "1MiB", "log.snapshot_transactions": "200"}}

    def test_more_clients_than_descriptors(self):
        links = [hostile.connect(self.address) for _ in range(200)]
        wait_until(lambda: sum(map(hostile.is_closed, links)) >= 200 - self.LIMIT, "refusals")
        open_files = len(os.listdir(f"/proc/{self.server.pid}/fd"))
        self.assertLessEqual(open_files, self.LIMIT - self.LIMIT // 4 + 5)
        self.assert_logged("connection_refused", hostile.HOSTILE_ADDRESS,
                           f"the limit of open files is {self.LIMIT}")
        # Segments and snapshots need descriptors of their own, and get them.
        before = len(self.log_lines("snapshot_written"))
        path = self.path + "/data"
        self.witness.ok(wire.create(path, b""))
        for _ in range(40):
            last = [self.witness.submit(wire.set_data(path, b"x" * 20_000)) for _ in range(20)][-1]
            self.witness.wait(last)
        wait_until(lambda: len(self.log_lines("snapshot_written")) > before, "a snapshot")
        self.assertEqual(self.log_lines("error"), [])
        for link in links:
            link.close()
        comes_back(self)


class NoFiles(hostile.HostileCase):
    """Somebody else takes all descriptors. (In memory, because a log would need one as well.)"""

    LIMIT = 96
    server_options = {"file_limit": LIMIT}

    def test_no_descriptor_at_all(self):
        """The system refuses: no haste, existing clients are served, and it recovers."""
        failed = int(hostile.monitor(self.address)["zk_accept_failed_count"])
        lines = len(self.log_lines("accept_failed"))
        file_limit(self.server.pid, 5)
        began = time.monotonic()
        links = [hostile.connect(self.address) for _ in range(20)]  # the system's queue takes them
        wait_until(lambda: len(self.log_lines("accept_failed")) > lines, "the reason in the log")
        for _ in range(100):
            self.witness.ok(wire.get_data(self.path))
        file_limit(self.server.pid, self.LIMIT)
        for link in links:
            link.sendall(b"ruok")
            self.assertEqual(hostile.read_to_end(link), b"imok")
            link.close()
        tries = int(hostile.monitor(self.address)["zk_accept_failed_count"]) - failed
        self.assertGreater(tries, 0)
        self.assertLessEqual(tries, 2 + (time.monotonic() - began) * 10)
        self.assertLessEqual(len(self.log_lines("accept_failed")) - lines,
                             2 + (time.monotonic() - began) / 10)
        comes_back(self)


if __name__ == "__main__":
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[1] > 4000, "these tests open many connections"
    resource.setrlimit(resource.RLIMIT_NOFILE, (4000, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    assert pathlib.Path("/proc/self/status").exists()
    main()
