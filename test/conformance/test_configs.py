#!/usr/bin/python3
"""Every file in configs/ starts, serves and stops; and the program's other commands tell the truth.

TROUPE_CONFIG and CONFORMANCE_SERVER do not matter here: this is about what is shipped.
"""

import contextlib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest
from unittest import mock

from support import servers, wire
from support.case import main
from support.servers import STOP_DEADLINE_S, four_letter, wait_until

# Members of ensembles do not serve alone; test_ensemble_configs.py starts those.
ENSEMBLES = {"ensemble-3.yaml": 3, "ensemble-5.yaml": 5, "observers.yaml": 5, "three-sites.yaml": 9}
CONFIGS = sorted(file for file in (servers.ROOT / "configs").glob("*.yaml")
                 if file.name not in ENSEMBLES)
EXIT_OK, EXIT_USAGE, EXIT_TERMINATED_AT_ONCE = 0, 2, 128 + signal.SIGTERM
COMPONENT = re.compile(r"^  (\S+) \((\S+)\)(?: uses (.*))?$", re.MULTILINE)


def troupe(*arguments, cwd=None):
    """Runs a command of the program that ends by itself."""
    return subprocess.run([servers.troupe_program(), *map(str, arguments)], capture_output=True,
                          text=True, timeout=servers.START_DEADLINE_S, check=False, cwd=cwd)


def said(*arguments):
    """What a command prints that must succeed, without a word of complaint."""
    ended = troupe(*arguments)
    if ended.returncode != EXIT_OK or ended.stderr:
        raise AssertionError(f"troupe {' '.join(map(str, arguments))}: exit code "
                             f"{ended.returncode}: {ended.stderr}")
    return ended.stdout


def components_of(config):
    """Name, type and names of what it uses, of every component as `troupe check` lists them."""
    return [(name, kind, uses.split(", ") if uses else [])
            for name, kind, uses in COMPONENT.findall(said("check", config))]


class Shipped(servers.Troupe):
    """A server from a file as it stands; only its port and directory are ours."""

    def __init__(self, config, settings=()):
        super().__init__(config=str(config))
        self.components = components_of(config)
        gateways = [name for name, kind, _ in self.components if kind == "gateway.zookeeper"]
        self._settings = [f"{gateways[0]}.listen={self.hosts}", f"node.data_dir={self.data_dir}",
                          *(f"{name}.listen=127.0.0.1:0" for name, kind, _ in self.components
                            if kind in ("peer.tcp", "gateway.rpc")),
                          *settings]

    def command(self):
        line = [servers.troupe_program(), "run", self.config]
        for setting in self._settings:
            line += ["--set", setting]
        return line

    @property
    def keeps_data(self):
        return any(kind == "storage.wal" for _, kind, _ in self.components)

    @property
    def process(self):
        return self._process


class Manager:
    """A service manager as NOTIFY_SOCKET promises one: a datagram socket that is listened to."""

    def __init__(self, case):
        folder = tempfile.mkdtemp(prefix="notify-")
        case.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        self.path = os.path.join(folder, "socket")
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        case.addCleanup(self._socket.close)
        self._socket.bind(self.path)
        self._socket.settimeout(servers.START_DEADLINE_S)

    def environment(self):
        return mock.patch.dict(os.environ, {"NOTIFY_SOCKET": self.path})

    def next(self):
        return self._socket.recv(4096).decode()

    def nothing_more(self):
        self._socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            return self._socket.recv(4096).decode()
        return None


class ShippedCase(unittest.TestCase):

    def made(self, config, settings=()):
        """A server, not started, that is ended and removed after the test."""
        server = Shipped(config, settings)
        self.addCleanup(server.remove)
        self.addCleanup(lambda: server.running() and server.kill9())
        return server


class Start(ShippedCase):
    """Each file, from its start to its end."""

    def test_there_are_files(self):
        names = {config.name for config in CONFIGS}
        self.assertLessEqual({"single.yaml", "memory.yaml", "all-options.yaml"}, names)

    def test_one_file_for_all_members(self):
        for name, members in ENSEMBLES.items():
            for number in range(1, members + 1):
                with self.subTest(name, member=number):
                    graph = said("check", servers.ROOT / "configs" / name, "--set",
                                 f"node.id={number}")
                    self.assertIn("broadcast.zab", graph)

    def test_write_read_stop(self):
        for config in CONFIGS:
            with self.subTest(config.name):
                server = self.made(config).start()
                client = wire.Wire.open(server.address)
                client.ok(wire.create("/written", b"value"))
                self.assertEqual(client.ok(wire.get_data("/written"))["data"], b"value")
                client.close()
                self.assertEqual(server.stop(), EXIT_OK, server.log_tail())

    def test_what_is_there_after_a_restart(self):
        """All that was written, or, where the storage keeps nothing, nothing."""
        for config in CONFIGS:
            with self.subTest(config.name):
                server = self.made(config).start()
                client = wire.Wire.open(server.address)
                client.ok(wire.create("/written", b"value"))
                client.close()
                self.assertEqual(server.stop(), EXIT_OK, server.log_tail())
                client = wire.Wire.open(server.start().address)
                reply = client.call(wire.get_data("/written"))
                self.assertEqual(reply.err, 0 if server.keeps_data else -101)
                client.close()
                self.assertEqual(server.stop(), EXIT_OK, server.log_tail())

    def test_interrupt_stops_too(self):
        server = self.made(servers.troupe_config()).start()
        server.process.send_signal(signal.SIGINT)
        self.assertEqual(server.process.wait(STOP_DEADLINE_S), EXIT_OK, server.log_tail())

    def test_status_signal(self):
        server = self.made(servers.troupe_config("single.yaml")).start()
        server.process.send_signal(signal.SIGUSR2)
        for name, kind, _ in server.components:
            wait_until(lambda line=f"status component={name} type={kind} ready=true":
                       line in server.log_tail(), f"the status of {name}")
        self.assertEqual(server.stop(), EXIT_OK, server.log_tail())


class ServiceManager(ShippedCase):
    """What is told at NOTIFY_SOCKET, and when."""

    def test_ready_and_stopping(self):
        manager = Manager(self)
        server = self.made(servers.troupe_config("single.yaml"))
        with manager.environment():
            server.start()
        self.assertEqual(manager.next(), "READY=1")
        client = wire.Wire.open(server.address)  # ready means: takes clients
        client.ok(wire.create("/written", b"value"))
        client.close()
        self.assertEqual(server.stop(), EXIT_OK, server.log_tail())
        self.assertEqual(manager.next(), "STOPPING=1")
        self.assertIsNone(manager.nothing_more())

    def test_a_manager_that_is_gone_hinders_nobody(self):
        server = self.made(servers.troupe_config())
        nobody = str(server.data_dir.parent / "nobody")
        with mock.patch.dict(os.environ, {"NOTIFY_SOCKET": nobody}):
            server.start()
        self.assertIn("notify_failed", server.log_tail())
        self.assertEqual(server.stop(), EXIT_OK, server.log_tail())

    def test_second_signal_ends_at_once(self):
        """A client that takes no answers keeps the server draining; the second signal does not."""
        manager = Manager(self)
        # More than any kernel keeps for one connection, and the server may keep the rest.
        server = self.made(servers.troupe_config(), ["clients.max_unsent_bytes=128MiB",
                                                     "clients.max_unsent_event_bytes=128MiB"])
        with manager.environment():
            server.start()
        self.assertEqual(manager.next(), "READY=1")
        answers = 64
        client = wire.Wire.open(server.address)
        self.addCleanup(client.drop)
        client.ok(wire.create("/large", b"x" * 900_000))
        client.send_bytes(b"".join(client.encode(wire.get_data("/large"))[1]
                                   for _ in range(answers)))
        sent = re.compile(rf"sent=(\d+),sid={client.session_id:#x},")
        wait_until(lambda: int(sent.search(four_letter(server.address, "cons"))[1]) > answers,
                   "all answers to be made")
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(manager.next(), "STOPPING=1")
        self.assertTrue(server.running(), server.log_tail())
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(STOP_DEADLINE_S), EXIT_TERMINATED_AT_ONCE)
        self.assertIn("stopped_at_once signal=15", server.log_tail())


class Commands(unittest.TestCase):
    """The commands that start nothing."""

    def test_check(self):
        for config in CONFIGS:
            with self.subTest(config.name):
                found = components_of(config)
                self.assertTrue(said("check", config).startswith(
                    f"{config}: ok, {len(found)} components\n"))
                names = [name for name, _, _ in found]
                for _, _, uses in found:
                    self.assertLessEqual(set(uses), set(names))

    def test_check_and_run_refuse_with_exit_code_2(self):
        with tempfile.TemporaryDirectory() as home:
            config = pathlib.Path(home) / "wrong.yaml"
            config.write_text("troupe: 1\nnode: { id: 0, data_dir: ./data }\n", "utf-8")
            for command in ("check", "run", "graph"):
                ended = troupe(command, config, cwd=home)
                self.assertEqual((ended.returncode, ended.stdout), (EXIT_USAGE, ""))
                self.assertIn(f"{config}:2:", ended.stderr)
            self.assertFalse((pathlib.Path(home) / "data").exists())

    def test_graph_in_both_formats(self):
        for config in CONFIGS:
            with self.subTest(config.name):
                found = components_of(config)
                wires = sum(len(uses) for _, _, uses in found)
                mermaid = said("graph", config)
                self.assertEqual(mermaid, said("graph", config, "--format", "mermaid"))
                self.assertTrue(mermaid.startswith("flowchart TD\n"))
                self.assertEqual(mermaid.count("-->"), wires)
                dot = said("graph", config, "--format", "dot")
                self.assertRegex(dot, r"\Adigraph \w+ \{\n(?s:.*)\}\n\Z")
                self.assertEqual(dot.count(" -> "), wires)
                for name, kind, uses in found:
                    self.assertIn(f'["{name}<br/>{kind}"]', mermaid)
                    for used in uses:
                        self.assertIn(f'"{name}" -> "{used}"', dot)

    def test_describe_each_type(self):
        types = re.findall(r"^  (\w+\.\w+) +\S", said("describe"), re.MULTILINE)
        self.assertIn("gateway.zookeeper", types)
        for kind in types:
            with self.subTest(kind):
                text = said("describe", kind)
                self.assertTrue(text.startswith(f"{kind}: "))
                for part in ("gives ", "needs ", "on failure "):
                    self.assertRegex(text, rf"(?m)^{part}")
                self.assertTrue(said("describe", kind, "--format", "yaml")
                                .startswith(f"{kind}:\n"))

    def test_describe_nothing_known(self):
        ended = troupe("describe", "tree.znod")
        self.assertEqual((ended.returncode, ended.stdout), (EXIT_USAGE, ""))
        self.assertIn('did you mean "tree.znode"?', ended.stderr)

    def test_all_options_are_what_the_program_has(self):
        shipped = (servers.ROOT / "configs" / "all-options.yaml").read_text("utf-8")
        self.assertEqual(shipped, said("describe", "--all-options"),
                         "run `troupe describe --all-options > configs/all-options.yaml`")

    def test_version(self):
        lines = said("version").splitlines()
        self.assertRegex(lines[0], r"^troupe \d+\.\d+\.\d+")
        for name in ("compiler", "CAF", "Cap'n Proto", "deployment format", "log format"):
            self.assertEqual(sum(line.startswith(f"{name}  ") for line in lines), 1, name)

    def test_wrong_command_lines(self):
        for arguments in ((), ("dance",), ("run",), ("check", "--nothing"),
                          ("graph", CONFIGS[0], "--format", "png")):
            with self.subTest(arguments):
                ended = troupe(*arguments)
                self.assertEqual(ended.returncode, EXIT_USAGE, ended.stderr)
                self.assertTrue(ended.stderr.strip())


if __name__ == "__main__":
    main()
