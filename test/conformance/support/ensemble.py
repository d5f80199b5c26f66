"""Members of one ensemble as processes of their own, from a file in configs/."""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

from . import servers
from .http import Http
from .ports import free_port
from .servers import four_letter, wait_until

START_DEADLINE_S = 30.0


class Ensemble:
    """The members of a shipped file. Only ports and directories are ours, and `settings`, which are
    given to the program as they are.

    `hosts_of`: the address of each member, if not all are on 127.0.0.1. `wrapped`: what each
    command line begins with, by member; `environment`: more variables, by member.
    """

    def __init__(self, file="ensemble-3.yaml", settings=(), hosts_of=None, wrapped=None):
        text = (servers.ROOT / "configs" / file).read_text("utf-8")
        numbers = sorted(int(one) for one in re.findall(r'(\d+): "127\.0\.0\.1:288\d"', text))
        self.folder = tempfile.mkdtemp(prefix="ensemble-")
        self._hosts = hosts_of or dict.fromkeys(numbers, "127.0.0.1")
        self._wrapped = wrapped or {}
        self._settings = list(settings)
        self.environment = {}
        ports = [free_port() for _ in range(4 * len(numbers))]
        self.ports = {number: ports.pop() for number in numbers}
        self._http_ports = {number: ports.pop() for number in numbers}
        self.native_ports = {number: ports.pop() for number in numbers}
        text = re.sub(r'"127\.0\.0\.1:288(\d)"',
                      lambda found: f'"{self._hosts[int(found[1])]}:{ports.pop()}"', text)
        text = self._replaced(text, "127.0.0.1:218${MEMBER:-1}", "${HOST}:${PORT}")
        text = self._replaced(text, "127.0.0.1:217${MEMBER:-1}", "${HOST}:${HTTP_PORT}")
        text = self._replaced(text, "127.0.0.1:219${MEMBER:-1}", "${HOST}:${NATIVE_PORT}")
        self._file = pathlib.Path(self.folder, file)
        self._file.write_text(text)
        self._processes = {}

    @staticmethod
    def _replaced(text, old, new):
        if old not in text:
            raise AssertionError(f"{old} is not in the file any more")
        return text.replace(old, new)

    def address(self, number):
        return self._hosts[number], self.ports[number]

    def hosts_of(self, *numbers):
        """The connect string of those members; of all, without any."""
        return ",".join("{}:{}".format(*self.address(number)) for number in numbers or self.ports)

    @property
    def hosts(self):
        return self.hosts_of()

    @property
    def running(self):
        return sorted(self._processes)

    def start(self, number):
        command = [*self._wrapped.get(number, []), servers.troupe_program(), "run",
                   str(self._file), "--set", f"node.id={number}"]
        for setting in self._settings:
            command += ["--set", setting]
        host, port = self.address(number)
        with open(self.log_path(number), "ab") as log:
            self._processes[number] = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                env={**os.environ, "MEMBER": str(number), "HOST": host, "PORT": str(port),
                     "HTTP_PORT": str(self._http_ports[number]),
                     "NATIVE_PORT": str(self.native_ports[number]),
                     **self.environment.get(number, {})})

    def start_all(self):
        """All members that do not run; returns the leader."""
        for number in self.ports:
            if number not in self._processes:
                self.start(number)
        return self.wait()

    def send(self, number, which):
        self._processes[number].send_signal(which)

    def end(self, number, how=signal.SIGKILL):
        """Sends the signal and waits for the end."""
        process = self._processes.pop(number)
        process.send_signal(how)
        return process.wait(servers.STOP_DEADLINE_S)

    def wait_for_end(self, number):
        """The exit code of a member that ends by itself."""
        return self._processes.pop(number).wait(servers.STOP_DEADLINE_S)

    def mode(self, number):
        """What the member says that it is; nothing if it does not serve."""
        with contextlib.suppress(OSError):
            for line in four_letter(self.address(number), "srvr", timeout_s=2.0).splitlines():
                if line.startswith("Mode: "):
                    return line[len("Mode: "):]
        return None

    def http(self, number):
        return Http(self._http_ports[number], self._hosts[number])

    def facts(self, number, component):
        """What that component of the member says in /status."""
        components = self.http(number).json("/status")["components"]
        return next(one["facts"] for one in components if one["name"] == component)

    def modes(self):
        return {number: self.mode(number) for number in self._processes}

    def leader(self):
        leaders = [number for number, mode in self.modes().items() if mode == "leader"]
        return leaders[0] if len(leaders) == 1 else None

    def mntr(self, number):
        lines = four_letter(self.address(number), "mntr").splitlines()
        return dict(line.removeprefix("zk_").split("\t", 1) for line in lines if "\t" in line)

    def wait(self, *only):
        """For a leader among those who run, or `only` some of them, and for all of these to serve;
        returns it."""
        def complete():
            modes = [self.mode(number) for number in only or self._processes]
            return modes.count("leader") == 1 and None not in modes
        try:
            wait_until(complete, "one leader, and the others following it", START_DEADLINE_S)
        except AssertionError as gave_up:
            raise AssertionError(f"{gave_up}: {self.modes()}\n{self.tails()}") from gave_up
        return self.leader()

    def log_path(self, number):
        return pathlib.Path(self.folder, f"{number}.log")

    def tails(self):
        """The ends of the logs, for messages."""
        return "\n".join(f"{number}: " + self.log_path(number).read_text()[-2500:]
                         for number in self.ports if self.log_path(number).exists())

    def remove(self):
        for number in list(self._processes):
            self.send(number, signal.SIGCONT)
            self.end(number, signal.SIGKILL)
        if not os.environ.get("CONFORMANCE_KEEP"):
            shutil.rmtree(self.folder, ignore_errors=True)
