"""Starts and stops the servers that the conformance tests talk to.

Three kinds, chosen by the environment variable CONFORMANCE_SERVER:

* unset or ``troupe``: the program named by TROUPE_PROGRAM, with the composition TROUPE_CONFIG
  (default: ``configs/memory.yaml`` of this checkout);
* ``zookeeper``: a standalone ZooKeeper from Debian's package ``zookeeper``;
* ``host:port``: something that already runs; nothing is started or stopped.

Readiness is a condition with a deadline, never a pause of a fixed length.
"""

import contextlib
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

from .ports import free_port

ROOT = pathlib.Path(__file__).resolve().parents[3]

START_DEADLINE_S = 60.0
STOP_DEADLINE_S = 30.0

# Both servers get the same limits, so that negotiated values can be compared.
TICK_MS = 500
MIN_TIMEOUT_MS = 1000
MAX_TIMEOUT_MS = 20000
REAP_INTERVAL_MS = 100
SUPER_DIGEST = "super:D/InIHSb7yEEbrWz8b9l71RjZJU="  # super:test

JAVA = os.environ.get("CONFORMANCE_JAVA", "/usr/bin/java")
ZOOKEEPER_CLASSPATH = "/usr/share/java/zookeeper.jar:/usr/share/java/slf4j-simple.jar"
JVM_FLAGS = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto"]

# The names are those that `troupe describe` prints.
TROUPE_OPTIONS = {
    "sessions.timeout.min": f"{MIN_TIMEOUT_MS}ms",
    "sessions.timeout.max": f"{MAX_TIMEOUT_MS}ms",
    "sessions.tick": f"{TICK_MS}ms",
    "tree.reap_interval": f"{REAP_INTERVAL_MS}ms",
    "tree.extended_types": "true",
    "tree.enforce_quota": "true",
    "clients.super_digest": SUPER_DIGEST,
    "clients.four_letter_words": "*",
}


# What `plain` servers leave at its default: no TTL nodes, quotas not enforced, no super user.
PLAIN_TROUPE = {"tree.extended_types": None, "tree.enforce_quota": None,
                "clients.super_digest": None}
PLAIN_ZOOKEEPER = {"zookeeper.extendedTypesEnabled": "false", "zookeeper.enforceQuota": "false",
                   "zookeeper.DigestAuthenticationProvider.superDigest": None}


class ServerError(RuntimeError):
    """The server did not do what it was told to; the message holds the tail of its log."""


def troupe_program():
    """Path of the troupe program, from TROUPE_PROGRAM or the release build."""
    return os.environ.get("TROUPE_PROGRAM", str(ROOT / "build" / "release" / "bin" / "troupe"))


def troupe_config(name="memory.yaml"):
    """Path of a shipped composition."""
    return str(ROOT / "configs" / name)


def four_letter(address, word, tail=b"", half_close=False, timeout_s=10.0):
    """Sends a four-letter word and returns everything the server writes before it closes."""
    with socket.create_connection(address, timeout=timeout_s) as link:
        link.sendall(word.encode() + tail)
        if half_close:
            with contextlib.suppress(OSError):  # the whole answer may be here and the end as well
                link.shutdown(socket.SHUT_WR)
        parts = []
        while True:
            part = link.recv(65536)
            if not part:
                return b"".join(parts).decode("utf-8", "replace")
            parts.append(part)


def wait_until(condition, what, timeout_s=20.0, poll_s=0.01):
    """Polls until `condition()` is true and returns its value; names `what` when it never is."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"gave up after {timeout_s:g} s waiting for: {what}")
        select.select([], [], [], poll_s)


def _serving(address):
    """True when the server answers `srvr` with its mode, or refuses `srvr` by its whitelist."""
    try:
        text = four_letter(address, "srvr", timeout_s=2.0)
    except OSError:
        return False
    return "Mode:" in text or "whitelist" in text


class Server:
    """One server process with its own directory; subclasses say how it is started."""

    kind = "server"

    def __init__(self, data_dir=None, port=None, keep=False):
        self._home = pathlib.Path(tempfile.mkdtemp(prefix=f"{self.kind}-"))
        self.data_dir = pathlib.Path(data_dir) if data_dir else self._home / "data"
        self.port = port or free_port()
        self.address = ("127.0.0.1", self.port)
        self.log_path = self._home / "server.log"
        self._keep = keep or bool(os.environ.get("CONFORMANCE_KEEP"))
        self._process = None

    @property
    def hosts(self):
        """The connect string of clients."""
        return f"{self.address[0]}:{self.address[1]}"

    @property
    def pid(self):
        return self._process.pid

    def command(self):
        """The argument list that starts the server."""
        raise NotImplementedError

    def start(self):
        """Starts the process and returns when it serves clients."""
        with open(self.log_path, "ab") as log:
            self._process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                cwd=self._home)
        deadline = time.monotonic() + START_DEADLINE_S
        while not _serving(self.address):
            if self._process.poll() is not None:
                raise ServerError(f"{self.kind} ended with exit code {self._process.returncode} "
                                  f"before it served; its log:\n{self.log_tail()}")
            if time.monotonic() > deadline:
                self.kill9()
                raise ServerError(f"{self.kind} did not serve port {self.port} within "
                                  f"{START_DEADLINE_S:g} s; its log:\n{self.log_tail()}")
            select.select([], [], [], 0.02)
        return self

    def running(self):
        return self._process is not None and self._process.poll() is None

    def stop(self):
        """Asks the process to end (SIGTERM) and returns its exit code."""
        if self._process is None:
            return None
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(STOP_DEADLINE_S)
            except subprocess.TimeoutExpired:
                self.kill9()
                raise ServerError(f"{self.kind} ignored SIGTERM for {STOP_DEADLINE_S:g} s; its "
                                  f"log:\n{self.log_tail()}") from None
        return self._process.returncode

    def kill9(self):
        """Ends the process the way a power switch would."""
        self._process.kill()
        self._process.wait()

    def pause(self):
        self._process.send_signal(signal.SIGSTOP)

    def unpause(self):
        self._process.send_signal(signal.SIGCONT)

    def log_tail(self, lines=60):
        """The end of what the server printed."""
        if not self.log_path.exists():
            return "(no log)"
        text = self.log_path.read_text("utf-8", "replace").splitlines()
        return "\n".join(text[-lines:])

    def remove(self):
        """Deletes the server's directory, unless CONFORMANCE_KEEP is set."""
        if not self._keep:
            shutil.rmtree(self._home, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        try:
            if kind is not None:
                print(f"---- end of the log of {self.kind} ({self.log_path}):\n{self.log_tail()}",
                      file=sys.stderr)
            self.stop()
        finally:
            self.remove()


class Troupe(Server):
    """The program under test. `options` override TROUPE_OPTIONS; None removes one.

    `file_limit` bounds its open files, soft and hard.
    """

    kind = "troupe"

    def __init__(self, config=None, options=None, file_limit=None, **kwargs):
        super().__init__(**kwargs)
        self._file_limit = file_limit
        self.config = config or os.environ.get("TROUPE_CONFIG") or troupe_config()
        self._options = dict(TROUPE_OPTIONS)
        self._options.update(options or {})

    def command(self):
        settings = {"clients.listen": self.hosts, "node.data_dir": str(self.data_dir)}
        # Servers of other tests run beside this one.
        text = pathlib.Path(self.config).read_text("utf-8")
        for kind, name in (("gateway.http", "http"), ("gateway.rpc", "native")):
            if kind in text:
                settings[f"{name}.listen"] = "127.0.0.1:0"
        settings.update({k: v for k, v in self._options.items() if v is not None})
        line = [troupe_program(), "run", self.config]
        if self._file_limit is not None:
            line = ["prlimit", f"--nofile={self._file_limit}", *line]
        for name, value in settings.items():
            line += ["--set", f"{name}={value}"]
        return line


class ZooKeeper(Server):
    """A standalone ZooKeeper of Debian's package, set up like TROUPE_OPTIONS."""

    kind = "zookeeper"

    def __init__(self, properties=None, **kwargs):
        super().__init__(**kwargs)
        self._properties = {
            "zookeeper.admin.enableServer": "false",
            "zookeeper.4lw.commands.whitelist": "*",
            "zookeeper.extendedTypesEnabled": "true",
            "zookeeper.enforceQuota": "true",
            "zookeeper.DigestAuthenticationProvider.superDigest": SUPER_DIGEST,
            "znode.container.checkIntervalMs": str(REAP_INTERVAL_MS),
            "zookeeper.preAllocSize": "1024",
            "org.slf4j.simpleLogger.defaultLogLevel": "warn",
        }
        self._properties.update(properties or {})

    @staticmethod
    def installed():
        """True when Debian's package and a Java are there."""
        return os.path.exists(JAVA) and os.path.exists(ZOOKEEPER_CLASSPATH.split(":")[0])

    def command(self):
        self.data_dir.mkdir(parents=True, exist_ok=True)
        config = self._home / "zoo.cfg"
        config.write_text(
            f"tickTime={TICK_MS}\n"
            f"minSessionTimeout={MIN_TIMEOUT_MS}\n"
            f"maxSessionTimeout={MAX_TIMEOUT_MS}\n"
            f"dataDir={self.data_dir}\n"
            "clientPortAddress=127.0.0.1\n"
            f"clientPort={self.port}\n"
            "maxClientCnxns=0\n")
        flags = [f"-D{k}={v}" for k, v in self._properties.items() if v is not None]
        return [JAVA, *JVM_FLAGS, *flags, "-cp", ZOOKEEPER_CLASSPATH,
                "org.apache.zookeeper.server.ZooKeeperServerMain", str(config)]


class External:
    """A server that somebody else runs."""

    kind = "external"

    def __init__(self, hosts):
        host, _, port = hosts.rpartition(":")
        self.address = (host, int(port))
        self.port = int(port)

    @property
    def hosts(self):
        return f"{self.address[0]}:{self.address[1]}"

    def start(self):
        wait_until(lambda: _serving(self.address), f"a server at {self.hosts}")
        return self

    def stop(self):
        return None

    def remove(self):
        pass

    def log_tail(self, lines=0):
        return "(the server runs elsewhere)"

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        return None


def chosen():
    """What CONFORMANCE_SERVER names: ``troupe``, ``zookeeper`` or ``host:port``."""
    return os.environ.get("CONFORMANCE_SERVER") or "troupe"


def make(which=None, config=None, options=None, properties=None, plain=False, **kwargs):
    """A server that is not started yet, of the kind named or chosen by the environment.

    `config` and `options` are for Troupe, `properties` for ZooKeeper; `plain` leaves the optional
    features off; an external server is what it is.
    """
    which = which or chosen()
    if which == "troupe":
        return Troupe(config, {**(PLAIN_TROUPE if plain else {}), **(options or {})}, **kwargs)
    if which == "zookeeper":
        return ZooKeeper({**(PLAIN_ZOOKEEPER if plain else {}), **(properties or {})}, **kwargs)
    return External(which)


@contextlib.contextmanager
def running(which=None, **kwargs):
    """A started server for the length of a with block."""
    with make(which, **kwargs) as server:
        yield server
