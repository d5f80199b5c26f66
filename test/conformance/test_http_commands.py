#!/usr/bin/python3
"""/commands: compared with the four-letter words of the same server, and its field names with those
of a real ZooKeeper's AdminServer."""

import json
import os
import re
import unittest

from support import servers, wire
from support.case import main
from support.http import Http, HttpCase
from support.ports import free_port

COMMANDS = {
    "configuration": ("conf", "config"), "connection_stat_reset": ("crst",),
    "connections": ("cons",), "dirs": (), "dump": (), "environment": ("env", "envi"),
    "get_trace_mask": ("gtmk",), "hash": (), "initial_configuration": ("icfg",),
    "is_read_only": ("isro",), "last_snapshot": ("lsnp",), "leader": ("lead",),
    "monitor": ("mntr",), "observer_connection_stat_reset": ("orst",), "observers": ("obsr",),
    "ruok": (), "server_stats": ("srvr",), "set_trace_mask": ("stmk",), "stat_reset": ("srst",),
    "stats": ("stat",), "system_properties": ("sysp",), "voting_view": (),
    "watch_summary": ("wchs",), "watches": ("wchc",), "watches_by_path": ("wchp",), "zabstate": ()}

# What a real server says and we do not, because there is nothing like it here.
LEFT_OUT = {
    "server_stats": {"client_response", "client_response_stats", "last_buffer_size",
                     "min_buffer_size", "max_buffer_size", "fsync_threshold_exceed_count",
                     "provider_null", "non_mtlsremote_conn_count", "non_mtlslocal_conn_count"},
    "initial_configuration": {"initial_configuration"},
}
LEFT_OUT["stats"] = LEFT_OUT["server_stats"]
# Their names are the machine's, or the JVM's, and there are hundreds in monitor.
NAMES_DIFFER = {"environment", "system_properties", "monitor", "hash"}
MONITOR = {"version", "server_state", "ephemerals_count", "num_alive_connections", "avg_latency",
           "outstanding_requests", "znode_count", "global_sessions", "packets_sent",
           "packets_received", "watch_count", "auth_failed_count", "min_latency",
           "max_file_descriptor_count", "approximate_data_size", "open_file_descriptor_count",
           "local_sessions", "uptime", "max_latency", "connection_rejected",
           "bytes_received_count", "sessionless_connections_expired"}
NOT_THEIRS = {"digests", "zxid", "digest", "accept_failed_count", "held_bytes"}
JARS = ("jetty9-server", "jetty9-servlet", "jetty9-http", "jetty9-io", "jetty9-util",
        "jetty9-security", "jetty9-util-ajax", "servlet-api", "jackson-core",
        "jackson-databind", "jackson-annotations")


def signed(number):
    """A session id as Java prints it."""
    return number - (1 << 64) if number >> 63 else number


def names_of(document):
    """All keys of a document but those that are data."""
    found = set()
    for key, value in document.items():
        if re.fullmatch(r"-?\d+|/.*", key):
            continue
        found.add(key)
        for inner in (value if isinstance(value, list) else [value]):
            if isinstance(inner, dict):
                found |= names_of(inner)
    return found


class Commands(HttpCase):

    def test_index(self):
        status, headers, body = self.http.get("/commands")
        self.assertEqual(status, 200)
        self.assertTrue(headers["Content-Type"].startswith("text/html"))
        self.assertEqual(re.findall(r'<a href="/commands/(\w+)">', body), sorted(COMMANDS))
        self.assertEqual(self.http.get("/commands/")[2], body)

    def test_every_name_and_alias(self):
        for name, aliases in COMMANDS.items():
            for one in (name, *aliases):
                answer = self.http.command(one)
                self.assertEqual(answer["command"], name, one)
                failing = name in ("leader", "initial_configuration", "set_trace_mask")
                self.assertEqual(answer["error"] is not None, failing, answer)

    def test_unknown_command(self):
        for name in ("nosuch", "ruok/a", "%00", "%ff"):
            answer = self.http.json(f"/commands/{name}")
            self.assertTrue(answer["error"].startswith("Unknown command: "), answer)
        self.assertEqual(self.http.command("nosuch")["command"], "nosuch")

    def test_monitor_says_what_mntr_says(self):
        self.wire().call(wire.exists("/", watch=True))
        command = self.http.command("mntr")
        word = dict(line.removeprefix("zk_").split("\t") for line in self.ask("mntr").splitlines())
        self.assertEqual(list(command)[:-2], list(word))
        for name in ("version", "znode_count", "watch_count", "ephemerals_count", "server_state",
                     "approximate_data_size", "global_sessions", "max_file_descriptor_count"):
            self.assertEqual(str(command[name]), word[name], name)
        for name, value in command.items():
            if name not in ("version", "server_state", "command", "error"):
                self.assertIsInstance(value, int, name)

    def test_server_stats_say_what_srvr_says(self):
        session = self.wire()
        session.call(wire.exists("/"))
        command = self.http.command("srvr")
        word = self.ask("srvr")
        self.assertIn(f"Node count: {command['node_count']}\n", word)
        self.assertIn(f"Zookeeper version: {command['version']}\n", word)
        stats = command["server_stats"]
        self.assertIn(f"Mode: {stats['server_state']}\n", word)
        self.assertEqual(int(re.search("Zxid: (0x[0-9a-f]+)", word)[1], 16),
                         stats["last_processed_zxid"])
        self.assertGreater(stats["data_dir_size"], 0)
        self.assertEqual(self.http.command("dirs")["datadir_size"], stats["data_dir_size"])

    def test_connections_say_what_cons_says(self):
        session = self.wire()
        session.call(wire.exists("/"))
        shown = {one.get("session_id"): one for one in self.http.command("cons")["connections"]}
        mine = shown[signed(session.session_id)]
        line = [one for one in self.ask("cons").splitlines()
                if f"sid={session.session_id:#x}," in one][0]
        self.assertIn(f"/{mine['remote_socket_address']}[", line)
        for field, key in (("recved", "packets_received"), ("sent", "packets_sent"),
                           ("lop", "last_operation"),
                           ("to", "session_timeout"), ("maxlat", "max_latency")):
            self.assertIn(f"{field}={mine[key]},", line.replace(")", ","))

    def test_configuration_says_what_conf_says(self):
        command = self.http.command("conf")
        word = dict(line.split("=", 1) for line in self.ask("conf").splitlines())
        self.assertEqual(command["client_port"], self.server.port)
        for name, key in (("tickTime", "tick_time"), ("maxSessionTimeout", "max_session_timeout"),
                          ("minSessionTimeout", "min_session_timeout"), ("dataDir", "data_dir"),
                          ("maxClientCnxns", "max_client_cnxns")):
            self.assertEqual(str(command[key]), word[name])

    def test_dump_and_watches(self):
        session = self.wire()
        session.ok(wire.create("/eph", b"", flags=1))
        session.call(wire.exists("/eph", watch=True))
        number = str(signed(session.session_id))
        dump = self.http.command("dump")
        self.assertEqual(dump["session_id_to_ephemeral_paths"][number], ["/eph"])
        self.assertIn(int(number), sum(dump["expiry_time_to_session_ids"].values(), []))
        self.assertNotIn("truncated", dump)
        self.assertEqual(self.http.command("wchc")["session_id_to_watched_paths"][number], ["/eph"])
        self.assertEqual(self.http.command("wchp")["path_to_session_ids"]["/eph"], [int(number)])
        summary = self.http.command("wchs")
        self.assertEqual(self.ask("wchs"),
                         f"{summary['num_connections']} connections watching "
                         f"{summary['num_paths']} paths\n"
                         f"Total watches:{summary['num_total_watches']}\n")
        session.ok(wire.delete("/eph"))

    def test_resets(self):
        session = self.wire()
        for _ in range(20):
            session.call(wire.exists("/"))
        self.http.command("srst")
        self.assertLess(self.http.command("srvr")["server_stats"]["packets_received"], 20)
        self.http.command("crst")
        shown = {one.get("session_id"): one for one in self.http.command("cons")["connections"]}
        self.assertEqual(shown[signed(session.session_id)]["packets_received"], 0)

    def test_trace_mask(self):
        self.assertEqual(self.http.command("set_trace_mask?traceMask=16")["tracemask"], 16)
        self.assertEqual(self.http.command("gtmk")["tracemask"], 16)
        self.assertEqual(self.ask("gtmk"), "16")
        for bad in ("", "?traceMask=", "?traceMask=x", "?traceMask=1x", "?tracemask=1"):
            self.assertEqual(self.http.command("stmk" + bad)["error"],
                             "setTraceMask requires long traceMask argument")


class LongLists(HttpCase):
    """Lists end after max_list_entries, and say so."""

    options = {"http.max_list_entries": "3"}

    def test_cut(self):
        sessions = [self.wire() for _ in range(6)]
        for number, session in enumerate(sessions):
            session.ok(wire.create(f"/cut{number}", b"", flags=1))
            session.call(wire.exists(f"/cut{number}", watch=True))
        for name, lists in (("cons", ["connections"]), ("stat", ["connections"]),
                            ("dump", ["expiry_time_to_session_ids",
                                      "session_id_to_ephemeral_paths"]),
                            ("wchc", ["session_id_to_watched_paths"]),
                            ("wchp", ["path_to_session_ids"])):
            with self.subTest(command=name):
                answer = self.http.command(name)
                self.assertTrue(answer["truncated"])
                for one in lists:
                    self.assertLessEqual(len(answer[one]), 3)
        self.assertEqual(self.http.command("wchs")["num_total_watches"], 6)
        for number, session in enumerate(sessions):
            session.ok(wire.delete(f"/cut{number}"))


class RealAdminServer(servers.ZooKeeper):
    """Debian's ZooKeeper with the AdminServer that its package can run when Jetty is there."""

    def __init__(self, admin_port):
        super().__init__({"zookeeper.admin.enableServer": "true",
                          "zookeeper.admin.serverAddress": "127.0.0.1",
                          "zookeeper.admin.serverPort": str(admin_port)})

    @staticmethod
    def installed():
        return servers.ZooKeeper.installed() and all(
            os.path.exists(f"/usr/share/java/{jar}.jar") for jar in JARS)

    def command(self):
        line = super().command()
        at = line.index("-cp") + 1
        line[at] = ":".join([line[at], *(f"/usr/share/java/{jar}.jar" for jar in JARS)])
        return line


@unittest.skipUnless(RealAdminServer.installed(), "ZooKeeper or Jetty is not installed")
class BesideZooKeeper(HttpCase):
    """The same commands, asked of both after the same requests, have the same fields."""

    def prepare(self, address):
        session = wire.Wire.open(address)
        self.addCleanup(self._end_session, session)
        session.ok(wire.create("/beside", b"", flags=1))
        session.call(wire.exists("/beside", watch=True))

    def test_fields(self):
        port = free_port()
        with RealAdminServer(port) as zookeeper:
            theirs = Http(port)
            servers.wait_until(lambda: theirs.answers("/commands/ruok"), "the AdminServer")
            self.prepare(self.address)
            self.prepare(zookeeper.address)
            self.assertEqual(set(re.findall(r'"/commands/(\w+)"', theirs.get("/commands")[2])),
                             set(COMMANDS))
            for name, aliases in COMMANDS.items():
                for one in (name, *aliases):
                    real, ours = json.loads(theirs.get(f"/commands/{one}")[2]), self.http.command(one)
                    self.compare(name, real, ours)

    def compare(self, name, real, ours):
        with self.subTest(command=name):
            self.assertEqual(real["command"], ours["command"])
            if name in NAMES_DIFFER:
                expected = MONITOR if name == "monitor" else {"command", "error"}
                self.assertLessEqual(expected, names_of(ours))
                self.assertLessEqual(names_of(ours), names_of(real) | NOT_THEIRS)
                return
            self.assertEqual(names_of(real) - LEFT_OUT.get(name, set()), names_of(ours))
            if name not in LEFT_OUT:
                self.assertEqual(real["error"] is None, ours["error"] is None)


if __name__ == "__main__":
    main()
