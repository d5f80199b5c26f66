"""Starts and stops what is measured: Troupe, ZooKeeper, and the bare servers that show the limit.

All keep their data below one folder on a real disk and write it through to the disk (fsync).
"""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time

from support.ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[3]
START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 30.0

ZOOKEEPER_CLASSPATH = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar"


class BenchError(RuntimeError):
    """Something that the user must hear about, with what to do."""


def binary(name):
    """Path of a program of the build that is measured."""
    folder = pathlib.Path(os.environ.get("TROUPE_BENCH_BIN", ROOT / "build" / "release" / "bin"))
    path = folder / name
    if not path.exists():
        raise BenchError(f"{path} is not built; run `./dev bench`, which builds it")
    return str(path)


class Server:
    """One server process in a folder of its own. `options` are those of the subclass."""

    kind = "server"

    def __init__(self, folder, **options):
        self.folder = pathlib.Path(folder)
        self.options = options
        self.port = free_port()
        self.process = None

    @property
    def hosts(self):
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    @property
    def pids(self):
        """All processes, for the load generator."""
        return str(self.pid)

    @property
    def data(self):
        return self.folder / "data"

    def can(self, _load):
        """Whether it can be measured by this workload of the load generator."""
        return True

    def command(self):
        """The argument list that starts the server."""
        raise NotImplementedError

    def wipe(self):
        """Removes all data; the server must not run."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def spawn(self):
        """Starts the process without waiting for anything."""
        self.data.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=subprocess.STDOUT, cwd=self.folder)

    def start(self):
        """Starts the process and returns when it takes connections."""
        self.spawn()
        self.wait_for_service(time.monotonic() + START_DEADLINE_S)
        return self

    def wait_for_service(self, deadline, needed=()):
        """Returns when it takes connections. `needed`: servers without which it never does."""
        while not self._answers():
            for one in (self, *needed):
                one.check_alive()
            if time.monotonic() > deadline:
                raise BenchError(f"{self.kind} took no connection on port {self.port} within "
                                 f"{START_DEADLINE_S:g} s; its log ends with:\n{self._log_tail()}")
            time.sleep(0.02)  # polling

    def check_alive(self):
        if self.process.poll() is not None:
            raise BenchError(f"{self.kind} ended with exit code {self.process.returncode}; its "
                             f"log ends with:\n{self._log_tail()}")

    def _log_tail(self):
        return (self.folder / "log").read_text("utf-8", "replace")[-2000:]

    def _answers(self):
        try:
            if self.says_nothing_to_words:
                socket.create_connection(("127.0.0.1", self.port), timeout=2.0).close()
                return True
            # Not ruok: ZooKeeper answers that before it takes sessions.
            return b"Mode: " in self.ask(b"srvr")
        except OSError:
            return False

    def ask(self, word):
        """The answer to a four-letter word."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=2.0) as link:
            link.sendall(word)
            return self._read_all(link)

    says_nothing_to_words = False

    @staticmethod
    def _read_all(link):
        answer = b""
        while piece := link.recv(4096):
            answer += piece
        return answer

    def stop(self):
        """Asks the process to end and waits for it."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(STOP_DEADLINE_S)
        except subprocess.TimeoutExpired:
            self.kill9()
            raise BenchError(f"{self.kind} ignored SIGTERM for {STOP_DEADLINE_S:g} s") from None

    def kill9(self):
        """Ends the process the way a power switch would."""
        self.process.kill()
        self.process.wait()

    def resident_kib(self):
        """Resident memory of the process now."""
        for line in pathlib.Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
        raise BenchError(f"process {self.pid} of {self.kind} has no memory; it ended")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()
        self.wipe()


class Troupe(Server):
    """configs/single.yaml; `options` are settings such as tree.extended_types."""

    kind = "troupe"

    def command(self):
        settings = {"clients.listen": self.hosts, "http.listen": "127.0.0.1:0",
                    "native.listen": "127.0.0.1:0",
                    "node.data_dir": str(self.data), **self.options}
        line = [binary("troupe"), "run", str(ROOT / "configs" / "single.yaml")]
        for name, value in settings.items():
            line += ["--set", f"{name}={value}"]
        return line


class ZooKeeper(Server):
    """A standalone ZooKeeper of Debian's package: Debian's Java options (none, so the heap is
    Java's own choice), defaults for everything that is not named here."""

    kind = "zookeeper"
    heap = None
    main_class = "org.apache.zookeeper.server.ZooKeeperServerMain"

    @staticmethod
    def installed():
        return all(os.path.exists(path) for path in ZOOKEEPER_CLASSPATH.split(":"))

    def command(self):
        if not self.installed():
            raise BenchError("ZooKeeper is not installed; `./dev setup` installs Debian's "
                             "package, or leave it out with --only troupe")
        config = self.folder / "zoo.cfg"
        config.write_text(self.configuration())
        heap = [f"-Xmx{self.heap}"] if self.heap else []
        return ["/usr/bin/java", *heap, "-Dzookeeper.admin.enableServer=false",
                "-Dzookeeper.4lw.commands.whitelist=*",
                # INFO would cost ZooKeeper a line per session.
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", ZOOKEEPER_CLASSPATH,
                self.main_class, str(config)]

    def configuration(self):
        return (f"tickTime=2000\ndataDir={self.data}\nclientPortAddress=127.0.0.1\n"
                f"clientPort={self.port}\nmaxClientCnxns=0\n")


class BareEpoll(Server):
    """A server that does nothing but answer, with group commit: what the machine can do."""

    kind = "bare-epoll"
    program = "bare_epoll"
    says_nothing_to_words = True

    def command(self):
        return [binary(self.program), str(self.port), str(self.data / "log")]


class BareKj(BareEpoll):
    """The same on KJ's event loop."""

    kind = "bare-kj"
    program = "bare_kj"


KINDS = {kind.kind: kind for kind in (Troupe, ZooKeeper, BareEpoll, BareKj)}
